"""Lists of tokens on a real PostgreSQL: order, pages, places, like names, and the histories drawn beside them."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from deploy.sandbox.world import mint_of
from engine.decision import decide
from engine.model import Source
from engine.scoring import heat
from engine.settings import Settings
from engine.shown import Order, Standing
from storage.database import Database
from tests.integration.story import Story
from tests.made import MINT, NOON, OTHER_MINT, migration, minutes, sample


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def top(store: Story, order: Order = Order.SCORE, size: int = 10) -> tuple[Standing, ...]:
    return (await store.listings.top(order, 1, size, NOON, Settings())).standings


async def active(store: Story, name: str, **columns: object) -> str:
    """An Active token of this symbol with these columns; its mint."""
    mint = mint_of(name)
    await store.tokens.track(migration(mint, symbol=name), first_check_at=NOON)
    for column, value in ({"status": "Active"} | columns).items():
        cast = "::token_status" if column == "status" else ""
        await store.change(f"UPDATE tokens SET {column} = (:value){cast} WHERE address = :mint", value=value, mint=mint)  # noqa: S608 - ours
    return mint


async def test_the_top_is_the_active_tokens_by_score(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.look(token, sample(), NOON)
    await store.look(other, sample(tx_count_5m=1200), NOON)
    shown = await top(store)
    assert [standing.token.mint for standing in shown] == [OTHER_MINT, MINT]
    assert shown[0].sample == replace(sample(tx_count_5m=1200), symbol=None)
    assert [standing.token.mint for standing in await top(store, size=1)] == [OTHER_MINT]


async def test_tokens_without_a_score_come_last_by_what_glances_see(store: Story) -> None:
    mints = [MINT, OTHER_MINT, mint_of("third")]
    for mint, count in zip(mints, (150, 450, 900), strict=True):
        token = await store.tracked(mint)
        glance = decide(token, sample(source=Source.DEXSCREENER, tx_count_5m=count), (), NOON, Settings(), check=False)
        await store.looks.record([glance], NOON, Settings())
    await store.look((await store.tokens.find(MINT))[0], sample(), NOON)
    assert [standing.token.mint for standing in await top(store)] == [mints[0], mints[2], mints[1]]


async def test_the_top_knows_the_score_of_five_minutes_ago(store: Story) -> None:
    verdict = await store.look(await store.tracked(), sample(), NOON)
    scores = [verdict.score]
    for minute in (1, 6, 8):
        verdict = await store.look(verdict.after, sample(ts=NOON + minutes(minute)), NOON + minutes(minute))
        scores.append(verdict.score)
    [standing] = await top(store)
    assert scores[1] is not None
    assert standing.previous_score == scores[1].value


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (Order.SCORE, ["old", "young", "deep", "unknown"]),
        (Order.HEAT, ["young", "old", "deep", "unknown"]),
        (Order.LIQUIDITY, ["deep", "old", "young", "unknown"]),
        (Order.AGE, ["young", "unknown", "deep", "old"]),
    ],
)
async def test_the_top_comes_in_any_of_its_orders(store: Story, order: Order, names: list[str]) -> None:
    ages = {"old": 300, "deep": 200, "unknown": 100, "young": 12}
    for name, age in ages.items():
        await active(store, name, created_at=NOON - minutes(age), first_trade_at=NOON - minutes(age))
    for name, score, liquidity in (("old", 2.0, 500.0), ("young", 1.5, 400.0), ("deep", 1.0, 9000.0)):
        [token] = await store.tokens.find(name)
        seen = decide(token, sample(liquidity=liquidity), (), NOON, Settings())
        await store.looks.record([replace(seen, after=replace(seen.after, score=score))], NOON, Settings())
    assert [standing.token.symbol for standing in await top(store, order)] == names


async def test_heat_is_sorted_as_the_engine_computes_it(store: Story) -> None:
    chance = random.Random(4)
    for number in range(60):
        age = minutes(chance.uniform(-1, 70))
        first_trade_at = None if number % 3 == 0 else NOON - age
        columns = {"last_score_value": chance.uniform(-1, 3), "last_score_at": NOON}
        await active(store, f"T{number}", created_at=NOON - age, first_trade_at=first_trade_at, **columns)
    for young in (1.0, 7.0, 25.0, 60.0):
        settings = replace(Settings(), alert_young_minutes=young)
        page = await store.listings.top(Order.HEAT, 1, 60, NOON, settings)
        heats = [heat(standing.token, NOON, settings) or 0.0 for standing in page.standings]
        assert len(heats) == 60
        assert heats == sorted(heats, reverse=True)


async def test_pages_follow_each_other_and_one_beyond_the_last_is_the_last(store: Story) -> None:
    for number in range(5):
        await active(store, f"T{number}", last_score_value=float(-number))
    pages = [await store.listings.top(Order.SCORE, number, 2, NOON, Settings()) for number in (1, 2, 3, 99)]
    assert [[item.token.symbol for item in page.standings] for page in pages] == [
        ["T0", "T1"],
        ["T2", "T3"],
        ["T4"],
        ["T4"],
    ]
    assert [(page.number, page.pages, page.first_rank, page.total) for page in pages] == [
        (1, 3, 1, 5),
        (2, 3, 3, 5),
        (3, 3, 5, 5),
        (3, 3, 5, 5),
    ]


async def test_an_empty_market_is_one_empty_page(store: Story) -> None:
    page = await store.listings.top(Order.SCORE, 7, 10, NOON, Settings())
    assert (page.standings, page.number, page.pages) == ((), 1, 1)


async def test_a_place_counts_all_that_were_active_today_and_have_a_score(store: Story) -> None:
    over = {"status": "Archived", "activated_at": NOON - timedelta(hours=40)}
    await active(store, "best", last_score_value=3.0)
    await active(store, "even", last_score_value=2.0)
    await active(store, "unscored")
    await active(store, "left", last_score_value=2.0, **over, archived_at=NOON - timedelta(hours=23))
    await active(store, "long gone", last_score_value=9.0, **over, archived_at=NOON - timedelta(hours=25))
    await active(store, "never", last_score_value=9.0, status="Archived", archived_at=NOON - timedelta(hours=1))
    await active(store, "low", last_score_value=-1.0)
    places = {standing.token.symbol: standing.top_share for standing in await top(store)}
    assert places == {"best": 0.25, "even": 0.75, "low": 1.0, "unscored": None}


async def test_tokens_with_a_like_symbol_of_the_last_two_days_are_counted(store: Story) -> None:
    await store.tracked(MINT)
    names = {MINT: "PEPE", OTHER_MINT: "pe\u200bpe", mint_of("old"): "PEPE", mint_of("other"): "FROG"}
    for mint, symbol in names.items():
        heard_at = NOON - timedelta(hours=49 if mint == mint_of("old") else 1)
        await store.tokens.track(migration(mint, symbol=symbol, heard_at=heard_at), first_check_at=NOON)
    await store.change("UPDATE tokens SET symbol_key = 'pepe' WHERE address = :mint", mint=MINT)
    for number in range(2):
        await store.tokens.track(migration(mint_of(f"blank{number}"), symbol="\u200b"), first_check_at=NOON)
    ids = [token.id for mint in (*names, mint_of("blank0")) for token in await store.tokens.find(mint)]
    assert [standing.namesakes for standing in await store.listings.standings(ids, NOON)] == [1, 1, 2, 0, 0]


async def test_the_newest_are_the_migrations_of_a_day_whatever_became_of_them(store: Story) -> None:
    hours = {"now": 0, "an hour": 1, "a day": 23, "too old": 25}
    for name, age in hours.items():
        heard_at = NOON - timedelta(hours=age)
        await store.tokens.track(migration(mint_of(name), symbol=name, heard_at=heard_at), first_check_at=NOON)
    await store.change("UPDATE tokens SET status = 'Archived' WHERE symbol = :name", name="an hour")
    page = await store.listings.newest(1, 2, NOON)
    assert ([item.token.symbol for item in page.standings], page.total) == (["now", "an hour"], 3)


async def test_standings_come_as_they_were_asked_for(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.look(other, sample(), NOON)
    both = await store.listings.standings([other.id, 404, token.id], NOON)
    assert [standing.token.id for standing in both] == [other.id, token.id]
    assert both[0].sample is not None
    assert both[1].sample is None


async def test_a_page_takes_as_many_statements_for_twenty_tokens_as_for_one(store: Story, database: Database) -> None:
    statements: list[str] = []
    pool = database._pool.sync_engine
    event.listen(pool, "before_cursor_execute", lambda *told: statements.append(told[2]))
    counts = []
    for upto in (1, 20):
        for number in range(upto):
            await active(store, f"T{number}")
        statements.clear()
        page = await store.listings.top(Order.LIQUIDITY, 1, 20, NOON, Settings())
        await store.histories.of([item.token.id for item in page.standings], NOON, Settings())
        counts.append((len(page.standings), len(statements)))
    assert counts == [(1, 5), (20, 5)]


async def test_histories_are_thinned_trusted_and_of_one_source(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.change(
        "INSERT INTO token_snapshots (token_id, ts, source, price, liquidity)"
        " SELECT :id, cast(:noon AS timestamptz) - n * interval '10 seconds', 'birdeye', n, 9999"
        " FROM generate_series(0, 999) n",
        id=token.id,
        noon=NOON,
    )
    await store.look(token, sample(source=Source.DEXSCREENER, price=7.0), NOON)
    await store.look(other, sample(price=5167.0, liquidity=0.007), NOON)
    found = await store.histories.of([token.id, other.id], NOON - timedelta(hours=2), Settings())
    prices = found[token.id].prices
    assert 75 <= len(prices) <= 150
    assert (prices[-1].ts, prices[-1].value) == (NOON, 0.0)
    assert [point.ts for point in prices] == sorted(point.ts for point in prices)
    assert found[other.id].prices == ()
    assert len(found[other.id].scores) == 1
