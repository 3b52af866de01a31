"""A stand-in for Telegram's Bot API over real sockets: an unchanged bot talks to it, tests and people drive it."""

from deploy.sandbox.telegram.rates import STRICT, RateLimits
from deploy.sandbox.telegram.refused import Refused
from deploy.sandbox.telegram.server import BotApi
from deploy.sandbox.telegram.values import Chat, InlineAnswer, Request, SentMessage, Toast, User
from deploy.sandbox.telegram.wire import Wire

__all__ = [
    "STRICT",
    "BotApi",
    "Chat",
    "InlineAnswer",
    "RateLimits",
    "Refused",
    "Request",
    "SentMessage",
    "Toast",
    "User",
    "Wire",
]
