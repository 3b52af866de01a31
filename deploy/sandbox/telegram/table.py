"""Which Bot API methods the stand-in plays. A new method is one more line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deploy.sandbox.telegram import chats, inline, polling, profile, sending, webhook
from deploy.sandbox.telegram.values import Json
from deploy.sandbox.telegram.world import World

Handler = Callable[[World, Json], Any]  # gives the result as JSON, or an awaitable of it; raises `Refused`

HANDLERS: dict[str, Handler] = {
    "getme": profile.get_me,
    "getupdates": polling.get_updates,
    "setwebhook": webhook.set_webhook,
    "deletewebhook": webhook.delete_webhook,
    "getwebhookinfo": webhook.get_webhook_info,
    "setmycommands": profile.set_my_commands,
    "getmycommands": profile.get_my_commands,
    "deletemycommands": profile.delete_my_commands,
    "setmyname": profile.setter("name"),
    "getmyname": profile.getter("name"),
    "setmydescription": profile.setter("description"),
    "getmydescription": profile.getter("description"),
    "setmyshortdescription": profile.setter("short_description"),
    "getmyshortdescription": profile.getter("short_description"),
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "editmessagetext": sending.edit_message_text,
    "editmessagecaption": sending.edit_message_caption,
    "editmessagemedia": sending.edit_message_media,
    "editmessagereplymarkup": sending.edit_message_reply_markup,
    "deletemessage": sending.delete_message,
    "answercallbackquery": sending.answer_callback_query,
    "answerinlinequery": inline.answer_inline_query,
    "sendchataction": sending.send_chat_action,
    "getfile": sending.get_file,
    "getchat": chats.get_chat,
    "getchatmember": chats.get_chat_member,
    "getchatadministrators": chats.get_chat_administrators,
    "getchatmembercount": chats.get_chat_member_count,
    "leavechat": chats.leave_chat,
}
