"""The unchanged program as a process, between the stand-ins, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bot.clock import SystemClock
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.program import running
from deploy.sandbox.pumpportal import PumpPortalSocket, migrate_frame
from deploy.sandbox.telegram import BotApi, SentMessage, User, Wire
from deploy.sandbox.world import World
from tests.waiting import until

TOKEN = "123456789:E2E-token-of-nobody-0123456789abcdef"
KEY = "e2e-birdeye-key-of-nobody"
ADMIN_ID, TRADER_ID = 7, 8


@dataclass(slots=True)
class Stage:
    """The pretend outside world of one test, and what starts the program in it."""

    folder: Path
    feed: PumpPortalSocket
    market: BirdeyeApi
    telegram: BotApi
    world: World
    admin: User
    trader: User
    more: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    health_url: str = ""

    @property
    def log(self) -> Path:
        """Everything the program printed."""
        return self.folder / "output.log"

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def variables(self) -> dict[str, str]:
        return {
            "BOT_TOKEN": TOKEN,
            "ADMIN_IDS": str(ADMIN_ID),
            "TELEGRAM_API_URL": self.telegram.url,
            "PUMPPORTAL_WS_URL": self.feed.url,
            "BIRDEYE_URL": self.market.url,
            "BIRDEYE_API_KEY": KEY,
            "DEXSCREENER_URL": NOBODY,
            "DATA_DIR": str(self.data_dir),
            "SCHED_INTERVAL_INITIAL_SEC": "1",
            "SCHED_INTERVAL_ACTIVE_SEC": "1",
            "HEALTH_PORT": self.health_url.rpartition(":")[2].partition("/")[0],
            **self.more,
        }

    @asynccontextmanager
    async def program(self, *, ready: bool = True) -> AsyncIterator[asyncio.subprocess.Process]:
        """The running program; when `ready`, from the moment /health is 200."""
        async with running(self.variables(), self.folder, self.log, *self.words) as process:
            if ready:
                await until(self.healthy, deadline_seconds=40, what=f"a 200 of /health; the log ends: {self.tail()}")
            yield process

    async def health(self) -> tuple[int, dict[str, Any]]:
        """Status and body of /health; (0, {}) while nobody listens."""
        try:
            await asyncio.sleep(0.1)  # starting takes seconds: asking more often would only slow it down
            async with aiohttp.ClientSession() as session, session.get(self.health_url) as answer:
                return answer.status, await answer.json()
        except aiohttp.ClientError:
            return 0, {}

    async def healthy(self) -> bool:
        return (await self.health())[0] == 200

    def tail(self) -> str:
        return self.log.read_text()[-1500:] if self.log.exists() else "(nothing)"

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log lines of this event."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("msg") == event]

    async def ask(self, user: User, text: str) -> SentMessage:
        """What the bot answers."""
        seen = self.telegram.messages(user.id)
        self.telegram.say(user, text)
        return await self.telegram.next_message(user.id, after=seen[-1].message_id if seen else 0, deadline=15)

    async def confirmed(self, text: str) -> SentMessage:
        """What the bot's question to the admin has become after a yes."""
        question = await self.ask(self.admin, text)
        self.telegram.tap(self.admin, question, question.buttons[0]["text"])

        def decided() -> SentMessage | None:
            now = self.telegram.world.message(question.chat_id, question.message_id)
            return now if now and now.edited else None

        return await self.telegram.until(decided, 15, f"{text} was not carried out")

    def migrate(self, mint: str, **figures: object) -> None:
        """The token migrates; Birdeye knows it as busy."""
        self.market.tell(mint, busy(mint, **figures))
        self.feed.push(migrate_frame(mint))

    def servers(self) -> list[psutil.Process]:
        """PostgreSQL servers of this stage's DATA_DIR that are alive."""
        place = str(self.data_dir)
        processes = psutil.process_iter(["name", "cmdline"])
        return [p for p in processes if p.info["name"] == "postgres" and place in " ".join(p.info["cmdline"] or ())]


NOBODY = "http://127.0.0.1:1"  # no DexScreener unless a test names one: then Birdeye serves the gate


def dsn(address: dict[str, Any]) -> str:
    """The address of `asyncpg.connect`'s arguments as a URL."""
    return f"postgresql://{address['user']}@/{address['database']}?host={address['host']}&port={address['port']}"


def words(message: SentMessage) -> str:
    """What a message says, as text or under its picture."""
    return message.text or message.caption or ""


def busy(mint: str, **figures: object) -> dict[str, object]:
    """Birdeye's data about a token that trades well."""
    return {
        "address": mint,
        "symbol": "BUSY",
        "name": "A busy token",
        "price": 0.0001,
        "liquidity": 60_000.5,
        "marketCap": 100_000,
        "holder": 900,
        "lastTradeUnixTime": None,
        "trade5m": 300,
        "trade1h": 300,
        "v5mUSD": 20_000.0,
        "v1hUSD": 20_000.0,
        "vBuy5mUSD": 15_000.0,
        "vSell5mUSD": 5_000.0,
        "priceChange5mPercent": None,
        **figures,
    }


@asynccontextmanager
async def stage(folder: Path, port: int, wire: Wire | None = None) -> AsyncIterator[Stage]:
    """The stand-ins, listening; `wire` says how long Telegram's answers take."""
    async with AsyncExitStack() as stack:
        world = World(1, SystemClock())
        feed = await stack.enter_async_context(PumpPortalSocket())
        market = await stack.enter_async_context(BirdeyeApi(world, api_key=KEY))
        telegram = await stack.enter_async_context(BotApi(TOKEN, wire=wire))
        admin, trader = telegram.user(ADMIN_ID, "Ada"), telegram.user(TRADER_ID, "Тарас", language_code="ru")
        url = f"http://127.0.0.1:{port}/health"
        yield Stage(folder, feed, market, telegram, world, admin, trader, health_url=url)
