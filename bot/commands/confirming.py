"""What admins confirm or cancel by a tap. Saved is said only after the commit."""

from __future__ import annotations

import structlog
from aiogram import Router
from aiogram.types import CallbackQuery
from aiogram.utils.callback_answer import CallbackAnswer

from bot.access import is_admins_tap
from bot.answering import edit_text
from bot.callbacks import ProposalTap
from bot.views.proposals import carried_out, refused, withdrawn
from bot.views.settings import setting_refused
from engine.errors import InvalidSetting
from engine.ports import Clock
from engine.proposals import Refusal
from storage.store import Store

log = structlog.get_logger()


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="confirming")
    family.callback_query.register(on_yes, ProposalTap.filter(), tapped_by_admin, _confirms)
    family.callback_query.register(on_no, ProposalTap.filter(), tapped_by_admin)
    family.callback_query.register(on_stranger, ProposalTap.filter())
    return family


async def tapped_by_admin(query: CallbackQuery, admin_ids: frozenset[int]) -> bool:
    """The filter for what admins alone may tap."""
    return is_admins_tap(query, admin_ids)


async def _confirms(_query: CallbackQuery, callback_data: ProposalTap) -> bool:
    return callback_data.yes


async def on_yes(
    query: CallbackQuery,
    callback_data: ProposalTap,
    callback_answer: CallbackAnswer,
    store: Store,
    clock: Clock,
    wall_clock: Clock,
) -> None:
    """Carry out what was proposed, then say so."""
    try:
        done = await store.proposals.carry_out(callback_data.number, query.from_user.id, wall_clock.now(), clock.now())
    except InvalidSetting as error:
        await edit_text(query, setting_refused(error))
        return
    if isinstance(done, Refusal):
        callback_answer.text = refused(done)
        return
    log.info("proposal.carried_out", wanted=done.wanted, user_id=query.from_user.id, reached=done.reached)
    paused = (await store.settings.current()).alerts_paused == "yes"
    await edit_text(query, carried_out(done, paused=paused))


async def on_no(
    query: CallbackQuery,
    callback_data: ProposalTap,
    callback_answer: CallbackAnswer,
    store: Store,
    wall_clock: Clock,
) -> None:
    """Forget what was proposed."""
    why = await store.proposals.withdraw(callback_data.number, query.from_user.id, wall_clock.now())
    if why is not None:
        callback_answer.text = refused(why)
        return
    await edit_text(query, withdrawn())


async def on_stranger(query: CallbackQuery, callback_answer: CallbackAnswer) -> None:
    """Somebody who is no admin."""
    log.warning("access.refused", user_id=query.from_user.id, command="confirm")
    callback_answer.text = refused(Refusal.UNKNOWN)
