"""Short answers of one or two sentences: to changed subscriptions, refusals, misunderstandings and failures."""

from __future__ import annotations

from aiogram.utils.formatting import Code, Text
from aiogram.utils.i18n import gettext as _

from bot.views.names import name
from bot.views.phrases import fill
from engine.chats import Subscription

_TITLE_LIMIT = 60


def subscribed(outcome: Subscription) -> str:
    """The answer to /subscribe."""
    sentences = {
        Subscription.NEW: _("This chat gets alerts from now on. /unsubscribe stops them."),
        Subscription.ALREADY: _("This chat gets alerts already. /unsubscribe stops them."),
        Subscription.MOVED: _("Alerts come here from now on, no longer to the other topic."),
    }
    return "🔔 " + sentences[outcome]


def usual_kinds() -> str:
    """What a new subscriber hears."""
    return _("High scores come with a sound, activations and revivals silently.")


def greets_group(*, subscribed: bool) -> str:
    """The first words in a group."""
    if subscribed:
        return "👋 " + _("Here I am again: this chat gets alerts as before. /alerts shows how.")
    return "👋 " + _("Hello! Administrators of this chat can turn on alerts with /subscribe; /help tells the rest.")


def unsubscribed(was_subscribed: bool) -> str:
    """The answer to /unsubscribe."""
    if was_subscribed:
        return "🔕 " + _("No more alerts in this chat. /subscribe turns them on again.")
    return "🔕 " + _("This chat gets no alerts. /subscribe turns them on.")


def for_chat_administrators() -> str:
    """The refusal of a change to what a group hears."""
    return _("Only administrators of this chat can change its settings.")


def administrators_unknown() -> str:
    """The refusal while Telegram does not say whether somebody is one."""
    return _("Telegram does not tell me just now who administrates this chat. Please try again.")


def group_moved() -> str:
    """The answer to a button that stands below what was said before the group became a supergroup."""
    return _("This group has moved since, and its old buttons do nothing any more. Send the command again.")


def may_not_write(title: str | None) -> Text:
    """What the owner of a chat is told where the bot has lost the right to write."""
    sentence = _(
        "I may not write in {chat} any more, so its alerts are off. "
        "Let me send messages and photos there, then send /subscribe there."
    )
    return Text("🔇 ", fill(sentence, chat=Code(name(title, _TITLE_LIMIT))))


def for_admins() -> str:
    """The refusal of an admin's command."""
    return _("Only the bot's admins can do this, and only in a private chat with me.")


def count_wanted(command: str, at_most: int) -> Text:
    """The answer to a /top or /new that names no usable count."""
    sentence = _("Tell me a whole number from 1 to {at_most}, for example {example}")
    return fill(sentence, at_most=str(at_most), example=Code(f"/{command} 10"))


def unknown_command() -> str:
    """The hint for a command that is none of ours."""
    return _("I do not know this command. /help lists those I know.")


def what_to_send() -> str:
    """The hint for a message that is neither a command nor names a token."""
    return _("Send me a token's mint or a link to it, or try /top. /help tells what else I can do.")


def type_it_yourself() -> str:
    """The answer to a command that was forwarded, written under a picture or sent by way of another bot."""
    return _("I take commands only when you type them here yourself.")


def broadcast_wanted(at_most: int) -> Text:
    """The answer to a /broadcast without words, or with too many."""
    sentence = _("Tell me what to send, at most {at_most} characters (most emoji count as two), for example {example}")
    return fill(sentence, at_most=str(at_most), example=Code(_("/broadcast Back in ten minutes")))


def button_out_of_date() -> str:
    """The answer to a button that is not, or no longer, one of ours."""
    return _("This button is out of date. Please ask again.")


def nothing_new() -> str:
    """The answer to Refresh when there is nothing to refresh."""
    return _("Nothing new yet")


def back_in_a_moment() -> str:
    """The answer while the database is away."""
    return _("My database is away; please try again in a minute.")


def something_failed() -> str:
    """The answer when a command failed by a fault of ours."""
    return _("Something went wrong on my side. It is written down and will be looked at.")
