"""The sandbox's command line."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from deploy.sandbox.clock import HandClock
from deploy.sandbox.playground import pairs, parse
from deploy.sandbox.world import World


def test_a_world_runs_at_the_speed_that_is_asked_for() -> None:
    assert parse(["--speed", "60", "--seed", "4"]).speed == 60
    assert parse([]).speed == 1


@pytest.mark.parametrize("word", ["0", "0.5", "601", "nan", "inf", "-1", "fast", ""])
def test_a_speed_that_is_none_gets_a_sentence(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--speed", word])
    assert f"argument --speed: {word} is not a number from 1 to 600" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["0", "0.09", "10001", "nan", "1e-300", "-1", "fast", ""])
def test_a_replays_speed_that_is_none_gets_a_sentence(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--replay-speed", word])
    assert f"argument --replay-speed: {word} is not a number from 0.1 to 10000" in capsys.readouterr().err


async def test_dexscreener_answers_300_requests_a_minute_and_no_more() -> None:
    async with pairs(World(1, HandClock())) as api, aiohttp.ClientSession(api.url) as session:

        async def asked() -> int:
            async with session.get("/tokens/v1/solana/nobody") as answer:
                return answer.status

        assert set(await asyncio.gather(*(asked() for _ in range(300)))) == {200}
        assert await asked() == 429


def test_a_replays_speed_without_a_replay_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--replay-speed", "10"])
    assert "--replay-speed needs --replay FILE" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--port", "--health-port"])
def test_a_port_that_is_none_or_taken_gets_a_sentence(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit):
        parse([option, str(taken.getsockname()[1])])
    assert "is no port that is free here (Address already in use)" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parse([option, "many"])
    assert "many is no port: name a number from 1 to 65535" in capsys.readouterr().err
