"""A headless Chromium for tests, driven by its DevTools socket. It may reach this machine and nothing else."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from deploy.sandbox.pictures.camera import usual

POLL_SECONDS = 0.1
START_SECONDS = 30
KEYS = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Tab": 9}
SHIFT = 8


class Page:
    """One tab. Expressions are JavaScript; what goes wrong on the page fails the test that asked."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Takes in answers, and what the page complains of: errors, refused scripts, failed requests."""
        async for raw in self._socket:
            told = json.loads(raw)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told["method"] == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["params"]["exceptionDetails"])[:600])
            elif told["method"] == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                self.complaints.append(told["params"]["entry"]["text"])

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One DevTools command; its result."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        told = await asyncio.wait_for(answer, START_SECONDS)
        assert "error" not in told, f"{method}: {told.get('error')}"
        result: dict[str, Any] = told["result"]
        return result

    async def value(self, expression: str) -> Any:
        """What the expression gives, as JSON."""
        told = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, f"{expression}: {told['exceptionDetails']}"
        return told["result"].get("value")

    async def until(self, expression: str, deadline_seconds: float = 20, what: str = "") -> None:
        """Waits until the expression gives something true; fails the test after the deadline."""
        end = time.monotonic() + deadline_seconds
        while not await self.value(f"Boolean({expression})"):
            assert time.monotonic() < end, f"waited {deadline_seconds} s in vain for {what or expression}"
            await asyncio.sleep(POLL_SECONDS)

    async def click(self, expression: str, deadline_seconds: float = 20) -> None:
        """Clicks the middle of the element that the expression gives, with the mouse, once it is there."""
        async with self.holding(expression, deadline_seconds):
            pass

    @asynccontextmanager
    async def holding(self, expression: str, deadline_seconds: float = 20) -> AsyncIterator[None]:
        """A click that takes its time: the mouse's key is down meanwhile."""
        await self.until(expression, deadline_seconds)
        await self.value(f"({expression}).scrollIntoView({{block: 'nearest'}})")
        box = await self.value(f"({expression}).getBoundingClientRect().toJSON()")
        spot = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "button": "left", "clickCount": 1}
        await self.call("Input.dispatchMouseEvent", type="mousePressed", **spot)
        yield
        await self.call("Input.dispatchMouseEvent", type="mouseReleased", **spot)

    async def write(self, text: str) -> None:
        """Types into what has the focus."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, *, shift: bool = False) -> None:
        """Presses a key that writes nothing, or Enter."""
        facts = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key], "modifiers": SHIFT if shift else 0}
        text = {"text": "\r"} if key == "Enter" else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **facts, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **facts)

    async def open(self, url: str) -> None:
        """Goes there."""
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def look(self, width_px: int, height_px: int, *, dark: bool = False, scale: float = 1) -> None:
        """Gives the window this size, and the system that theme."""
        size = {"width": width_px, "height": height_px, "deviceScaleFactor": scale, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        await self.call("Emulation.setEmulatedMedia", features=features)
        # a click before the new size is painted can get lost
        await self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    async def photograph(self, target: Path) -> None:
        """A PNG of the window."""
        told = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(target.write_bytes, base64.b64decode(told["data"]))


@asynccontextmanager
async def chromium(program: str) -> AsyncIterator[Page]:
    """A tab of a browser of its own, with an empty profile."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-chromium-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            program, *_words(Path(folder)), stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            async with connect(await _tab(Path(folder)), max_size=None, proxy=None) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                try:
                    for domain in ("Page", "Runtime", "Log"):
                        await page.call(f"{domain}.enable")
                    yield page
                finally:
                    listening.cancel()
                    await asyncio.wait([listening])
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _words(folder: Path) -> list[str]:
    return [
        *usual(),
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={folder}",
        "--remote-debugging-port=0",
        "about:blank",
    ]


async def _tab(folder: Path) -> str:
    """The socket of the first tab, once the browser has told its port."""
    told = folder / "DevToolsActivePort"
    end = time.monotonic() + START_SECONDS
    while not (told.exists() and "\n" in told.read_text()):
        assert time.monotonic() < end, "Chromium did not start"
        await asyncio.sleep(POLL_SECONDS)
    port, path = told.read_text().split("\n")[:2]
    async with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as socket:
        await socket.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
        targets = json.loads(await socket.recv())["result"]["targetInfos"]
    tab = next(target["targetId"] for target in targets if target["type"] == "page")
    return f"ws://127.0.0.1:{port}/devtools/page/{tab}"
