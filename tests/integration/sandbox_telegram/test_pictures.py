"""Pictures: uploaded, decoded, reused, put in place of a text; and what is no picture."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
)
from aiogram.types import (
    BufferedInputFile,
    InputMediaPhoto,
)

from deploy.sandbox.telegram import BotApi, User
from tests.integration.sandbox_telegram.driving import KEYBOARD, png


async def test_a_picture_is_measured_kept_and_reused_by_its_file_id(api: BotApi, bot: Bot, ann: User) -> None:
    sent = await bot.send_photo(ann.id, BufferedInputFile(png(), "chart.png"), caption="up", reply_markup=KEYBOARD)
    assert sent.photo is not None
    photo = sent.photo[-1]
    assert (photo.width, photo.height, photo.file_size) == (40, 30, len(png()))
    await bot.send_photo(ann.id, photo.file_id)
    first, again = api.messages(7)
    assert first.photo == again.photo == png()
    assert (first.caption, again.caption) == ("up", None)
    fetched = await bot.download(photo.file_id)
    assert fetched is not None
    assert fetched.read() == png()
    assert api.violations == []


async def test_a_text_turns_into_a_picture_and_its_caption_changes(api: BotApi, bot: Bot, ann: User) -> None:
    text = await bot.send_message(ann.id, "wait", reply_markup=KEYBOARD)
    media = InputMediaPhoto(media=BufferedInputFile(png(), "chart.png"), caption="one")
    await bot.edit_message_media(media, chat_id=7, message_id=text.message_id)
    await bot.edit_message_caption(chat_id=7, message_id=text.message_id, caption="two")
    [message] = api.messages(7)
    assert (message.text, message.caption, message.photo) == (None, "two", png())
    assert api.requests[-2].params["media"]["media"].startswith("attach://")
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("three", chat_id=7, message_id=text.message_id)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<svg/>", "IMAGE_PROCESS_FAILED"),
        (png()[:-30], "IMAGE_PROCESS_FAILED"),
        (png(1000, 10), "PHOTO_INVALID_DIMENSIONS"),
        (
            bytes(10 * 1024 * 1024 + 1),
            "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760",
        ),
    ],
)
async def test_what_is_no_proper_picture_is_refused(
    api: BotApi, bot: Bot, ann: User, content: bytes, reason: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=reason):
        await bot.send_photo(ann.id, BufferedInputFile(content, "chart.png"))
    assert reason in api.violations[0]


async def test_an_unknown_file_id_is_refused(bot: Bot, ann: User) -> None:
    with pytest.raises(TelegramBadRequest, match="wrong file identifier/HTTP URL specified"):
        await bot.send_photo(ann.id, "AgACAgIAAxkDAAI")
