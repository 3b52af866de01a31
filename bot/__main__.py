"""The program's first lines: a signal is heard from here on, while the rest still takes seconds to import."""

import os
import signal


def main() -> None:
    """Run the command line. Until the program takes over, SIGINT and SIGTERM end it at once: nothing is open yet."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    from bot.cli import main as run_command_line  # noqa: PLC0415 - see above

    run_command_line()


if __name__ == "__main__":
    main()
