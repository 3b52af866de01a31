"""Who may not use the page: other sites, other names of this machine, orders that are no JSON. And wrong values."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from deploy.sandbox.chat import ChatPage, Outside
from deploy.sandbox.chat.server import PAGE
from deploy.sandbox.company import ADA, CHANNEL, GROUP, YOU

SAY = {"user_id": YOU, "chat_id": YOU, "text": "/top"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:1"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/events", "/api/say", "/api/upgrade"])
async def test_a_foreign_page_gets_nothing_and_orders_nothing(
    browser: aiohttp.ClientSession, outside: Outside, headers: dict[str, str], path: str
) -> None:
    before = len(outside.telegram.world.messages[YOU])
    method = "POST" if path.startswith("/api/") else "GET"
    async with browser.request(method, path, json=SAY if method == "POST" else None, headers=headers) as answer:
        assert answer.status == 403
        assert "only be used from this machine" in await answer.text()
    assert len(outside.telegram.world.messages[YOU]) == before


async def test_the_page_itself_may_order_by_either_name_of_this_machine(
    browser: aiohttp.ClientSession, page: ChatPage
) -> None:
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{page.url.rpartition(':')[2].strip('/')}"
        headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        async with browser.post("/api/say", json=SAY, headers=headers) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_an_order_that_a_foreign_form_could_send_is_refused(browser: aiohttp.ClientSession, kind: str) -> None:
    async with browser.post("/api/say", data=b'{"user_id": 1}', headers={"Content-Type": kind}) as answer:
        assert answer.status == 415


@pytest.mark.parametrize("path", ["/", "/app.js", "/nothing", "/../server.py", "/photos/none", "/api/say"])
async def test_every_answer_tells_the_browser_what_it_may_not_do(browser: aiohttp.ClientSession, path: str) -> None:
    async with browser.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "://" not in policy


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("say", [], "send a JSON object"),
        ("say", {"chat_id": YOU, "text": "x"}, "user_id is missing"),
        ("say", {"user_id": True, "chat_id": YOU, "text": "x"}, "user_id is missing or not of type int"),
        ("say", {"user_id": 5, "chat_id": YOU, "text": "x"}, "there is no person 5"),
        ("say", {"user_id": YOU, "chat_id": 5, "text": "x"}, "there is no chat 5"),
        ("say", {"user_id": YOU, "chat_id": ADA, "text": "x"}, "this person is not in this chat"),
        ("say", {"user_id": YOU, "chat_id": CHANNEL, "text": "x"}, "You may not write in this channel"),
        ("say", {"user_id": YOU, "chat_id": YOU, "text": " "}, "text is empty"),
        ("say", {"user_id": YOU, "chat_id": YOU, "text": "x" * 4097}, "longer than 4096"),
        ("say", {"user_id": YOU, "chat_id": YOU, "text": "\ud83d"}, "half a character"),
        ("tap", {"user_id": YOU, "chat_id": YOU, "message_id": 10**9, "row": 0, "column": 0}, "gone"),
        ("tap", {"user_id": YOU, "chat_id": YOU, "message_id": 1, "row": -1, "column": 0}, "row is negative"),
        ("tap", {"user_id": YOU, "chat_id": YOU, "message_id": 1, "row": 0, "column": 9}, "no such button"),
        ("language", {"user_id": YOU, "language": "xx"}, "language is one of en, ru"),
        ("menu", {"user_id": YOU, "chat_id": "x"}, "chat_id is missing"),
        ("inline", {"user_id": YOU, "chat_id": YOU, "text": "\ud83d"}, "half a character"),
        ("inline", {"user_id": YOU, "chat_id": YOU, "text": "x" * 257}, "longer than 256"),
        ("choose", {"user_id": YOU, "chat_id": YOU, "query": "1", "result": "1"}, "ask again"),
        ("upgrade", {"user_id": YOU, "chat_id": CHANNEL}, "only a basic group"),
        ("upgrade", {"user_id": YOU, "chat_id": GROUP}, "only the group's owner"),
        ("upgrade", {"user_id": YOU, "chat_id": ADA}, "this person is not in this chat"),
        ("switch", {"name": "feed", "on": "yes"}, "on is missing or not of type bool"),
        ("switch", {"name": "moon", "on": True}, "there is no switch 'moon'"),
        ("market", {"action": "print"}, "there is no action 'print'"),
        ("market", {"action": "pump"}, "mint is missing"),
        ("market", {"action": "rug", "mint": "nobody"}, "there is no token 'nobody'"),
    ],
)
async def test_a_wrong_value_gets_a_sentence(
    browser: aiohttp.ClientSession, path: str, body: Any, sentence: str
) -> None:
    async with browser.post(f"/api/{path}", json=body) as answer:
        assert answer.status == 400
        assert sentence in await answer.text()


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("say", {"user_id": YOU, "chat_id": YOU, "text": "x" * 4097}, "tooLong"),
        ("say", {"user_id": YOU, "chat_id": CHANNEL, "text": "x"}, "refused"),
        ("tap", {"user_id": YOU, "chat_id": YOU, "message_id": 10**9, "row": 0, "column": 0}, "messageGone"),
        ("tap", {"user_id": YOU, "chat_id": YOU, "message_id": 1, "row": 0, "column": 9}, "buttonGone"),
        ("inline", {"user_id": YOU, "chat_id": YOU, "text": "nobody listens"}, "noAnswer"),
        ("choose", {"user_id": YOU, "chat_id": YOU, "query": "1", "result": "1"}, "offerGone"),
        ("market", {"action": "rug", "mint": "nobody"}, "noToken"),
    ],
)
async def test_what_is_refused_on_the_page_has_words_in_its_languages(
    browser: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, path: str, body: Any, word: str
) -> None:
    monkeypatch.setattr("deploy.sandbox.chat.talking.INLINE_PATIENCE_SECONDS", 0.01)
    async with browser.post(f"/api/{path}", json=body) as answer:
        assert (answer.status, answer.headers["Refusal"]) == (400, word)
    async with browser.get("/words.js") as answer:
        assert (await answer.text()).count(f" {word}: ") == 2


async def test_a_body_that_is_no_json_or_too_long_is_refused(browser: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "application/json"}
    for body, status in ((b"{", 400), (b"[" * 60_000, 400), (b" " * 70_000, 413)):
        async with browser.post("/api/say", data=body, headers=headers) as answer:
            assert answer.status == status
    headers = {"Content-Type": "application/json; charset=nonsense"}
    async with browser.post("/api/say", data=b"{}", headers=headers) as answer:
        assert answer.status == 400


async def test_a_refusal_quotes_only_the_beginning_of_what_is_wrong(browser: aiohttp.ClientSession) -> None:
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("say", {"user_id": 10**400, "chat_id": YOU, "text": "x"}),
        ("say", {"user_id": YOU, "chat_id": 10**400, "text": "x"}),
        ("switch", {"name": "m" * 400, "on": True}),
        ("market", {"action": "m" * 400}),
        ("market", {"action": "rug", "mint": "m" * 400}),
    )
    for path, body in wrong:
        async with browser.post(f"/api/{path}", json=body) as answer:
            assert answer.status == 400
            sentence = await answer.text()
            assert "…" in sentence
            assert "m" * 40 not in sentence
            assert "0" * 40 not in sentence


def test_the_page_holds_no_markup_made_of_strings_and_nothing_foreign() -> None:
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=", "onclick="):
            assert word not in text, f"{path.name}: {word}"
        foreign = text.replace("http://www.w3.org/2000/svg", "").replace("`http://${address}`", "")
        assert "://" not in foreign.replace('includes("://")', ""), path.name
