"""Watches on a real PostgreSQL: kept, changed, and told in the transaction of the look that rings."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from engine.chats import Condition, Hearing, News, Watch, Watched
from engine.decision import decide
from engine.errors import BadData
from engine.model import Alert, AlertKind, Sample, Source, Token
from engine.parcels import Parcel
from engine.recorder import Answer, Seen
from engine.settings import Settings
from storage.database import Database
from storage.store import Store
from storage.watches import MOST
from tests.bench.counting import counted
from tests.integration.looking import Desk, seen
from tests.integration.story import ALICE, BOB, Story
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample

CHEAP = 0.0001  # a tenth of the usual price


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


@pytest.fixture
async def desk(store: Story) -> Desk:
    desk = Desk(store)
    await desk.track(MINT, OTHER_MINT, heard_at=NOON - minutes(60))
    return desk


def watch(token: Token, chat_id: int = ALICE.id, **wishes: Any) -> Watch:
    """A watch for a price that comes a quarter away from a tenth of the usual one."""
    usual: dict[str, Any] = {"price_percent": 25.0, "base_price": CHEAP, "base_price_at": NOON - minutes(5)}
    usual |= {"base_source": Source.DEXSCREENER, "first_price": CHEAP}
    return Watch(chat_id, token.id, NOON - minutes(30), **(usual | wishes))


async def watched(desk: Desk, *chats: int, mint: str = MINT, **wishes: Any) -> Token:
    """The token, watched by these chats."""
    [token] = await desk.store.tokens.find(mint)
    for chat in (ALICE, BOB):
        await desk.store.chats.meet(chat, NOON - minutes(40))
    for chat_id in chats:
        assert await desk.store.watches.add(watch(token, chat_id, **wishes))
    return token


async def glance(desk: Desk, token: Token, **figures: Any) -> None:
    """A glance is recorded."""
    await desk.recorder.settle([Answer(token, Settings(), glance=Seen(seen(**figures).sample))])


async def parcels(desk: Desk) -> list[Parcel]:
    return [p for p in await desk.store.outbox.claim(100, 60, NOON) if p.facts.kind is AlertKind.WATCHED]


async def kept(store: Store, token: Token, chat_id: int = ALICE.id) -> Watch:
    sight = await store.watches.sight(chat_id, token.id)
    assert sight is not None
    assert sight.watch is not None
    return sight.watch


# --- kept


async def test_a_watch_is_kept_as_it_was_given_and_replaced_by_the_next(desk: Desk) -> None:
    token = await watched(desk, ALICE.id)
    assert await kept(desk.store, token) == watch(token)
    other = watch(token, score=3.0, archived=False)
    assert await desk.store.watches.add(other)
    assert await kept(desk.store, token) == other


async def test_a_watch_is_changed_and_removed_only_where_there_is_one(desk: Desk) -> None:
    token = await watched(desk, ALICE.id)
    assert await desk.store.watches.change(ALICE.id, token.id, score=5.0, revived=False)
    assert await kept(desk.store, token) == watch(token, score=5.0, revived=False)
    assert not await desk.store.watches.change(BOB.id, token.id, score=5.0)
    assert not await desk.store.watches.remove(BOB.id, token.id)
    assert await desk.store.watches.remove(ALICE.id, token.id)
    assert await desk.store.watches.of(ALICE.id) == []


async def test_a_chat_watches_at_most_so_many_and_may_still_replace_one(store: Story) -> None:
    await store.chats.meet(ALICE, NOON)
    tokens = [await store.tracked(f"{MINT[:-2]}{number:02}") for number in range(MOST + 1)]
    for token in tokens[:-1]:
        assert await store.watches.add(watch(token))
    assert not await store.watches.add(watch(tokens[-1]))
    assert await store.watches.add(watch(tokens[0], score=9.0))
    assert len(await store.watches.of(ALICE.id)) == MOST


async def test_two_taps_at_once_do_not_pass_the_limit(store: Story) -> None:
    await store.chats.meet(ALICE, NOON)
    tokens = [await store.tracked(f"{MINT[:-2]}{number:02}") for number in range(MOST + 5)]
    added = await asyncio.gather(*(store.watches.add(watch(token)) for token in tokens))
    assert added.count(True) == MOST


async def test_an_unknown_token_or_chat_cannot_be_watched(desk: Desk) -> None:
    token = await watched(desk)
    for wrong in (replace(watch(token), token_id=10**15), watch(token, chat_id=404)):
        with pytest.raises(BadData):
            await desk.store.watches.add(wrong)


async def test_the_list_has_each_token_with_its_latest_look_in_one_query(desk: Desk) -> None:
    token = await watched(desk, ALICE.id)
    await watched(desk, ALICE.id, mint=OTHER_MINT)
    await glance(desk, token, price=CHEAP)
    with counted(desk.store.database) as tally:
        sights = await desk.store.watches.of(ALICE.id)
    assert tally.statements.total() == 1
    assert {sight.standing.token.mint for sight in sights} == {MINT, OTHER_MINT}
    assert {sight.standing.sample.price for sight in sights if sight.standing.sample} == {CHEAP}


async def test_who_does_not_watch_a_token_sees_it_all_the_same(desk: Desk) -> None:
    token = await watched(desk, ALICE.id)
    sight = await desk.store.watches.sight(BOB.id, token.id)
    assert sight is not None
    assert (sight.standing.token.mint, sight.watch) == (MINT, None)
    assert await desk.store.watches.sight(BOB.id, 10**15) is None


async def test_forgetting_a_chat_forgets_what_it_watches(desk: Desk) -> None:
    token = await watched(desk, ALICE.id)
    await desk.store.chats.unsubscribe(ALICE.id)
    assert await desk.store.watches.of_tokens([token.id]) == {}


# --- told


async def test_a_look_that_rings_moves_the_base_and_queues_one_row_a_chat(desk: Desk) -> None:
    token = await watched(desk, ALICE.id, BOB.id)
    await glance(desk, token)
    told = await parcels(desk)
    assert sorted(parcel.chat_id for parcel in told) == [ALICE.id, BOB.id]
    [news] = told[0].facts.news
    assert (news.condition, news.base, news.now, news.limit) == (Condition.PRICE, CHEAP, 0.001, 25.0)
    assert news.since == NOON - minutes(5)
    assert (told[0].facts.mint, told[0].facts.market_cap) == (MINT, 1_000_000.0)
    assert (await kept(desk.store, token)).base_price == 0.001
    assert desk.rung == 1
    assert await desk.rows("SELECT count(*) FROM alerts WHERE kind = 'watched'") == [(1,)]
    assert await desk.rows("SELECT DISTINCT priority FROM outbox") == [(15,)]


async def test_each_chat_is_told_what_rang_for_it(desk: Desk) -> None:
    token = await watched(desk, ALICE.id)
    await desk.store.watches.add(watch(token, BOB.id, price_percent=None, liquidity_percent=50.0, base_liquidity=1e6))
    await glance(desk, token)
    told = {parcel.chat_id: [news.condition for news in parcel.facts.news] for parcel in await parcels(desk)}
    assert told == {ALICE.id: [Condition.PRICE], BOB.id: [Condition.LIQUIDITY]}


@pytest.mark.parametrize("other", [(), (News(Condition.PRICE, 0.002, 25.0, 0.001, NOON),)])
async def test_a_score_that_a_chat_hears_as_a_high_score_is_not_told_twice(desk: Desk, other: tuple[News, ...]) -> None:
    token = await watched(desk, ALICE.id, BOB.id, score=2.0)
    await desk.store.chats.subscribe(ALICE, NOON - minutes(30))
    reached = (News(Condition.SCORE, 2.5, 2.0), *other)
    seen_by = tuple(Watched(watch(token, chat.id, score=2.0, score_reached=True), reached) for chat in (ALICE, BOB))
    verdict = replace(decide(token, sample(), (), NOON, Settings()), transition=None, watched=seen_by)
    hot = Alert(AlertKind.HIGH_SCORE, 1, NOON, level=2.5)
    await desk.store.looks.record([replace(verdict, alerts=(hot,))], NOON, Settings())
    claimed = sorted(
        (parcel.chat_id, parcel.facts.kind.value) for parcel in await desk.store.outbox.claim(100, 60, NOON)
    )
    also = [(ALICE.id, "watched")] if other else []
    assert claimed == sorted([(ALICE.id, "high_score"), (BOB.id, "watched"), *also])


async def test_a_replayed_look_tells_nothing_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await watched(desk, ALICE.id)
    state = (await desk.store.tokens.current([token.id]))[token.id]
    recorded: list[Any] = []
    record = desk.store.looks.record

    async def twice(*look: Any) -> None:
        recorded.append(look)
        for _ in range(2):
            await record(*look)

    monkeypatch.setattr(desk.store.looks, "record", twice)
    await glance(desk, state)
    assert len(recorded) == 1
    assert await desk.rows("SELECT count(*) FROM alerts WHERE kind = 'watched'") == [(1,)]
    assert len(await parcels(desk)) == 1


async def test_the_next_look_rings_only_for_what_moved_since(desk: Desk) -> None:
    token = await watched(desk, ALICE.id)
    for minute, price in enumerate((0.001, 0.0011, 0.002)):
        desk.clock.move(minute * 60)
        await glance(desk, token, ts=desk.clock.now(), price=price)
    assert sorted(parcel.facts.news[0].now for parcel in await parcels(desk)) == [0.001, 0.002]


async def test_two_answers_about_a_token_in_one_chunk_are_one_message(desk: Desk) -> None:
    token = await watched(desk, ALICE.id, score=1.0)
    hot, free = sample(tx_count_5m=1200), seen().sample
    await desk.recorder.settle([Answer(token, Settings(), glance=Seen(replace(free, price=CHEAP)))])
    answers = [
        Answer(token, Settings(), check=Seen(hot)),
        Answer(token, Settings(), glance=Seen(replace(free, price=9.0))),
    ]
    await desk.recorder.settle(answers)
    [parcel] = await parcels(desk)
    assert [news.condition for news in parcel.facts.news] == [Condition.SCORE, Condition.PRICE]


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ({"watched": Hearing.SILENT}, 1),
        ({"muted_until": NOON - minutes(1)}, 1),
        ({"watched": Hearing.OFF}, 0),
        ({"muted_until": NOON + minutes(1)}, 0),
    ],
)
async def test_who_is_muted_or_wants_none_is_told_nothing_and_the_base_moves(
    desk: Desk, wishes: dict[str, Any], told: int
) -> None:
    token = await watched(desk, ALICE.id)
    await desk.store.chats.prefer(ALICE.id, NOON, **wishes)
    await glance(desk, token)
    assert len(await parcels(desk)) == told
    assert (await kept(desk.store, token)).base_price == 0.001


async def test_who_is_off_is_told_nothing(desk: Desk) -> None:
    token = await watched(desk, ALICE.id)
    await desk.store.chats.switch_off(ALICE.id, "bot was blocked by the user", NOON)
    await glance(desk, token)
    assert await desk.rows("SELECT count(*) FROM outbox") == [(0,)]


@pytest.mark.parametrize(
    "change", ["UPDATE watches SET price_percent = 50", "DELETE FROM watches", "UPDATE watches SET created_at = now()"]
)
async def test_a_watch_that_was_changed_meanwhile_stays_as_it_is(
    desk: Desk, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await watched(desk, ALICE.id)
    record = desk.store.looks.record

    async def late(*look: Any) -> None:
        await desk.rows(f"{change} RETURNING 1")
        await record(*look)

    monkeypatch.setattr(desk.store.looks, "record", late)
    await glance(desk, token)
    assert await parcels(desk) == []
    assert await desk.rows("SELECT base_price FROM watches") in ([], [(CHEAP,)])


async def test_watches_cost_a_chunk_one_question_and_one_statement(desk: Desk) -> None:
    mints = [f"{MINT[:-2]}{number:02}" for number in range(12)]
    await desk.track(*mints, heard_at=NOON - minutes(60))
    tokens = [await watched(desk, ALICE.id, BOB.id, mint=mint) for mint in mints]
    look: Sample = seen().sample
    with counted(desk.store.database) as tally:
        await desk.recorder.settle([Answer(token, Settings(), glance=Seen(look)) for token in tokens])
    about = {what: count for (_, what), count in tally.statements.items()}
    assert about["select watches"] == 1
    assert about["update watches"] == 1
    assert len(await parcels(desk)) == 24


async def test_a_poisonous_token_does_not_keep_the_others_from_ringing(desk: Desk) -> None:
    token, other = await watched(desk, ALICE.id), await watched(desk, ALICE.id, mint=OTHER_MINT)
    poison = replace(seen().sample, tx_count_5m=2**40)
    await desk.recorder.settle(
        [
            Answer(other, Settings(), glance=Seen(poison)),
            Answer(token, Settings(), glance=Seen(seen().sample)),
        ]
    )
    assert [parcel.facts.mint for parcel in await parcels(desk)] == [MINT]
    assert (await kept(desk.store, other)).base_price == CHEAP
