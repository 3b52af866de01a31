"""The sandbox: the unchanged program between a pretend Telegram and pretend providers, and a chat in the terminal."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
import socket
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.program import running
from deploy.sandbox.pumpportal import PumpPortalSocket
from deploy.sandbox.replaying import Replay, joined, replay_speed
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.terminal import chat
from deploy.sandbox.world import World

TOKEN = "123456789:THE-SANDBOX-IS-NOT-A-SECRET-AT-ALL0"  # noqa: S105 - the pretend Telegram's own
KEY = "the-pretend-birdeye-key"
YOU = 1001
PLAN = {"BIRDEYE_PLAN": "lite", "SCHED_INTERVAL_INITIAL_SEC": "10", "SCHED_INTERVAL_ACTIVE_SEC": "10"}

WELCOME = """
ToTheMoon2 sandbox: everything around the bot is pretended, no key is needed, nothing leaves this machine.
  Type to the bot as in Telegram: /top, /token HERO, /help, /settings, /set weight tx_accel 0.4 (you are its admin).
  #1 presses the first button of its latest message (and so confirms a /set). Ctrl-C ends everything.
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
    replay_speed: float
    health_port: int
    speed: float


def parse(words: list[str]) -> Options:
    """The command line's words as options."""
    parser = argparse.ArgumentParser(prog="deploy/start", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeat a world")
    parser.add_argument("--language", choices=("en", "ru"), default="en", help="the language of your Telegram")
    parser.add_argument("--replay", type=Replay, help="play what `tothemoon record` wrote, or a PumpPortal session")
    parser.add_argument("--replay-speed", type=replay_speed, default=1.0, help="how many times faster to replay")
    parser.add_argument("--health-port", type=int, default=0, help="port of /health; 0 is any free one")
    parser.add_argument("--speed", type=speed, default=1.0, help="how many times faster than real time, 1 to 600")
    return Options(**vars(parser.parse_args(words)))


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
        feed = await stack.enter_async_context(PumpPortalSocket())
        market = await stack.enter_async_context(BirdeyeApi(world, api_key=KEY))
        glances = await stack.enter_async_context(DexScreenerApi(world, lag_seconds=10, cache_seconds=10))
        telegram = await stack.enter_async_context(BotApi(TOKEN))
        port = options.health_port or free_port()
        log = folder / "tothemoon.log"
        variables = {
            "BOT_TOKEN": TOKEN,
            "ADMIN_IDS": str(YOU),
            "TELEGRAM_API_URL": telegram.url,
            "PUMPPORTAL_WS_URL": feed.url,
            "BIRDEYE_URL": market.url,
            "BIRDEYE_API_KEY": KEY,
            "DEXSCREENER_URL": glances.url,
            "DATA_DIR": str(folder / "data"),
            "HEALTH_PORT": str(port),
            "TIME_SPEED": str(options.speed),
            "TIME_SINCE": since.isoformat(),
            **PLAN,
            **joined(options.replay, market, glances, world, options.replay_speed),
        }
        program = await stack.enter_async_context(running(variables, folder, log))
        health = f"http://127.0.0.1:{port}/health"
        tell(WELCOME.format(pictures=folder / "pictures", log=log, health=health, control=telegram.url))
        you = telegram.user(YOU, "You", language_code=options.language)
        for line in ("/start", "/subscribe"):
            telegram.say(you, line)
        async with asyncio.TaskGroup() as group:
            events = group.create_task(_events(feed, world, options), name="events")
            talk = group.create_task(chat(telegram, you, folder=folder / "pictures"), name="chat")
            code = await program.wait()
            events.cancel()
            talk.cancel()
        tell(f"The program ended by itself with code {code}. Its last words:\n{log.read_text()[-2000:]}")
        return code


async def _events(feed: PumpPortalSocket, world: World, options: Options) -> None:
    if options.replay is None:
        await feed.live(world)
        return
    await options.replay.tell(feed, world, options.replay_speed)
    tell("The recording is over; its tokens live on.")


def free_port() -> int:
    """A port of this machine that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def tell(text: str) -> None:
    """To the person at the terminal."""
    print(text, flush=True)  # noqa: T201 - a terminal program


async def until_stopped(options: Options) -> int:
    """The sandbox until SIGINT or SIGTERM, also where a shell had them ignored; 0 then."""
    sandbox = asyncio.create_task(pretend(options))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, sandbox.cancel)
    try:
        return await sandbox
    except asyncio.CancelledError:
        tell("The sandbox is closed.")
        return 0


def main() -> None:
    """Run the command line."""
    sys.exit(asyncio.run(until_stopped(parse(sys.argv[1:]))))
