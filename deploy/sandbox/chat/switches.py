"""The panel's faults, each with its undo. All of them happen outside of the program, which stays unchanged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from deploy.sandbox.birdeye import UNAUTHORIZED
from deploy.sandbox.chat.outside import Outside
from deploy.sandbox.company import YOU
from deploy.sandbox.faults import Fault
from deploy.sandbox.orders import quoted
from deploy.sandbox.telegram.polling import CONFLICT
from deploy.sandbox.telegram.values import Json

RETRY_SECONDS = 5
FLOOD = f"Too Many Requests: retry after {RETRY_SECONDS}"
REFUSED = ("sendMessage", "sendPhoto", "editMessageText", "editMessageMedia")
POLL = "getUpdates"
EVERY_TIME = 10**9
BAN_SECONDS = 3600.0
LAG_SECONDS = 120.0
SLOW, QUICK = (0.5, 4.0), (0.0, 0.0)
BAD_GATEWAY = Fault(502, raw=b"<!doctype html><title>502 Bad Gateway</title>", headers={"Content-Type": "text/html"})

Turn = Callable[[bool], Awaitable[None]]


class Switches:
    """What is broken now. Turning one off makes it whole again."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._monthly: int | None = None
        self._per_second = outside.market.meter.per_second
        self._usual_lag_seconds = outside.market.lag_seconds
        self._on: set[str] = set()
        line: dict[str, Turn] = {"database": self._database} if outside.line is not None else {}
        program: dict[str, Turn] = {"program": self._program} if outside.program is not None else {}
        self._turns: dict[str, Turn] = {
            "feed": self._feed,
            "credits": self._credits,
            "telegram": self._telegram,
            **line,
            **program,
            "ban": self._ban,
            "site": self._site,
            "key": self._key,
            "rates": self._rates,
            "glances": self._glances,
            "slow": self._slow,
            "lag": self._lag,
            "lost": self._lost,
            "mute": self._mute,
            "poller": self._poller,
            "revoked": self._revoked,
            "block": self._block,
        }

    @property
    def state(self) -> Json:
        """Each fault that can be had here, and whether it is on."""
        return {name: name in self._on for name in self._turns}

    async def turn(self, name: str, *, on: bool) -> None:
        """Break or mend it. Raises LookupError for a name that there is not."""
        if name not in self._turns:
            raise LookupError(f"there is no switch {quoted(name)}; there are: {', '.join(self._turns)}")
        if on != (name in self._on):
            await self._turns[name](on)
            (self._on.add if on else self._on.discard)(name)

    async def _feed(self, on: bool) -> None:
        """The feed breaks, and new connections hear nothing; whole again, it asks to dial once more."""
        self._outside.feed.silent = on
        await self._outside.feed.close_all()

    async def _ban(self, on: bool) -> None:
        """PumpPortal bans this address for an hour."""
        if on:
            await self._outside.feed.ban(BAN_SECONDS)
        else:
            self._outside.feed.lift_ban()

    async def _site(self, on: bool) -> None:
        """PumpPortal's address leads to a web page."""
        self._outside.feed.html_page = on
        if on:
            await self._outside.feed.close_all()

    async def _credits(self, on: bool) -> None:
        """The month's compute units are all used."""
        meter = self._outside.market.meter
        if on:
            self._monthly, meter.monthly = meter.monthly, meter.used
        else:
            meter.monthly = self._monthly

    async def _key(self, on: bool) -> None:
        """Birdeye does not know the key any more."""
        self._outside.market.heal()
        if on:
            self._outside.market.fail(UNAUTHORIZED)

    async def _rates(self, on: bool) -> None:
        """Birdeye takes one call a second, and answers 429 to the others."""
        self._outside.market.meter.per_second = 1 if on else self._per_second

    async def _glances(self, on: bool) -> None:
        """DexScreener is down behind its gateway."""
        self._outside.glances.heal()
        if on:
            self._outside.glances.fail(BAD_GATEWAY)

    async def _slow(self, on: bool) -> None:
        """Birdeye and DexScreener take as long as they have been seen to."""
        for provider in (self._outside.market, self._outside.glances):
            provider.slow(*(SLOW if on else QUICK))

    async def _lag(self, on: bool) -> None:
        """Birdeye does not know a token that has only just migrated, for two minutes of the world's time."""
        self._outside.market.lag_seconds = LAG_SECONDS if on else self._usual_lag_seconds

    async def _telegram(self, on: bool) -> None:
        """Every message of the bot is one too many."""
        self._outside.telegram.forgive(*REFUSED)
        for method in REFUSED if on else ():
            parameters = {"retry_after": RETRY_SECONDS}
            self._outside.telegram.fail_next(method, 429, FLOOD, parameters, times=EVERY_TIME)

    async def _lost(self, on: bool) -> None:
        """Every second message arrives, but the answer that says so does not."""
        self._outside.telegram.wire.lost_share = 0.5 if on else 0.0

    async def _mute(self, on: bool) -> None:
        """Telegram takes calls in and answers none."""
        if on:
            self._outside.telegram.silence()
        else:
            self._outside.telegram.end_silence()

    async def _revoked(self, on: bool) -> None:
        """The bot's token is revoked."""
        self._outside.telegram.revoked = on

    async def _block(self, on: bool) -> None:
        """The trader blocks the bot."""
        if on:
            self._outside.telegram.block(YOU)
        else:
            self._outside.telegram.unblock(YOU)

    async def _poller(self, on: bool) -> None:
        """Somebody else polls with the same token, and wins each time."""
        self._outside.telegram.forgive(POLL)
        if on:
            self._outside.telegram.fail_next(POLL, 409, CONFLICT, times=EVERY_TIME)
            self._outside.telegram.world.poller = object()  # who waits just now loses at once
            self._outside.telegram.world.touch()

    async def _database(self, on: bool) -> None:
        """Nobody gets through to PostgreSQL."""
        if self._outside.line is not None:
            await (self._outside.line.cut() if on else self._outside.line.mend())

    async def _program(self, on: bool) -> None:
        """The program is killed, and stays away until it is started again, as systemd would after seconds."""
        if self._outside.program is not None:
            (self._outside.program.kill if on else self._outside.program.start)()
