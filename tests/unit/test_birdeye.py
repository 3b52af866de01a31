from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import NoDataYet
from engine.model import Sample
from engine.overview import parse_overview

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "birdeye"
MINT = "9b1BzC1af9gQBtegh5WcuFB6ARBYQk7PgURW1aogpump"
NOW = datetime(2026, 7, 3, 12, tzinfo=UTC)
DATA: dict[str, Any] = {
    "address": MINT,
    "symbol": "PI",
    "name": "Palantir Inu",
    "marketCap": 1000.0,
    "liquidity": 200.0,
    "price": 0.5,
    "holder": 10,
    "lastTradeUnixTime": int(NOW.timestamp()) - 5,
    "trade5m": 4,
    "buy5m": 3,
    "sell5m": 1,
    "trade1h": 40,
    "v5mUSD": 100.0,
    "vBuy5mUSD": 70.0,
    "vSell5mUSD": 30.0,
    "v1hUSD": 900.0,
}
FIELDS = {
    "price": "price",
    "liquidity": "liquidity",
    "marketCap": "market_cap",
    "holder": "holders",
    "trade5m": "tx_count_5m",
    "trade1h": "tx_count_1h",
    "v5mUSD": "volume_5m",
    "v1hUSD": "volume_1h",
    "vBuy5mUSD": "buys_volume_5m",
    "vSell5mUSD": "sells_volume_5m",
    "lastTradeUnixTime": "last_trade_at",
    "symbol": "symbol",
    "name": "name",
}


def parse(complaints: list[str] | None = None, /, **changes: object) -> Sample:
    body = {"success": True, "data": {**DATA, **changes}}
    return parse_overview(body, MINT, NOW, (complaints if complaints is not None else []).append)


def recorded(name: str) -> Any:
    path = PAYLOADS / name
    if not path.exists():
        pytest.skip(f"the recorded answer {name} is not here")
    return json.loads(path.read_text())


def test_the_recorded_live_token_is_read_to_the_letter() -> None:
    complaints: list[str] = []
    body = recorded("token_overview_recorded_active.json")
    sample = parse_overview(body, MINT, NOW, complaints.append)
    assert (sample.tx_count_5m, sample.tx_count_1h, sample.holders) == (461, 2712, 4183)
    assert sample.volume_5m == pytest.approx(53_283.46356)
    assert sample.volume_1h == pytest.approx(274_290.49100)
    assert sample.buys_volume_5m == pytest.approx(23_211.55276)
    assert sample.sells_volume_5m == pytest.approx(30_071.91080)
    assert sample.price == pytest.approx(0.0009779363375)
    assert sample.market_cap == pytest.approx(977_834.25)
    assert sample.liquidity == pytest.approx(201_323.064)
    assert (sample.symbol, sample.name) == ("PI", "Palantir Inu")
    assert sample.last_trade_at == datetime.fromtimestamp(1750216467, UTC)
    assert complaints == []


def test_the_recorded_dead_token_has_zeros_where_it_is_idle() -> None:
    complaints: list[str] = []
    body = recorded("token_overview_recorded_dead.json")
    sample = parse_overview(body, body["data"]["address"], NOW, complaints.append)
    assert (sample.tx_count_5m, sample.tx_count_1h, sample.volume_5m) == (0, 1, 0.0)
    assert not sample.trusted(500)
    assert complaints == []


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "message": "token not found"},
        {"success": False, "data": DATA},
        {"success": True, "data": None},
        {"success": True, "data": {}},
        {"success": True},
        {"success": True, "data": [DATA]},
        {"success": True, "data": {"address": MINT, "symbol": "PI"}},
        {"success": True, "data": {**DATA, "address": "So11111111111111111111111111111111111111112"}},
        {"success": True, "data": {**DATA, "address": None}},
        [],
        None,
        "success",
    ],
)
def test_an_answer_without_figures_of_this_token_is_no_data_yet(body: object) -> None:
    with pytest.raises(NoDataYet):
        parse_overview(body, MINT, NOW)


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in ("symbol", "name")])
@pytest.mark.parametrize(
    "bad",
    [
        "12.5",
        True,
        math.nan,
        math.inf,
        -math.inf,
        -1,
        -0.5,
        1e18,
        1e301,
        10**400,
        [1],
        {"a": 1},
        "\x00",
        "\ud800",
        "NaN",
    ],
    ids=repr,
)
def test_a_bad_number_is_missing_and_complained_of_never_wrong(field: str, bad: object) -> None:
    complaints: list[str] = []
    sample = parse(complaints, **{field: bad})
    assert getattr(sample, FIELDS[field]) is None
    assert field in complaints


@pytest.mark.parametrize("field", ["holder", "trade5m", "trade1h"])
@pytest.mark.parametrize("bad", [2**31, 4.5, 1e18])
def test_a_count_beyond_the_columns_or_not_whole_is_missing(field: str, bad: float) -> None:
    assert getattr(parse(**{field: bad}), FIELDS[field]) is None


