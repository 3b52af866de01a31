from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest
import stamina
from aiohttp import web

from engine.errors import ProviderDown
from engine.heartbeat import Heartbeat
from engine.http import MAX_BODY_BYTES, Answer, JsonClient
from tests.hosting import hosting
from tests.waiting import until

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server on loopback that answers everything with `handler`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with hosting(app) as url:
        yield url


class Server:
    """Answers with the given statuses one after another (the last one for ever) and counts the requests."""

    def __init__(self, *statuses: int, body: bytes = b'{"n": 1}', headers: dict[str, str] | None = None) -> None:
        self.statuses = list(statuses) or [200]
        self.body = body
        self.headers = headers or {"Content-Type": "application/json"}
        self.asked: list[str] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status, body=self.body, headers=self.headers)


@pytest.fixture(autouse=True)
def _no_pause_between_attempts() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


async def test_an_answer_tells_the_start_of_what_is_no_json() -> None:
    server = Server(body="é".encode() * 5_000)
    async with serving(server) as url, JsonClient(Heartbeat()) as client:
        answer = await client.get(url, {})
    assert (answer.body, answer.text) == (None, "é" * 2_000)


async def test_an_answer_carries_status_headers_and_parsed_body() -> None:
    server = Server(headers={"Content-Type": "application/json", "X-Credits-Used": "15"})
    async with serving(server) as url, JsonClient(Heartbeat()) as client:
        answer = await client.get(url + "/a", {"q": "1"}, headers={"X-API-KEY": "k"})
    assert (answer.status, answer.body, answer.text) == (200, {"n": 1}, '{"n": 1}')
    assert answer.headers["x-credits-used"] == "15"
    assert server.asked == ["/a?q=1"]


async def test_the_cache_is_keyed_by_url_and_parameters_in_any_order_but_not_by_headers() -> None:
    server = Server()
    async with serving(server) as url, JsonClient(Heartbeat()) as client:
        await client.get(url + "/a", {"x": "1", "y": "2"}, headers={"k": "1"})
        await client.get(url + "/a", {"y": "2", "x": "1"}, headers={"k": "2"})
        assert len(server.asked) == 1
        await client.get(url + "/a", {"x": "1", "y": "3"})
        await client.get(url + "/b", {"x": "1", "y": "2"})
    assert len(server.asked) == 3


async def test_fresh_bypasses_the_cache_and_refills_it() -> None:
    server = Server()
    async with serving(server) as url, JsonClient(Heartbeat()) as client:
        await client.get(url, {})
        server.body = b'{"n": 2}'
        fresh = await client.get(url, {}, fresh=True)
        cached = await client.get(url, {})
    assert fresh.body == cached.body == {"n": 2}
    assert len(server.asked) == 2


async def test_a_ttl_of_zero_means_no_cache() -> None:
    server = Server()
    async with serving(server) as url, JsonClient(Heartbeat(), ttl_seconds=0) as client:
        await client.get(url, {})
        await client.get(url, {})
    assert len(server.asked) == 2


async def test_a_cached_answer_grows_old() -> None:
    server = Server()
    async with serving(server) as url, JsonClient(Heartbeat(), ttl_seconds=0.05) as client:

        async def asked_again() -> bool:
            await client.get(url, {})
            return len(server.asked) == 2

        await until(asked_again, what="the cached answer to expire")


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"{}"), (429, b"{}"), (200, b"<html>"), (204, b""), (500, b"{}")], ids=repr
)
async def test_only_good_answers_are_cached(status: int, body: bytes) -> None:
    server = Server(status, body=body)
    async with serving(server) as url, JsonClient(Heartbeat()) as client:
        first = await client.get(url, {})
        asked = len(server.asked)
        await client.get(url, {})
    assert first.status == status
    assert len(server.asked) == 2 * asked


async def test_a_failing_server_is_asked_three_times_and_then_its_answer_is_given() -> None:
    server, heartbeat = Server(500, 503, 555), Heartbeat()
    async with serving(server) as url, JsonClient(heartbeat) as client:
        answer = await client.get(url, {})
    assert answer.status == 555
    assert len(server.asked) == 3
    assert heartbeat.counts["http_request", "127.0.0.1 5xx"] == 3


async def test_a_server_that_recovers_is_heard() -> None:
    server = Server(500, 200)
    async with serving(server) as url, JsonClient(Heartbeat()) as client:
        assert (await client.get(url, {})).body == {"n": 1}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
async def test_a_refusal_is_not_repeated(status: int) -> None:
    server, heartbeat = Server(status), Heartbeat()
    async with serving(server) as url, JsonClient(heartbeat) as client:
        assert (await client.get(url, {})).status == status
    assert len(server.asked) == 1
    assert heartbeat.counts["http_request", "127.0.0.1 4xx"] == 1


