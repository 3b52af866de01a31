"""What people do on the page: write, tap, ask inline, upgrade a group, change the language of their Telegram."""

from __future__ import annotations

from aiohttp import web

from deploy.sandbox.chat.members import person, place, place_to_write
from deploy.sandbox.chat.menu import menu
from deploy.sandbox.orders import field, order, refuse, typed, words
from deploy.sandbox.telegram import BotApi, InlineAnswer, User
from deploy.sandbox.telegram.asking import LONGEST_QUERY_CHARACTERS
from deploy.sandbox.telegram.limits import TEXT_CHARACTERS
from deploy.sandbox.telegram.values import Json

LANGUAGES = ("en", "ru")
INLINE_PATIENCE_SECONDS = 8
PHOTO_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


class Talking:
    """The people's side of the page."""

    def __init__(self, telegram: BotApi) -> None:
        self._telegram = telegram
        self._world = telegram.world

    def routes(self) -> list[web.RouteDef]:
        """Orders by POST; the command menu and pictures by GET."""
        return [
            web.post("/api/say", self.say),
            web.post("/api/tap", self.tap),
            web.post("/api/language", self.language),
            web.post("/api/menu", self.menu),
            web.post("/api/inline", self.inline),
            web.post("/api/choose", self.choose),
            web.post("/api/upgrade", self.upgrade),
            web.get("/photos/{file_id}", self.photo),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """{"user_id", "chat_id", "text"} -> {"update_id"}."""
        body = await order(request)
        user = person(self._world, body)
        chat, text = place_to_write(self._world, body, user), words(body, "text", TEXT_CHARACTERS)
        if chat.kind == "channel":
            return web.json_response({"update_id": self._telegram.post(chat, text)})
        return web.json_response({"update_id": self._telegram.say(user, text, chat)})

    async def tap(self, request: web.Request) -> web.Response:
        """{"user_id", "chat_id", "message_id", "row", "column"} -> {"query"}: the button as the message is now."""
        body = await order(request)
        user = person(self._world, body)
        chat = place(self._world, body, user)
        message = self._world.message(chat.id, field(body, "message_id", int))
        if message is None:
            refuse("this message is gone", "messageGone")
        rows = (message.reply_markup or {}).get("inline_keyboard", [])
        try:
            button = rows[_index(body, "row")][_index(body, "column")]
            update_id = self._telegram.tap_forged(user, message, button["callback_data"])
        except (IndexError, KeyError):
            refuse("there is no such button any more, or the bot does not hear of it", "buttonGone")
        return web.json_response({"query": self._query(update_id)})

    async def language(self, request: web.Request) -> web.Response:
        """{"user_id", "language"} -> {}: the person's Telegram speaks it from the next update on."""
        body = await order(request)
        user, language = person(self._world, body), field(body, "language", str)
        if language not in LANGUAGES:
            refuse(f"language is one of {', '.join(LANGUAGES)}")
        self._telegram.user(user.id, user.first_name, language)
        self._world.touch()
        return web.json_response({})

    async def menu(self, request: web.Request) -> web.Response:
        """{"user_id", "chat_id"} -> {"commands"}: what the menu button shows there."""
        body = await order(request)
        user = person(self._world, body)
        return web.json_response({"commands": menu(self._world.commands, place(self._world, body, user), user)})

    async def inline(self, request: web.Request) -> web.Response:
        """{"user_id", "chat_id", "text"} -> {"query", "results"}: what the bot offers for the words after its name."""
        body = await order(request)
        user = person(self._world, body)
        chat, text = place(self._world, body, user), typed(body, "text", LONGEST_QUERY_CHARACTERS)
        kind = "sender" if chat.kind == "private" else chat.kind
        query = self._query(self._telegram.ask_inline(user, text, chat_type=kind))
        try:
            answer = await self._telegram.until(lambda: self._answer(user, query), INLINE_PATIENCE_SECONDS)
        except AssertionError:
            refuse("the bot does not answer this inline query", "noAnswer")
        shown = [_result(result) for result in answer.results]
        return web.json_response({"query": answer.query_id, "results": shown})

    async def choose(self, request: web.Request) -> web.Response:
        """{"user_id", "chat_id", "query", "result"} -> {"update_id"}: the person sends what was offered."""
        body = await order(request)
        user = person(self._world, body)
        chat = place_to_write(self._world, body, user)
        answer = self._answer(user, field(body, "query", str))
        if answer is None:
            refuse("this offer is gone: ask again", "offerGone")
        try:
            return web.json_response({"update_id": self._telegram.choose(answer, field(body, "result", str), chat)})
        except LookupError as error:
            refuse(str(error.args[0]))

    async def upgrade(self, request: web.Request) -> web.Response:
        """{"user_id", "chat_id"} -> {"chat_id"}: its owner makes the basic group a supergroup; where that is."""
        body = await order(request)
        user = person(self._world, body)
        group = place(self._world, body, user)
        if group.kind != "group":
            refuse("only a basic group can become a supergroup")
        if group.statuses.get(user.id) != "creator":
            refuse("only the group's owner can make it a supergroup")
        if group.upgraded_to is None:
            self._telegram.upgrade(group)
        return web.json_response({"chat_id": group.upgraded_to})

    async def photo(self, request: web.Request) -> web.Response:
        """The picture's bytes."""
        file = self._world.files.get(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound(text="there is no such photo\n")
        return web.Response(body=file.content, content_type=PHOTO_TYPES[file.path.rpartition(".")[2]])

    def _query(self, update_id: int) -> str:
        """The id of the question that this update asks; empty when the bot does not want to hear it."""
        found = (update for update in reversed(self._world.updates) if update["update_id"] == update_id)
        update: Json = next(found, {})
        return str((update.get("callback_query") or update.get("inline_query") or {}).get("id", ""))

    def _answer(self, user: User, query: str) -> InlineAnswer | None:
        mine = (answer for answer in self._world.inline_answers if answer.user_id == user.id)
        return next((answer for answer in mine if answer.query_id == query), None)


def _index(body: Json, name: str) -> int:
    """A row or a column: never counted from the end."""
    number = field(body, name, int)
    if number < 0:
        refuse(f"{name} is negative")
    return number


def _result(result: Json) -> Json:
    return {"id": result["id"], "title": result.get("title", ""), "description": result.get("description", "")}
