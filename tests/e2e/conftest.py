"""The stage of an end-to-end test."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.sandbox.playground import free_port
from tests.e2e import stage as stages


@pytest.fixture
async def stage() -> AsyncIterator[stages.Stage]:
    """The stand-ins and a folder outside of pytest's own, which another user's server may not enter."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-e2e-") as folder:
        async with stages.stage(Path(folder), free_port()) as built:
            yield built
