"""The command line: `tothemoon run`, `record`, `score` and `version`. What running means stands in bot.app."""

import math
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot import __version__, logs
from bot.clock import SystemClock
from bot.config import load, prepare_folders
from bot.masking import Mask
from bot.scorecard import scorecard
from engine.errors import ConfigError, NoDataYet

app = typer.Typer(
    help="ToTheMoon2 hears pump.fun migrations, scores their activity and tells traders on Telegram.",
    add_completion=False,
    pretty_exceptions_enable=False,  # they would print variables, and with them secrets
    rich_markup_mode=None,
)


@app.command()
def run(
    no_bot: Annotated[bool, typer.Option("--no-bot", help="the engine alone, without Telegram and BOT_TOKEN")] = False,
) -> None:
    """Run the bot until SIGINT or SIGTERM. It is configured by the environment and `.env`; see `.env.example`."""
    config = load(with_bot=not no_bot)
    prepare_folders(config)
    logs.configure(config.log_level, config.log_file, config.secrets())
    from bot.app import run as run_app  # noqa: PLC0415 - takes a second to import; a bad configuration is told at once

    raise typer.Exit(run_app(config, with_bot=not no_bot))


@app.command()
def record(
    file: Annotated[Path, typer.Argument(help="the file to write, in JSON lines; it must not exist")],
    minutes: Annotated[float | None, typer.Option(metavar="N", help="end by itself after so long")] = None,
    bot: Annotated[bool, typer.Option("--bot", help="with Telegram, instead of the engine alone")] = False,
) -> None:
    """Run as `run --no-bot` does, and write what the providers say into FILE, for the sandbox's `--replay FILE`."""
    if minutes is not None and not (math.isfinite(minutes) and minutes > 0):
        _refuse(f"--minutes takes a number above 0, not {minutes}; for example --minutes 30")
    config = load(with_bot=bot)
    prepare_folders(config)
    logs.configure(config.log_level, config.log_file, config.secrets())
    from bot.app import run as run_app  # noqa: PLC0415 - as above
    from bot.recording import Recording  # noqa: PLC0415 - the same

    recording = Recording(file, Mask(config.secrets()), SystemClock())
    after_seconds = None if minutes is None else 60 * minutes
    raise typer.Exit(run_app(config, with_bot=bot, recording=recording, after_seconds=after_seconds))


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="an answer of /defi/token_overview, in JSON")],
    age: Annotated[float, typer.Option(metavar="MIN", help="minutes since the first trade; W is 5 to 60 of them")] = 60,
) -> None:
    """Print the components and the score of one overview answer, as a token's first check with default settings."""
    if not (math.isfinite(age) and age >= 0):
        _refuse(f"--age takes minutes from 0 up, not {age}; for example --age 12")
    try:
        typer.echo(scorecard(file, age, SystemClock().now()))
    except OSError as error:
        _refuse(f"{file} cannot be read: {error.strerror or type(error).__name__}")
    except ValueError:
        _refuse(f"{file} is not JSON")
    except NoDataYet as error:
        _refuse(f"{file} holds no figures of a token: {error}")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _refuse(sentence: str) -> NoReturn:
    """One line on stderr and exit code 2."""
    line = " ".join(sentence.splitlines())
    typer.echo(line.encode(errors="replace").decode(), err=True)  # a file's name may be no text
    raise typer.Exit(2)


def main() -> None:
    """Run the command line; an unusable configuration is one line on stderr and exit code 2."""
    try:
        app(prog_name="tothemoon")
    except ConfigError as error:
        typer.echo(" ".join(str(error).splitlines()), err=True)
        sys.exit(2)
