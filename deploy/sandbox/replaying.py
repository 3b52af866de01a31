"""What `--replay FILE` does: the feed tells the file's frames, and the markets its answers where it has some."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import suppress

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.playback import Playback
from deploy.sandbox.pumpportal import PumpPortalSocket
from deploy.sandbox.recorded import Record, Recorded, recorded
from deploy.sandbox.world import World


class Replay:
    """The run or session in a file, to be joined to the markets before it is told. Raises argparse's error.

    `speed` is how many recorded seconds pass in one of the world's.
    """

    def __init__(self, path: str) -> None:
        self.speed = 1.0
        source = recorded(path)
        self._run = source if isinstance(source, Recorded) else None
        self._frames: Iterable[Record] = () if isinstance(source, Recorded) else source

    def join(self, market: BirdeyeApi, glances: DexScreenerApi, world: World) -> dict[str, str]:
        """Let the markets answer from the file; the environment of a program that does without those not in it.

        Where it holds no answers the world goes on inventing figures.
        """
        if self._run is None:
            return {}
        playback = Playback(self._run, world.clock, self.speed)
        self._frames = playback.frames()
        if self._run.answers:
            market.playback = glances.playback = playback
        return self._run.missing()

    async def tell(self, feed: PumpPortalSocket, world: World) -> None:
        """Tell the frames at their times, by the world's clock as the markets do, from the first subscription on."""
        answered = self._run is not None and self._run.answers
        await feed.replay(self._frames, world.clock, speed=self.speed, world=None if answered else world)


def joined(replay: Replay | None, market: BirdeyeApi, glances: DexScreenerApi, world: World) -> dict[str, str]:
    """What the program's environment must be besides; nothing without a replay."""
    return {} if replay is None else replay.join(market, glances, world)


def replay_speed(word: str) -> float:
    """Raises argparse's error for what is no speed."""
    with suppress(ValueError):
        if 0.1 <= (speed := float(word)) <= 10_000:
            return speed
    raise argparse.ArgumentTypeError(f"{word} is not a number from 0.1 to 10000; for example 10")
