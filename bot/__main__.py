"""`python -m bot` is the same as `tothemoon`."""

from bot.cli import main

main()
