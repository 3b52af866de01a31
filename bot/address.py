"""Where Telegram posts updates to, and the word by which it proves itself.

Both are derived from the bot's token, so there is nothing to configure but the public address.
"""

from __future__ import annotations

import hashlib
import hmac

PATH = "/telegram/"


def address_of(public_url: str, token: str) -> str:
    """The whole address, with a path that nobody guesses."""
    return f"{public_url}{PATH}{secret_path(token)}"


def secret_path(token: str) -> str:
    """The last part of the path."""
    return _derived(token, "path")


def secret_word(token: str) -> str:
    """What Telegram says in a header of each post."""
    return _derived(token, "secret")


def _derived(token: str, what: str) -> str:
    return hmac.new(token.encode(), f"webhook {what}".encode(), hashlib.sha256).hexdigest()
