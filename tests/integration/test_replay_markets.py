"""What the markets tell beside a recording, and what they make of a hostile one."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp

from bot.masking import Mask
from bot.recording import Recording
from deploy.sandbox.clock import HandClock
from deploy.sandbox.gates import OVERVIEW
from deploy.sandbox.playback import Playback
from deploy.sandbox.recorded import Recorded, recorded
from engine.http import Answer
from tests.integration.replay_scene import KEY, LATER, ONE, TWO, run, scene
from tests.made import NOON


async def test_what_a_server_cannot_tell_is_left_out_of_recorded_answers(tmp_path: Path) -> None:
    hostile = {
        "Content-Type": "\r\nx",
        "Content-Length": "5",
        "Transfer-Encoding": "chunked",
        "retry-after": "1\r\nSet-Cookie: x",
        "x-credits-used": 15,
        "x-ratelimit-limit": "9" * 101,
        "x-ratelimit-remaining": "\ud800",
    }
    head = {"format": "tothemoon-recording", "version": 1, "started_at": NOON.isoformat()}
    told = {"source": "birdeye", "path": OVERVIEW, "query": {"address": ONE}, "headers": hostile}
    bodies: list[dict[str, object]] = [
        {"status": 200, "body": {"data": "\ud800"}},
        {"status": 502, "text": "<\ud800>"},
        {"status": 204, "body": 7},
    ]
    lines = [head, {"t": 0, "source": "pumpportal", "frame": {}}]
    lines += [{"t": number, **told, **body} for number, body in enumerate(bodies)]
    (tmp_path / "run.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found, clock = recorded(str(tmp_path / "run.jsonl")), HandClock()
    assert isinstance(found, Recorded)
    async with scene(clock) as now, aiohttp.ClientSession(headers={"X-API-KEY": KEY}) as session:
        now.play(Playback(found, clock))
        for status, text in ((200, '{"data": "\\ud800"}'), (502, "<?>"), (204, "")):
            async with session.get(f"{now.birdeye_api.url}{OVERVIEW}?address={ONE}") as answer:
                assert (answer.status, await answer.text()) == (status, text)
                assert answer.headers["x-credits-used"] == "15"
                assert not {"retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "set-cookie"} & {
                    name.lower() for name in answer.headers
                }
            clock.move(1)


async def test_a_token_of_the_panel_is_known_to_both_markets_beside_the_recorded_ones(tmp_path: Path) -> None:
    then = await run(tmp_path / "run.jsonl")
    clock = HandClock(NOON + LATER)
    async with scene(clock) as now:
        now.play(Playback(then.recorded, clock))
        panels = now.world.migrate().mint
        clock.move(20)
        assert (await now.look(panels)).price is not None
        found = await now.glance(panels, ONE)
        assert (set(found), found[ONE].figures) == ({panels, ONE}, then.glances[0][ONE].figures)
        assert found[panels].price == (await now.look(panels)).price


async def test_a_replay_keeps_to_the_shape_of_the_path_and_to_the_cap(tmp_path: Path) -> None:
    with Recording(tmp_path / "run.jsonl", Mask(), HandClock()) as recording:
        recording.frame(b"{}")
        hear = recording.answers("dexscreener", "")
        for mint in (ONE, TWO):
            pairs = [{"pairAddress": f"{mint}{number}", "baseToken": {"address": mint}} for number in range(20)]
            hear(f"/tokens/v1/solana/{mint}", {}, Answer(200, {}, pairs, ""))
    found, clock = recorded(str(tmp_path / "run.jsonl")), HandClock()
    assert isinstance(found, Recorded)
    async with scene(clock) as now, aiohttp.ClientSession() as session:
        now.play(Playback(found, clock))
        async with session.get(f"{now.dexscreener_api.url}/tokens/v1/solana/{ONE},{TWO}") as answer:
            bare = await answer.json()
        async with session.get(f"{now.dexscreener_api.url}/latest/dex/tokens/{ONE},{TWO}") as answer:
            assert await answer.json() == {"schemaVersion": "1.0.0", "pairs": bare}
        assert len(bare) == 30
