"""The chat in the browser: one page on loopback that looks like a messenger, and a panel that pulls the world about."""

from deploy.sandbox.chat.outside import Outside
from deploy.sandbox.chat.server import ChatPage

__all__ = ["ChatPage", "Outside"]
