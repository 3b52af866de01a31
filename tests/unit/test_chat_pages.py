"""Messages as pages: entities become the markup that Telegram shows, and nothing else does."""

from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from aiogram.types import MessageEntity
from aiogram.utils.formatting import Bold, Code, ExpandableBlockQuote, Italic, Text, TextLink
from hypothesis import given
from hypothesis import strategies as st

from bot.views.phrases import moment
from deploy.sandbox.cast import NAMES
from deploy.sandbox.pictures.entities import rich_text
from deploy.sandbox.pictures.page import html
from deploy.sandbox.telegram import SentMessage, User
from deploy.sandbox.telegram.values import File

BOT = User(7, "ToTheMoon2", is_bot=True)
YOU = User(8, "You")
NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)


def shown(text: Text) -> str:
    plain, entities = text.render()
    return rich_text(plain, [as_sent(entity) for entity in entities])


def as_sent(entity: MessageEntity) -> dict[str, Any]:
    return entity.model_dump(mode="json", exclude_none=True)


def message(**facts: Any) -> SentMessage:
    usual: dict[str, Any] = {"chat_id": 1, "message_id": 1, "sender": BOT, "date": NOON, "version": 1}
    return SentMessage(**(usual | facts))


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        (Text("a ", Bold("b"), " c"), "a <b>b</b> c"),
        (Text(Bold("a"), Italic("b")), "<b>a</b><i>b</i>"),
        (Bold("a ", Italic("b"), " c"), "<b>a <i>b</i> c</b>"),
        (Bold(Italic("a")), "<i><b>a</b></i>"),
        (Text("🚀🌕 ", Bold("🐸 b"), " 🐸"), "🚀🌕 <b>🐸 b</b> 🐸"),
        (Text(Code("<b>"), " & ", Bold('"')), "<code>&lt;b&gt;</code> &amp; <b>&quot;</b>"),
        (
            TextLink("x", url='https://example.com/?a=1&b="'),
            '<a href="https://example.com/?a=1&amp;b=&quot;" rel="noopener noreferrer">x</a>',
        ),
    ],
    ids=["one", "adjacent", "nested", "same extent", "after emoji", "escaped", "link"],
)
def test_entities_become_the_markup_they_mean(text: Text, markup: str) -> None:
    assert shown(text) == markup


def test_a_quote_takes_the_line_break_behind_it() -> None:
    text = Text("a\n", ExpandableBlockQuote("b\n", Bold("c")), "\nd")
    assert shown(text) == 'a\n<blockquote class="expandable">b\n<b>c</b></blockquote>d'


def test_a_time_of_day_is_shown_as_the_reader_sees_it() -> None:
    assert shown(Text("As of ", moment(NOON))) == 'As of <time datetime="2026-07-03T12:00:00+00:00">12:00</time>'


def test_a_time_in_another_format_keeps_the_words_of_the_bot() -> None:
    entity = {"type": "date_time", "offset": 0, "length": 4, "unix_time": int(NOON.timestamp())}
    assert rich_text("noon", [entity]) == '<time datetime="2026-07-03T12:00:00+00:00">noon</time>'


def test_entities_that_cross_each_other_are_cut_where_they_do() -> None:
    entities = [{"type": "bold", "offset": 0, "length": 3}, {"type": "italic", "offset": 2, "length": 3}]
    assert rich_text("abcdef", entities) == "<b>ab<i>c</i></b><i>de</i>f"


def test_an_entity_that_begins_with_the_line_break_behind_a_quote_repeats_nothing() -> None:
    entities = [{"type": "blockquote", "offset": 0, "length": 1}, {"type": "bold", "offset": 1, "length": 2}]
    assert rich_text("a\nb", entities) == "<blockquote>a</blockquote><b>b</b>"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", " https://example.com", ""])
def test_a_link_that_is_no_page_leads_nowhere(url: str) -> None:
    entity = {"type": "text_link", "offset": 0, "length": 1, "url": url}
    assert rich_text("x", [entity]) == '<span class="blue">x</span>'


@pytest.mark.parametrize(("symbol", "name"), NAMES)
def test_a_hostile_name_is_text_and_never_markup(symbol: str, name: str) -> None:
    text = f"{symbol} · {name}"
    written = rich_text(text, [{"type": "code", "offset": 0, "length": 2}])
    bare = written.replace("<code>", "", 1).replace("</code>", "", 1)
    assert not set(bare) & set("<>\"'")
    assert unescape(bare) == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Reading(HTMLParser):
    """What a browser reads: the words, and the tags that are open."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.words = ""
        self.open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@given(
    text=st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1, max_size=12),
    places=st.lists(st.tuples(st.sampled_from(["bold", "italic", "code"]), st.integers(0, 11), st.integers(1, 12))),
)
def test_however_entities_lie_the_text_stays_and_every_tag_closes(
    text: str, places: list[tuple[str, int, int]]
) -> None:
    inside = [place for place in places if place[1] < len(text)]
    entities = [{"type": kind, "offset": at, "length": min(size, len(text) - at)} for kind, at, size in inside]
    reading = Reading(rich_text(text, entities))
    assert reading.words == text
    assert not reading.open


def test_a_page_holds_the_picture_the_buttons_and_the_name_of_the_bot() -> None:
    keyboard = {
        "inline_keyboard": [
            [{"text": "<Birdeye>", "url": "https://birdeye.so"}, {"text": "Refresh", "callback_data": "r"}],
            [{"text": "Copy", "copy_text": {"text": "mint"}}],
        ]
    }
    photo = File("id", "photos/1.png", b"PNG", 960, 600)
    page = html(message(caption="Hello", file=photo, reply_markup=keyboard), bot_name="<Moon>")
    assert 'src="data:image/png;base64,UE5H"' in page
    assert page.count('<div class="keys">') == 2
    assert '<span class="key">&lt;Birdeye&gt;<span class="corner">↗</span></span>' in page
    assert '<span class="key">Refresh</span>' in page
    assert '<span class="name">&lt;Moon&gt;</span>' in page


def test_a_page_tells_people_from_the_bot_and_dark_from_light() -> None:
    asked, answered = message(sender=YOU, text="/top"), message(text="Top", edited=True)
    page = html(asked, answered, theme="light")
    assert 'data-theme="light"' in page
    assert page.index('<article class="mine">') < page.index('<article class="theirs">')
    assert "edited 12:00" in page


def test_a_page_asks_for_nothing_from_outside() -> None:
    page = html(message(text="Hello"))
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page
