"""How the stand-in says no: one exception, in Telegram's own codes and words."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The answer is `ok: false` with this HTTP status and description.

    `violation` marks what no correct bot ever sends, such as a text of 5000 characters.
    """

    def __init__(
        self, status: int, description: str, parameters: dict[str, Any] | None = None, *, violation: bool = False
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters
        self.violation = violation

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(text: str) -> Refused:
    """400 because of the state of the world: a chat that is gone, a message that is unchanged."""
    return Refused(400, f"Bad Request: {text}")


def violation(text: str) -> Refused:
    """400 because the request itself breaks a rule; also written down in `api.violations`."""
    return Refused(400, f"Bad Request: {text}", violation=True)


def forbidden(text: str) -> Refused:
    """403: the bot may not speak there."""
    return Refused(403, f"Forbidden: {text}")
