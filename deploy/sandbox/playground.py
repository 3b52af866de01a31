"""The sandbox: the unchanged program between a pretend Telegram and pretend providers, and a chat in the browser."""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import signal
import socket
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from bot.clock import SystemClock
from bot.ending import stopping
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.chat import ChatPage, Outside
from deploy.sandbox.company import ADA, gather
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.line import Line
from deploy.sandbox.program import Program, kept
from deploy.sandbox.pumpportal import PumpPortalSocket
from deploy.sandbox.replaying import Replay, joined, replay_speed
from deploy.sandbox.telegram import BotApi, RateLimits, Wire
from deploy.sandbox.terminal import chat
from deploy.sandbox.world import World
from storage.embedded import embedded_postgres

TOKEN = "123456789:THE-SANDBOX-IS-NOT-A-SECRET-AT-ALL0"  # noqa: S105 - the pretend Telegram's own
KEY = "the-pretend-birdeye-key"
PLAN = "lite"
GLANCES_PER_MINUTE = 300  # of a real minute, as DexScreener documents it

WELCOME = """ToTheMoon2 sandbox: {url}
Everything around the bot is pretended there, no key is needed, nothing leaves this machine. Ctrl-C ends everything.
Without a browser: --terminal
"""
TERMINAL = """
  Type to the bot as in Telegram: /top, /token HERO, /help, /set weight tx_accel 0.4 (you are Ada, its admin).
  #1 presses the first button of its latest message (and so confirms a /set).
  A token migrates and becomes active within half a minute, and is hot after about six; alerts come by themselves.
  pictures: {pictures}
  log:      {log}
  health:   {health}
  control:  {control}/sandbox/ (POST say {{"user_id", "text"}}, GET messages?chat_id=&after=)
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    seed: int
    language: str
    replay: Replay | None
    health_port: int
    port: int
    terminal: bool
    speed: float


def parse(words: list[str]) -> Options:
    """The command line's words as options."""
    parser = argparse.ArgumentParser(prog="deploy/start", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeat a world")
    parser.add_argument("--language", choices=("en", "ru"), default="en", help="the language of your Telegram")
    parser.add_argument("--replay", type=Replay, help="play what `tothemoon record` wrote, or a PumpPortal session")
    parser.add_argument("--replay-speed", type=replay_speed, help="how many times faster to replay")
    parser.add_argument("--health-port", type=free, default=0, help="port of /health; 0 is any free one")
    parser.add_argument("--port", type=free, default=0, help="port of the chat page; 0 is any free one")
    parser.add_argument("--speed", type=speed, default=1.0, help="how many times faster than real time, 1 to 600")
    parser.add_argument("--terminal", action="store_true", help="chat in the terminal as well")
    told = vars(parser.parse_args(words))
    times = told.pop("replay_speed")
    if told["replay"] is None and times is not None:
        parser.error("--replay-speed needs --replay FILE")
    if times is not None:
        told["replay"].speed = times
    return Options(**told)


def speed(word: str) -> float:
    """How many times faster. Raises argparse's error for what is no number from 1 to 600."""
    try:
        times = float(word)
    except ValueError:
        times = 0.0
    if not 1 <= times <= 600:
        raise argparse.ArgumentTypeError(f"{word} is not a number from 1 to 600")
    return times


async def pretend(options: Options) -> int:
    """Run the sandbox until cancelled or until the program ends; its exit code then."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tothemoon-sandbox-")))
        since = SystemClock().now()
        world = World(options.seed, SystemClock(options.speed, since=since))
        feed = await stack.enter_async_context(PumpPortalSocket(ban_seconds=3600 / options.speed))
        market = await stack.enter_async_context(BirdeyeApi(world, api_key=KEY, plan=PLAN))
        glances = await stack.enter_async_context(pairs(world))
        telegram = await stack.enter_async_context(BotApi(TOKEN, rate_limits=RateLimits(), wire=Wire(0.05, 0.1)))
        server = await stack.enter_async_context(embedded_postgres(folder / "database"))
        line = await stack.enter_async_context(Line(server, folder / "line"))
        health = f"http://127.0.0.1:{options.health_port or free_port()}/health"
        outside = Outside(world, feed, market, glances, telegram, line, health)
        log = folder / "tothemoon.log"
        variables = _variables(outside, line, folder) | _time(options.speed, since)
        variables |= joined(options.replay, market, glances, world)
        outside.program = Program(variables, folder, log)
        page = await stack.enter_async_context(ChatPage(telegram, admins=[ADA], outside=outside, port=options.port))
        tell(WELCOME.format(url=page.url))
        _you, ada = gather(telegram, options.language)
        tasks = {"events": _events(feed, world, options)}
        if options.terminal:
            tell(TERMINAL.format(pictures=folder / "pictures", log=log, health=health, control=telegram.url))
            tasks["chat"] = chat(telegram, ada, folder=folder / "pictures")
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(work, name=name) for name, work in tasks.items()]
            code = await kept(outside.program, tell)
            for task in beside:
                task.cancel()
        return code


def pairs(world: World) -> DexScreenerApi:
    """DexScreener as it is in earnest: late by seconds, cached, and limited."""
    return DexScreenerApi(world, lag_seconds=10, cache_seconds=10, per_minute=GLANCES_PER_MINUTE)


def _variables(outside: Outside, line: Line, folder: Path) -> dict[str, str]:
    """The program's environment: other addresses."""
    return {
        "BOT_TOKEN": TOKEN,
        "ADMIN_IDS": str(ADA),
        "TELEGRAM_API_URL": outside.telegram.url,
        "PUMPPORTAL_WS_URL": outside.feed.url,
        "BIRDEYE_URL": outside.market.url,
        "BIRDEYE_API_KEY": KEY,
        "BIRDEYE_PLAN": PLAN,
        "DEXSCREENER_URL": outside.glances.url,
        "DATA_DIR": str(folder / "data"),
        "DB_DSN": line.dsn,
        "HEALTH_PORT": outside.health_url.rpartition(":")[2].partition("/")[0],
    }


def _time(speed: float, since: datetime) -> dict[str, str]:
    """The program's clock is the world's."""
    return {"TIME_SPEED": str(speed), "TIME_SINCE": since.isoformat()}


async def _events(feed: PumpPortalSocket, world: World, options: Options) -> None:
    if options.replay is None:
        await feed.live(world)
        return
    await options.replay.tell(feed, world)
    tell("The recording is over; its tokens live on.")


def free_port() -> int:
    """A port of this machine that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def free(port: str) -> int:
    """The number of a port that can be listened on. Raises argparse's error for anything else."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", int(port)))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{port} is no port: name a number from 1 to 65535") from None
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{port} is no port that is free here ({error.strerror})") from None
    return int(port)


def tell(text: str) -> None:
    """To the person at the terminal."""
    with suppress(OSError):  # the terminal may be gone
        print(text, flush=True)  # noqa: T201 - a terminal program


async def until_stopped(options: Options) -> int:
    """The sandbox until a signal or a closed terminal ends it; 0 then."""
    sandbox = asyncio.create_task(pretend(options))
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # else it was begun with nohup
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, sandbox.cancel)
    with stopping(sandbox, after_seconds=None):
        try:
            return await sandbox
        except asyncio.CancelledError:
            tell("The sandbox is closed.")
            return 0


def main() -> None:
    """Run the command line."""
    options = parse(sys.argv[1:])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(asyncio.run(until_stopped(options)))
