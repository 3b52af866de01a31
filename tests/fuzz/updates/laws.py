"""What no update may bring about: a failure, a request against Telegram's rules, a change by who may not."""

from __future__ import annotations

import json
import traceback
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from bot.storable import LEAST, MOST
from deploy.sandbox.telegram import BotApi
from tests.bot_api_schema import validate_against_schema
from tests.fuzz.updates.people import ADMIN_ID, CLOSED_GROUP_ID, IMPERSONATED_ID, VICTIM_ID
from tests.integration.talking.stage import Stage

SCHEMA = Path(__file__).parents[4] / "shared" / "payloads" / "bot-api-10.3.json"
UNTOUCHED = "SELECT * FROM chats WHERE id IN ({victim}, {closed}) ORDER BY id"
BROKEN_BY = {
    "a setting was changed by no admin": "SELECT * FROM setting_changes WHERE changed_by <> {admin}",
    "a setting changed without an audit row": "SELECT key FROM settings EXCEPT SELECT key FROM setting_changes",
    "an impersonated admin decided": "SELECT * FROM proposals WHERE admin_id = {other} AND decision IS NOT NULL",
    "an impersonated admin proposed": "SELECT * FROM proposals WHERE admin_id = {other} OFFSET 1",
    "somebody else proposed": "SELECT * FROM proposals WHERE admin_id NOT IN ({admin}, {other})",
    "a broadcast that no admin confirmed": (
        "SELECT * FROM alerts WHERE kind = 'broadcast' OFFSET (SELECT count(*) FROM proposals"
        " WHERE kind = 'broadcast' AND decision = 'confirmed' AND admin_id = {admin})"
    ),
    "somebody watches for an untouched chat": "SELECT * FROM watches WHERE chat_id IN ({victim}, {closed})",
}
IDS = {"admin": ADMIN_ID, "other": IMPERSONATED_ID, "victim": VICTIM_ID, "closed": CLOSED_GROUP_ID}


class Witness:
    """Hears every log line, and keeps those that tell of a fault of ours; `events` counts them all."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        self.faults: list[str] = []

    def __call__(self, _logger: Any, level: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        self.events[str(entry["event"])] += 1
        if level in {"error", "critical", "exception"}:
            error = entry.get("exc_info")
            trace = "".join(traceback.format_exception(error)[-8:]) if isinstance(error, BaseException) else ""
            self.faults.append(f"update {entry.get('request_id')}: {entry['event']}\n{trace}")
        raise structlog.DropEvent

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this lasts, log lines come here and nowhere else."""
        before = structlog.get_config()
        structlog.configure(processors=[structlog.contextvars.merge_contextvars, self])
        try:
            yield
        finally:
            structlog.configure(**before)


class Requests:
    """Holds the bot's requests against Telegram's rules: the stand-in's, and the Bot API's own where it is at hand."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._schema = json.loads(SCHEMA.read_text()) if SCHEMA.exists() else None
        self.made: Counter[str] = Counter()

    def judge(self) -> list[str]:
        """The faults of the requests since the last time, which are forgotten now."""
        faults = list(self._api.violations)
        for request in self._api.requests:
            self.made[request.method] += 1
            if not LEAST <= (chat_id := int(request.params.get("chat_id", 0))) <= MOST:
                faults.append(f"{request.method} goes to {chat_id}, which the outbox could not hold")
            if self._schema is not None:
                faults += validate_against_schema(request.method, request.params, self._schema)
        self._api.requests.clear()
        self._api.violations.clear()
        return faults


async def untouched_chats(stage: Stage) -> list[tuple[Any, ...]]:
    """The rows of the chats that nobody may touch."""
    return await stage.rows(UNTOUCHED.format(**IDS))


async def broken_laws(stage: Stage, untouched: list[tuple[Any, ...]]) -> list[str]:
    """What the rows tell of changes that nobody was allowed to make."""
    broken = [f"{law}: {rows[:3]}" for law, sql in BROKEN_BY.items() if (rows := await stage.rows(sql.format(**IDS)))]
    now = await untouched_chats(stage)
    return broken if now == untouched else [*broken, f"an untouched chat was changed: {untouched} -> {now}"]
