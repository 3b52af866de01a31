"""/alerts: how this chat wants to be told, in one message with buttons that change it in place."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog
from aiogram import Router
from aiogram.enums import ChatType
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message
from aiogram.types import Chat as TelegramChat
from aiogram.utils.callback_answer import CallbackAnswer

from bot.answering import edit_text
from bot.commands.administrators import OnlyAdministrators
from bot.commands.arguments import argument
from bot.commands.place import chat_of
from bot.commands.subscribing import subscribe
from bot.commands.typed import hear
from bot.views import replies
from bot.views.alerts import alerts, threshold_refused, told_of_test, zone_refused
from bot.views.alerts_buttons import Change, Deed, Do, OpenPage, Page, alerts_keyboard
from bot.wishes import Panel, Wish, changes_of
from engine.chats import Preferences
from engine.hearing import heard_in
from engine.ports import Clock
from engine.shown import Chat
from storage.store import Store

log = structlog.get_logger()

GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})
PAGE_AFTER = {
    Wish.OWN: Page.OWN,
    Wish.STEP: Page.OWN,
    Wish.QUIET: Page.QUIET,
    Wish.QUIET_FROM: Page.QUIET,
    Wish.QUIET_UNTIL: Page.QUIET,
    Wish.ZONE: Page.QUIET,
}  # after any other change the first page shows


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="alerts")
    OnlyAdministrators().guard(family)
    hear(family, "alerts", on_alerts)
    family.callback_query.register(on_page, OpenPage.filter())
    family.callback_query.register(on_change, Change.filter())
    family.callback_query.register(on_deed, Do.filter())
    return family


async def on_alerts(message: Message, command: CommandObject, store: Store, clock: Clock) -> None:
    """Show the panel, or make the change that the words behind the command ask for."""
    wanted = argument(command)
    if not wanted:
        panel = await panel_of(store, message.chat, clock)
        await _show(message, panel, Page.TOP if panel.is_answered else Page.LEVEL)
        return
    first, _space, rest = wanted.partition(" ")
    is_zone = first.lower() == "zone"
    wish, value = (Wish.ZONE, rest.strip()) if is_zone else (Wish.OWN, wanted)
    panel = await _wishes_of(store, message.chat, clock)
    if not await _changed(store, chat_of(message, message.from_user), wish, value, panel):
        refusal = zone_refused(value) if is_zone else threshold_refused(panel, value)
        await message.answer(**refusal.as_kwargs())
        return
    await _show(message, await panel_of(store, message.chat, clock), PAGE_AFTER[wish])


async def on_page(query: CallbackQuery, callback_data: OpenPage, store: Store, clock: Clock) -> None:
    """Show another page of the panel."""
    await _show_again(query, store, clock, callback_data.page)


async def on_change(
    query: CallbackQuery, callback_data: Change, callback_answer: CallbackAnswer, store: Store, clock: Clock
) -> None:
    """Change one wish, and show what is stored from now on."""
    if not isinstance(query.message, Message):
        return
    wish, panel = callback_data.wish, await _wishes_of(store, query.message.chat, clock)
    if not await _changed(store, chat_of(query.message, query.from_user), wish, callback_data.value, panel):
        callback_answer.text = replies.button_out_of_date()
        return
    await _show_again(query, store, clock, PAGE_AFTER.get(wish, Page.TOP))


async def on_deed(
    query: CallbackQuery, callback_data: Do, callback_answer: CallbackAnswer, store: Store, clock: Clock
) -> None:
    """Subscribe, send a test, or open the panel from another message."""
    if not isinstance(query.message, Message):
        return
    chat = chat_of(query.message, query.from_user)
    if callback_data.deed is Deed.PANEL:
        panel = await panel_of(store, query.message.chat, clock)
        await _show(query.message, panel, Page.TOP if panel.is_answered else Page.LEVEL)
    elif callback_data.deed is Deed.TEST:
        await store.chats.meet(chat, clock.now())
        paused = (await store.settings.current()).alerts_paused == "yes"
        callback_answer.text = told_of_test(await store.outbox.test(chat.id, clock.now()), paused=paused)
    else:
        outcome, hot = await subscribe(chat, store, clock)
        callback_answer.text = replies.subscribed(outcome)
        await _show_again(query, store, clock, Page.TOP)
        if hot is not None:
            await query.message.answer(**hot.as_kwargs())


async def panel_of(store: Store, chat: TelegramChat, clock: Clock) -> Panel:
    """The chat's wishes as they are stored, and what they mean now; the sum goes over a day, so beside the loop."""
    panel = await _wishes_of(store, chat, clock)
    day = await store.days.lately(panel.now)
    return replace(panel, heard=await asyncio.to_thread(heard_in, day, panel.preferences, panel.settings))


async def _wishes_of(store: Store, chat: TelegramChat, clock: Clock) -> Panel:
    """All but what the wishes would have sent."""
    now = clock.now()
    return Panel(
        preferences=await store.chats.preferences(chat.id) or Preferences(),
        settings=await store.settings.current(),
        now=now,
        levels=await store.episodes.levels(now),
        in_group=chat.type in GROUPS,
    )


async def _changed(store: Store, chat: Chat, wish: Wish, value: str, panel: Panel) -> bool:
    """Store the wish, also for a chat that hears nothing yet; False for a value that means nothing."""
    changes = changes_of(wish, value, panel)
    if changes is None:
        return False
    await store.chats.meet(chat, panel.now)
    new = {name: wished for name, wished in changes.items() if wished != getattr(panel.preferences, name)}
    if new:  # a threshold chosen again is no new one: it would silence the episodes that are open
        await store.chats.prefer(chat.id, panel.now, **new)
    log.info("alerts.changed", chat_id=chat.id, wish=wish.value)
    return True


async def _show(message: Message, panel: Panel, page: Page) -> None:
    await message.answer(**alerts(panel, page).as_kwargs(), reply_markup=alerts_keyboard(panel, page))


async def _show_again(query: CallbackQuery, store: Store, clock: Clock, page: Page) -> None:
    """The same message with what is stored now."""
    if isinstance(query.message, Message):
        panel = await panel_of(store, query.message.chat, clock)
        await edit_text(query, alerts(panel, page), alerts_keyboard(panel, page))
