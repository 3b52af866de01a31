"""The same chat for tools outside of Python: /sandbox/ as JSON, for this machine only."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.sandbox.telegram.limits import LOOPBACK
from deploy.sandbox.telegram.values import Json, SentMessage, User

if TYPE_CHECKING:
    from deploy.sandbox.telegram.people import People

Wanted = TypeVar("Wanted")


def add_routes(app: web.Application, people: People) -> None:
    """POST /sandbox/say, POST /sandbox/tap, GET /sandbox/messages, GET /sandbox/photos/{file_id}."""
    control = _Control(people)
    app.middlewares.append(refuse_strangers)
    app.add_routes(
        [
            web.post("/sandbox/say", control.say),
            web.post("/sandbox/tap", control.tap),
            web.get("/sandbox/messages", control.messages),
            web.get("/sandbox/photos/{file_id}", control.photo),
        ]
    )


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for a foreign page in a browser, be it by its Origin or by a name that leads to 127.0.0.1."""
    origin = request.headers.get("Origin")
    named = [f"//{request.host}"] + ([origin] if origin is not None else [])
    if request.path.startswith("/sandbox/") and not all(_loopback(url) for url in named):
        raise web.HTTPForbidden(text="the sandbox can only be used from this machine\n")
    return await handler(request)


def _loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False


class _Control:
    def __init__(self, people: People) -> None:
        self._people = people

    async def say(self, request: web.Request) -> web.Response:
        """{"user_id", "text", "first_name"?, "language_code"?} -> {"update_id"}."""
        body = await _object(request)
        text = _field(body, "text", str)
        return web.json_response({"update_id": self._people.say(self._user(body), text)})

    async def tap(self, request: web.Request) -> web.Response:
        """{"user_id", "message_id", "button"} -> {"update_id"}; the button by its text or data."""
        body = await _object(request)
        user, message_id, button = self._user(body), _field(body, "message_id", int), _field(body, "button", str)
        message = self._people.world.message(user.id, message_id)
        if message is None:
            raise web.HTTPNotFound(text=f"there is no message {message_id} in this chat\n")
        try:
            return web.json_response({"update_id": self._people.tap(user, message, button)})
        except LookupError as error:
            raise web.HTTPNotFound(text=f"{error.args[0]}\n") from None

    async def messages(self, request: web.Request) -> web.Response:
        """?chat_id=&after= -> {"messages": [...]}: the bot's messages with a higher message_id, oldest first."""
        chat_id, after = _number(request, "chat_id"), _number(request, "after", "0")
        found = [m for m in self._people.messages(chat_id) if m.message_id > after]
        return web.json_response({"messages": [_message_json(message) for message in found]})

    async def photo(self, request: web.Request) -> web.Response:
        """The picture's bytes."""
        file = self._people.world.files.get(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound(text="there is no such photo\n")
        return web.Response(body=file.content, content_type=f"image/{file.path.rpartition('.')[2]}")

    def _user(self, body: Json) -> User:
        user_id = _field(body, "user_id", int)
        known = self._people.world.users.get(user_id)
        return known or self._people.user(
            user_id, str(body.get("first_name", f"User {user_id}")), str(body.get("language_code", "en"))
        )


async def _object(request: web.Request) -> Json:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text='send a JSON object such as {"user_id": 7, "text": "/start"}\n')
    return body


def _field(body: Json, name: str, kind: type[Wanted]) -> Wanted:
    value = body.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise web.HTTPBadRequest(text=f"{name} is missing or not of type {kind.__name__}\n")
    return value


def _number(request: web.Request, name: str, default: str = "") -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError:
        raise web.HTTPBadRequest(text=f"?{name}= is missing or not a number\n") from None


def _message_json(message: SentMessage) -> Json:
    return {
        "message_id": message.message_id,
        "date": int(message.date.timestamp()),
        "text": message.text,
        "caption": message.caption,
        "entities": list(message.entities),
        "buttons": message.buttons,
        "photo": f"/sandbox/photos/{message.file.file_id}" if message.file else None,
        "edited": message.edited,
    }
