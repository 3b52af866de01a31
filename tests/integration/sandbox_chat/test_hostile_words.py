"""What comes from outside, in a real browser: addresses, times, names and rows of keys that no page should trust."""

from __future__ import annotations

import json

import pytest
from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from deploy.sandbox.chat import Outside
from deploy.sandbox.company import GROUP
from tests.chat_page import chat, shown
from tests.chromium import Page

pytestmark = pytest.mark.timeout(120)


ADDRESSES = {
    "https://example.com/a?b=1": "https://example.com/a?b=1",
    "example.com": "http://example.com/",
    "tg://resolve?domain=x": "tg://resolve?domain=x",
    **{f"{scheme}://alert(1)": None for scheme in ("javascript", "JaVaScRiPt", "data", "vbscript", "file", "ftp")},
}
KEYS = [
    [{"text": "hostile", "url": "javascript://%0aalert(1)"}],
    [{"text": str(number), "callback_data": "x"} for number in range(8)],
    [{"text": "a long text of a key " * 3, "callback_data": "x"} for _ in range(3)],
    [{"text": str(number), "callback_data": "x"} for number in range(4)],
]
ENTITIES: list[dict[str, object]] = [
    {"type": "date_time", "unix_time": 10**15},
    {"type": "toString"},
    {"type": "constructor"},
]


async def test_an_address_is_opened_only_if_it_is_a_plain_one(tab: Page) -> None:
    for address, href in ADDRESSES.items():
        assert await tab.value(f"import('/dom.js').then(({{safe}}) => safe({json.dumps(address)}))") == href
    drawn = f"keyboard({{chat: 1, id: 1, keys: {json.dumps(KEYS[:1])}}}, {{}}).querySelector('.key').tagName"
    assert await tab.value(f"import('/keys.js').then(({{keyboard}}) => {drawn})") == "BUTTON"


async def test_an_entity_that_nobody_knows_or_a_time_that_is_none_keeps_the_words(tab: Page) -> None:
    for entity in ENTITIES:
        whole = json.dumps({**entity, "offset": 0, "length": 4})
        drawn = f"rich('noon', [{whole}], null).map(node => node.textContent)"
        assert await tab.value(f"import('/entities.js').then(({{rich}}) => {drawn})") == ["noon"]


@pytest.mark.parametrize("width_px", [380, 1360])
async def test_rows_of_many_or_long_keys_are_no_wider_than_the_message(tab: Page, bot: Bot, width_px: int) -> None:
    await tab.look(width_px, 760)
    await tab.click(chat(GROUP))
    for row in KEYS[1:]:
        keys = [InlineKeyboardButton.model_validate(key) for key in row]
        await bot.send_message(GROUP, "keys", reply_markup=InlineKeyboardMarkup(inline_keyboard=[keys]))
    await tab.until("document.querySelectorAll('.keyboard').length === 3")
    right = "getBoundingClientRect().right"
    edge = await tab.value(f"{shown('#messages')}.{right}")
    for column in range(3):
        keyed = f"document.querySelectorAll('.column:has(.keyboard)')[{column}]"
        bubble = await tab.value(f"{keyed}.querySelector('.bubble').{right}")
        rights = await tab.value(f"[...{keyed}.querySelectorAll('.key')].map(key => key.{right})")
        assert max(rights) <= bubble + 0.5
        assert bubble < edge


async def test_a_name_does_not_turn_its_line_around(tab: Page, outside: Outside) -> None:
    telegram = outside.telegram
    telegram.join(telegram.user(7, "\u202eevil"), telegram.world.chats[GROUP])
    await tab.until(f"{chat(GROUP)}.textContent.includes('evil')")
    await tab.click(chat(GROUP))
    await tab.until(f"{shown('#talk-under')}.textContent.includes('evil')")
    assert "\u202e" not in await tab.value("document.querySelector('#talk-under').textContent")
    assert "\u202e" not in await tab.value("document.querySelector('#messages').textContent")
