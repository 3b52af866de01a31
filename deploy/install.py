"""Makes .venv in the project's root from the pinned requirements, then becomes the bot, its sandbox, or runs the tests.

Standard library only: it runs before anything is installed. Called by deploy/start and deploy/test.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
RUN, TEST = "requirements.txt", "requirements-test.txt"  # TEST holds all of RUN
INTERRUPT_SECONDS = 10.0
SHARED = ("--numprocesses", "3", "--dist", "worksteal")  # many tests wait for sockets; the longest stand side by side
PROBE = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
HEADLESS = "--no-bot"
REAL = "BOT_TOKEN is set: starting the real bot."
ENGINE = "Starting the engine alone, without Telegram."
SANDBOX = """\
No BOT_TOKEN: starting the sandbox, a pretend Telegram, PumpPortal, Birdeye and DexScreener on this machine.
For the real bot: get a token from @BotFather, write BOT_TOKEN=... into the file .env, and for all measures of the score
BIRDEYE_API_KEY=... too (.env.example lists every setting), and run deploy/start again."""


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"* {sentence}\n")
    sys.stdout.flush()


def run(words: Sequence[str | Path], root: Path = ROOT) -> int:
    """Run a program in the project's root and return its exit code; whatever ends us, ends it and its children."""
    with subprocess.Popen(words, cwd=root, start_new_session=True) as child:  # noqa: S603 - words of this file
        try:
            return child.wait()
        finally:
            if child.poll() is None:
                interrupt(child)


def interrupt(child: subprocess.Popen[bytes]) -> None:
    """Ask the child's whole session to end as Ctrl-C would, then make it."""
    for how in (signal.SIGINT, signal.SIGKILL):
        os.killpg(child.pid, how)
        try:
            child.wait(INTERRUPT_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def digest(root: Path, requirements: str) -> str:
    """What an installation is made from: the pins, our own metadata, and the place, which scripts contain."""
    parts = [(root / requirements).read_bytes(), (root / "pyproject.toml").read_bytes(), bytes(root)]
    return f"{requirements} {hashlib.sha256(b'|'.join(parts)).hexdigest()}"


def installed(root: Path) -> list[str]:
    """The digests that .venv was filled from; empty when none, or not to the end."""
    try:
        return (root / ".venv" / "installed.txt").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def is_usable(venv: Path) -> bool:
    """Whether .venv was made to the end, in this place, and its Python still runs."""
    config, python = venv / "pyvenv.cfg", venv / "bin" / "python"
    if (venv / "unfinished").exists() or not config.exists() or not python.exists():
        return False
    if str(venv) not in config.read_text(encoding="utf-8"):
        return False  # the project was moved; the scripts still name the old place
    return subprocess.run([python, "-c", PROBE], capture_output=True, check=False).returncode == 0  # noqa: S603 - .venv's


def make_venv(venv: Path) -> None:
    """A fresh .venv, marked unfinished until everything is installed."""
    if venv.exists() or venv.is_symlink():
        say(f"{venv} is broken or half-made: making it anew.")
        venv.unlink() if venv.is_symlink() else shutil.rmtree(venv)
    say(f"Making {venv} with Python {sys.version.split()[0]}.")
    venv.mkdir()
    (venv / "unfinished").touch()
    must(run([sys.executable, "-m", "venv", venv]), "Python could not make a virtual environment")


def ensure_installed(root: Path, requirements: str) -> None:
    """Make or renew .venv unless it already holds exactly these requirements."""
    venv = root / ".venv"
    usable = is_usable(venv)
    if usable and digest(root, requirements) in installed(root):
        return
    if not usable:
        make_venv(venv)
    (venv / "installed.txt").unlink(missing_ok=True)
    say(f"Installing the packages of {requirements}; the first time takes a minute or two.")
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install"]
    must(run([*pip, "--require-hashes", "-r", requirements], root), "the packages could not be installed")
    own = ["--no-deps", "--no-build-isolation", "-e", "."]
    must(run([*pip, *own], root), "ToTheMoon2 itself could not be installed")
    held = [RUN, TEST] if requirements == TEST else [RUN]
    (venv / "installed.txt").write_text("\n".join(digest(root, name) for name in held), encoding="utf-8")
    (venv / "unfinished").unlink(missing_ok=True)
    say("Installed.")


def must(code: int, what: str) -> None:
    """Stop with a sentence unless the step went well."""
    if code:
        say(f"Stopped: {what} (exit code {code}); see the lines above, then try again.")
        sys.exit(1)


def bot_token(root: Path, environment: Mapping[str, str]) -> str:
    """BOT_TOKEN of the environment or else of .env, read as bot.config reads it; empty when there is none."""
    if given := environment.get("BOT_TOKEN", "").strip():
        return given
    try:
        lines = (root / ".env").read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return ""
    pairs = [line.strip().removeprefix("export ").partition("=") for line in lines]
    tokens = [value.strip().strip("'\"") for name, _, value in pairs if name.strip().upper() == "BOT_TOKEN"]
    return tokens[-1] if tokens else ""


def start(root: Path, words: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Become the bot, its engine alone when asked to, or without a token the sandbox."""
    programs = root / ".venv" / "bin"
    headless = HEADLESS in words
    if headless or bot_token(root, environment):
        say(ENGINE if headless else REAL)
        command = [str(programs / "tothemoon"), "run", *words]
    else:
        say(SANDBOX)
        command = [str(programs / "python"), "-m", "deploy.sandbox", *words]
    os.chdir(root)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.execv(command[0], command)  # noqa: S606 - our own program, so that signals reach it and no shell stands between


def test(root: Path, words: list[str]) -> int:
    """Run every check, report each, and return the first failing code or 0."""
    programs = root / ".venv" / "bin"
    python = programs / "python"
    checks: dict[str, list[str | Path]] = {
        "lint": [programs / "ruff", "check", "."],
        "format": [programs / "ruff", "format", "--check", "."],
        "types": [python, "-m", "mypy"],
        "import contracts": [programs / "lint-imports"],
        "tests": [python, "-m", "pytest", *SHARED, *words],
    }
    codes = {}
    for name, command in checks.items():
        say(f"{name}: {' '.join(map(str, command[1:])) or command[0]}")
        codes[name] = run(command, root)
    for name, code in codes.items():
        say(f"{name}: {'good' if code == 0 else f'FAILED with code {code}'}")
    return next((code for code in codes.values() if code), 0)


def leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End on SIGTERM through the finally blocks, with the shell's exit code for it."""
    sys.exit(128 + number)


def main(words: list[str]) -> int:
    """`start` or `test`, with words for the program. A shell's background job ignores SIGINT: it is heard again."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, leave)
    what, *rest = words
    mask = os.umask(0o022)  # as root, the database server's user must be able to read .venv
    try:
        ensure_installed(ROOT, TEST if what == "test" else RUN)
        os.umask(mask)
        if what == "test":
            return test(ROOT, rest)
        start(ROOT, rest, os.environ)  # noqa: TID251 - runs before bot.config can be imported
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
