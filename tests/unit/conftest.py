"""A pretend world whose time a test moves by hand."""

from __future__ import annotations

import pytest

from deploy.sandbox.clock import HandClock
from deploy.sandbox.world import World


@pytest.fixture
def clock() -> HandClock:
    """Stands still until it is moved."""
    return HandClock()


@pytest.fixture
def world(clock: HandClock) -> World:
    """A world that has begun."""
    world = World(7, clock)
    world.begin()
    return world