@pytest.mark.parametrize(
    "body",
    [b"<!doctype html>", b"", b"\xff\xfe", b"[" * 50_000, b"9" * 5_000, b"1" * (MAX_BODY_BYTES + 1), b'{"a": 1} x'],
    ids=["html", "empty", "not utf-8", "too deep", "too many digits", "too long", "trailing"],
)
async def test_a_body_that_is_not_json_is_none(body: bytes) -> None:
    async with serving(Server(body=body)) as url, JsonClient(Heartbeat()) as client:
        answer = await client.get(url, {})
    assert (answer.status, answer.body) == (200, None)


async def test_a_small_body_that_unpacks_into_a_huge_one_is_not_taken_in() -> None:
    bomb = gzip.compress(b'"' + b"a" * 50_000_000 + b'"')
    server = Server(body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})
    async with serving(server) as url, JsonClient(Heartbeat()) as client:
        assert (await client.get(url, {})).body is None


async def test_an_endless_body_is_not_read_to_the_end() -> None:
    async def pour(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b" " * 65_536)
        return response

    async with serving(pour) as url, JsonClient(Heartbeat(), timeout_seconds=5) as client:
        answer = await client.get(url, {})
    assert (answer.status, answer.body) == (200, None)


async def test_a_redirect_is_not_followed() -> None:
    server = Server(302, headers={"Location": "/elsewhere"})
    async with serving(server) as url, JsonClient(Heartbeat()) as client:
        assert (await client.get(url + "/here", {})).status == 302
    assert server.asked == ["/here"]


async def test_a_silent_server_is_given_up_without_telling_the_query() -> None:
    over = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    heartbeat = Heartbeat()
    async with serving(hang) as url, JsonClient(heartbeat, timeout_seconds=0.05) as client:
        with pytest.raises(ProviderDown) as caught:
            await client.get(url, {"key": "s3cret"}, headers={"X-API-KEY": "s3cret"})
        over.set()
    assert str(caught.value) == "127.0.0.1 could not be asked: no answer within 0.05 s"
    assert heartbeat.counts["http_request", "127.0.0.1 timeout"] == 3


async def test_a_closed_port_and_a_broken_server_end_as_provider_down() -> None:
    async def slam(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{placeholder.getsockname()[1]}"
        async with serving(slam) as slamming, JsonClient(Heartbeat()) as client:
            for url in (closed, slamming):
                with pytest.raises(ProviderDown) as caught:
                    await client.get(url, {"key": "s3cret"})
                assert "s3cret" not in str(caught.value)


async def test_no_more_requests_are_on_the_wire_than_allowed() -> None:
    busy = most = 0
    go = asyncio.Event()

    async def handler(_: web.Request) -> web.StreamResponse:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await go.wait()
        busy -= 1
        return web.json_response({})

    async with (
        serving(handler) as url,
        JsonClient(Heartbeat(), max_concurrency=3) as client,
        asyncio.TaskGroup() as group,
    ):
        for n in range(9):
            group.create_task(client.get(url, {"n": str(n)}))
        await until(lambda: busy == 3, what="three requests to be under way")
        go.set()
    assert most == 3


async def test_a_request_that_backs_off_leaves_its_slot_to_others() -> None:
    broken = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/broken":
            broken.set()
            return web.Response(status=500)
        return web.json_response({"ok": True})

    stamina.set_testing(False)
    async with serving(handler) as url, JsonClient(Heartbeat(), max_concurrency=1, backoff_seconds=30) as client:
        waiting = asyncio.create_task(client.get(url + "/broken", {}))
        await broken.wait()
        async with asyncio.timeout(10):
            assert (await client.get(url + "/fine", {})).body == {"ok": True}
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting])


async def test_a_session_handed_in_stays_open() -> None:
    server = Server()
    async with serving(server) as url, aiohttp.ClientSession() as session:
        async with JsonClient(Heartbeat(), session=session) as client:
            await client.get(url, {})
        assert not session.closed


async def test_who_listens_in_is_told_every_answer_over_the_wire_and_none_of_the_cache() -> None:
    overheard: list[tuple[str, dict[str, str], int, object]] = []

    def overhear(url: str, params: Mapping[str, str], answer: Answer) -> None:
        overheard.append((url, dict(params), answer.status, answer.body))

    async with serving(Server(500, 200)) as url, JsonClient(Heartbeat(), overhear=overhear) as client:
        for _ in range(2):
            await client.get(f"{url}/x", {"address": "M"})
    assert overheard == [(f"{url}/x", {"address": "M"}, status, {"n": 1}) for status in (500, 200)]