@pytest.mark.parametrize("field", ["price", "marketCap"])
def test_a_price_of_zero_is_an_unknown_price(field: str) -> None:
    assert getattr(parse(**{field: 0}), FIELDS[field]) is None


@pytest.mark.parametrize("field", ["symbol", "name"])
@pytest.mark.parametrize("bad", [7, ["x"], "", "\x00\ud800", "   ", False], ids=repr)
def test_a_name_that_is_no_text_is_missing(field: str, bad: object) -> None:
    assert getattr(parse(**{field: bad}), field) is None


def test_a_hostile_name_is_cleaned_and_cut() -> None:
    sample = parse(symbol="A\x00B\ud83d" + "C" * 100, name="x" * 10_000)
    assert sample.symbol == "AB" + "C" * 62
    assert sample.name == "x" * 128


@pytest.mark.parametrize("seconds", [1_500_000_000, NOW.timestamp() + 2 * 86_400, NOW.timestamp() * 1000])
def test_a_time_before_2020_or_in_the_future_is_missing(seconds: float) -> None:
    assert parse(lastTradeUnixTime=seconds).last_trade_at is None


def test_missing_and_null_fields_are_missing_without_complaint() -> None:
    complaints: list[str] = []
    body = {"success": True, "data": {"price": 1.5, "holder": None, "v5mUSD": None}}
    sample = parse_overview(body, MINT, NOW, complaints.append)
    assert sample == Sample(ts=NOW, source=sample.source, price=1.5)
    assert complaints == []


def test_the_market_cap_of_older_answers_is_found_under_its_old_name() -> None:
    assert parse(marketCap=None, mc=77).market_cap == 77
    assert parse(marketCap="x", mc=77).market_cap == 77
    assert parse(mc=77).market_cap == 1000


def test_volumes_that_contradict_each_other_are_all_dropped_and_complained_of() -> None:
    complaints: list[str] = []
    sample = parse(complaints, v5mUSD=200.0)
    assert (sample.volume_5m, sample.buys_volume_5m, sample.sells_volume_5m) == (None, None, None)
    assert (sample.volume_1h, sample.tx_count_5m) == (900.0, 4)
    assert complaints == ["v5mUSD against vBuy5mUSD + vSell5mUSD"]


def test_volumes_within_the_tolerance_are_believed() -> None:
    assert parse(v5mUSD=104.0).volume_5m == 104.0


def test_counts_that_contradict_each_other_are_dropped() -> None:
    assert parse(trade5m=400).tx_count_5m is None
    assert parse(trade5m=5).tx_count_5m == 5
    assert parse(buy1h=30, sell1h=30).tx_count_1h is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = [*DATA, "mc", "buy1h", "sell1h", "vBuy1hUSD", "vSell1hUSD"]
ANSWERS = st.builds(
    lambda data: {"success": True, "data": {**data, "address": MINT}}, st.dictionaries(st.sampled_from(NAMES), JSON)
)


@given(JSON | ANSWERS)
def test_any_json_gives_a_storable_sample_or_no_data_yet(body: object) -> None:
    try:
        sample = parse_overview(body, MINT, NOW)
    except NoDataYet:
        return
    assert_storable(sample)


@given(st.dictionaries(st.sampled_from(NAMES), st.integers() | st.floats(allow_nan=True), min_size=3))
def test_any_numbers_give_a_storable_sample_or_no_data_yet(data: dict[str, float]) -> None:
    try:
        sample = parse_overview({"data": {**data, "address": MINT}}, MINT, NOW)
    except NoDataYet:
        assert not any(isinstance(data.get(name), int) and 0 < data[name] < 2**31 for name in ("price", "holder"))
        return
    assert_storable(sample)


def test_a_whole_number_that_is_rounded_to_the_limit_is_missing() -> None:
    """10^18 − 64 is below the limit, and as a double it is the limit."""
    sample = parse_overview({"data": {"address": MINT, "price": 1, "holder": 5, "liquidity": 10**18 - 64}}, MINT, NOW)
    assert sample.liquidity is None


def assert_storable(sample: Sample) -> None:
    for count in (sample.holders, sample.tx_count_5m, sample.tx_count_1h):
        assert count is None or (type(count) is int and 0 <= count < 2**31)
    for name in ("price", "liquidity", "market_cap", "volume_5m", "volume_1h", "buys_volume_5m", "sells_volume_5m"):
        number = getattr(sample, name)
        assert number is None or (type(number) is float and math.isfinite(number) and 0 <= number < 1e18)
    for text, limit in ((sample.symbol, 64), (sample.name, 128)):
        assert text is None or (len(text) <= limit and "\x00" not in text and text.encode())
    assert sample.last_trade_at is None or sample.last_trade_at <= NOW + timedelta(days=1)
