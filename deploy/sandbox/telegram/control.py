"""The same chat for tools outside of Python: /sandbox/ as JSON, for this machine only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.sandbox.guard import refuse_browsers, refuse_foreign_pages
from deploy.sandbox.orders import field, order, quoted, refuse, typed, words
from deploy.sandbox.telegram.limits import TEXT_CHARACTERS
from deploy.sandbox.telegram.values import CHANNEL_BOT, GROUP_ANONYMOUS_BOT, TELEGRAM, Json, SentMessage, User

if TYPE_CHECKING:
    from deploy.sandbox.telegram.people import People

LARGEST_USER_ID = 2**52
NAME_CHARACTERS = 64
BUTTON_CHARACTERS = 256
LANGUAGE_CHARACTERS = 35
TELEGRAMS_OWN = frozenset({CHANNEL_BOT.id, GROUP_ANONYMOUS_BOT.id, TELEGRAM.id})


def add_routes(app: web.Application, people: People) -> None:
    """POST /sandbox/say, POST /sandbox/tap, GET /sandbox/messages, GET /sandbox/photos/{file_id}."""
    control = _Control(people)
    app.middlewares.append(guard)
    app.add_routes(
        [
            web.post("/sandbox/say", control.say),
            web.post("/sandbox/tap", control.tap),
            web.get("/sandbox/messages", control.messages),
            web.get("/sandbox/photos/{file_id}", control.photo),
        ]
    )


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No browser speaks to the bot's routes but from here; the control interface takes JSON alone."""
    ours = request.path.startswith("/sandbox/")
    return await (refuse_browsers if ours else refuse_foreign_pages)(request, handler)


class _Control:
    def __init__(self, people: People) -> None:
        self._people = people

    async def say(self, request: web.Request) -> web.Response:
        """{"user_id", "text", "first_name"?, "language_code"?} -> {"update_id"}."""
        body = await order(request)
        text = words(body, "text", TEXT_CHARACTERS)
        return web.json_response({"update_id": self._people.say(self._user(body), text)})

    async def tap(self, request: web.Request) -> web.Response:
        """{"user_id", "message_id", "button"} -> {"update_id"}; the button by its text or data."""
        body = await order(request)
        message_id, button = field(body, "message_id", int), typed(body, "button", BUTTON_CHARACTERS)
        user = self._user(body)
        message = self._people.world.message(user.id, message_id)
        if message is None:
            raise web.HTTPNotFound(text=f"there is no message {quoted(message_id)} in this chat\n")
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
        """Who acts, with a name and a language for who is new."""
        world, user_id = self._people.world, field(body, "user_id", int)
        if not 1 <= user_id <= LARGEST_USER_ID:
            refuse(f"user_id {quoted(user_id)} is not a person's: those are 1 to {LARGEST_USER_ID}")
        if user_id in TELEGRAMS_OWN | {world.bot.id}:
            refuse(f"user_id {user_id} is taken by Telegram or the bot itself")
        named = {"first_name": f"User {user_id}", "language_code": "en"} | body
        name, language = words(named, "first_name", NAME_CHARACTERS), words(named, "language_code", LANGUAGE_CHARACTERS)
        return world.users.get(user_id) or self._people.user(user_id, name, language)


def _number(request: web.Request, name: str, default: str = "") -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError:
        refuse(f"?{name}= is missing or not a number")


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
