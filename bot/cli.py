"""The command line: `tothemoon run` and `tothemoon version`. What running means stands in bot.app."""

import sys

import typer

from bot import __version__, logs
from bot.config import load, prepare_folders
from engine.errors import ConfigError

app = typer.Typer(
    help="ToTheMoon2 hears pump.fun migrations, scores their activity and tells traders on Telegram.",
    add_completion=False,
    pretty_exceptions_enable=False,  # they would print variables, and with them secrets
    rich_markup_mode=None,
)


@app.command()
def run() -> None:
    """Run the bot until SIGINT or SIGTERM. It is configured by the environment and `.env`; see `.env.example`."""
    config = load()
    prepare_folders(config)
    logs.configure(config.log_level, config.log_file, config.secrets())
    from bot.app import run as run_app  # noqa: PLC0415 - takes a second to import; a bad configuration is told at once

    raise typer.Exit(run_app(config))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line; an unusable configuration is one line on stderr and exit code 2."""
    try:
        app(prog_name="tothemoon")
    except ConfigError as error:
        typer.echo(" ".join(str(error).splitlines()), err=True)
        sys.exit(2)
