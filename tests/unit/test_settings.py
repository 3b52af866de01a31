from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidSetting
from engine.settings import (
    SPECS,
    Settings,
    Value,
    changed,
    check,
    format_value,
    half_life_seconds,
    load,
    parse_change,
    parse_value,
)

GIVEN = {
    "weight_tx_accel": 0.25,
    "weight_vol_momentum": 0.25,
    "weight_holder_growth": 0.25,
    "weight_orderflow_imbalance": 0.25,
    "ewma_alpha": 0.1,
    "ewma_base_seconds": 30,
    "min_active_liquidity": 50_000,
    "min_tx_count": 100,
    "min_tx_count_keep": 20,
    "min_score_keep_active": 0,
    "degrade_checks": 10,
    "degrade_window_hours": 6,
    "degrade_rule": "any",
    "initial_max_age_hours": 24,
    "revive_hours": 48,
    "min_trusted_liquidity": 500,
    "alert_score_on": 2.0,
    "alert_score_off": 1.5,
    "alert_young_minutes": 25,
    "alert_rearm_minutes": 5,
    "alert_cooldown_minutes": 60,
    "alert_min_coverage": 0.75,
    "alert_min_tx": 50,
    "alert_min_liquidity": 5_000,
    "alert_max_age_minutes": 10,
    "retention_hours": 48,
    "alerts_paused": "no",
    "alerts_per_10_minutes": 200,
    "commands_per_user": 30,
    "commands_per_chat": 60,
    "paper_trade_usd": 100,
}


def test_the_defaults_are_the_given_ones() -> None:
    assert {name: spec.default for name, spec in SPECS.items()} == GIVEN
    assert {f.name: getattr(Settings(), f.name) for f in fields(Settings) if f.name != "version"} == GIVEN


def test_the_defaults_contradict_nothing() -> None:
    check(Settings())


@pytest.mark.parametrize("name", SPECS)
def test_every_setting_has_a_meaning_and_a_default_within_its_bounds(name: str) -> None:
    spec = SPECS[name]
    assert spec.help
    assert parse_value(name, format_value(spec.default)) == spec.default


@given(st.data())
def test_reading_what_was_written_gives_the_same_value(data: st.DataObject) -> None:
    spec = SPECS[data.draw(st.sampled_from(sorted(SPECS)))]
    value: Value
    if spec.choices:
        value = data.draw(st.sampled_from(spec.choices))
    elif spec.kind is int:
        value = data.draw(st.integers(int(spec.low), int(spec.high)))
    else:
        value = data.draw(st.floats(spec.low, spec.high, exclude_min=spec.above_low))
    assert parse_value(spec.name, format_value(value)) == value


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("weight tx_accel 0.4", ("weight_tx_accel", 0.4)),
        ("weight_tx_accel 0.4", ("weight_tx_accel", 0.4)),
        ("weight_tx_accel=0.4", ("weight_tx_accel", 0.4)),
        ("  WEIGHT  tx_accel   -.5 ", ("weight_tx_accel", -0.5)),
        ("min_tx_count 50", ("min_tx_count", 50)),
        ("min_tx_count 50.0", ("min_tx_count", 50)),
        ("min_active_liquidity 60 000", ("min_active_liquidity", 60_000.0)),
        ("alert_score_on 2,5", ("alert_score_on", 2.5)),
        ("weight tx_accel 0,125", ("weight_tx_accel", 0.125)),
        ("degrade_rule ALL", ("degrade_rule", "all")),
    ],
)
def test_a_change_may_be_written_in_several_ways(text: str, change: tuple[str, object]) -> None:
    assert parse_change(text) == change


@pytest.mark.parametrize(
    "text",
    [
        "weight tx_accel 11",
        "weight_tx_accel nan",
        "weight_tx_accel inf",
        "weight_tx_accel 1e999",
        "alert_score_on 2 5",
        "weight_tx_accel 1 0",
        "min_active_liquidity 60,000",
        "min_active_liquidity 60k",
        "min_active_liquidity 60 00",
        "weight_tx_accel 0x1",
        "weight_tx_accel ٣",
        "ewma_alpha 0",
        "ewma_alpha 1.0001",
        "min_tx_count 0.5",
        "retention_hours 1",
        "degrade_rule maybe",
        "weight_tx_accel",
    ],
)
def test_nonsense_is_answered_with_the_bounds(text: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        parse_change(text)
    name = text.replace("weight tx", "weight_tx").split()[0]
    assert name in str(refused.value)
    assert SPECS[name].bounds in str(refused.value)


def test_an_unknown_setting_is_named_and_the_list_is_offered() -> None:
    with pytest.raises(InvalidSetting, match=r"“moon”.*/settings"):
        parse_change("moon 5")


def test_an_empty_change_is_answered_with_an_example() -> None:
    with pytest.raises(InvalidSetting, match=r"/set weight tx_accel 0\.4"):
        parse_change("")


@given(st.text(max_size=200))
def test_any_text_is_a_change_or_a_sentence(text: str) -> None:
    try:
        name, value = parse_change(text)
    except InvalidSetting as refused:
        assert len(str(refused)) < 300  # noqa: PT017 - either outcome is fine, a long echo is not
    else:
        assert parse_value(name, format_value(value)) == value


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("min_tx_count_keep", 101, "min_tx_count"),
        ("min_tx_count", 19, "min_tx_count_keep"),
        ("alert_score_off", 2.0, "alert_score_on"),
        ("alert_score_on", 1.5, "alert_score_off"),
    ],
)
def test_a_contradiction_names_both_settings_and_both_values(name: str, value: float, other: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        changed(Settings(), name, value)
    for word in (name, format_value(value), other, format_value(getattr(Settings(), other))):
        assert word in str(refused.value)


def test_all_weights_zero_is_refused() -> None:
    one_left = replace(Settings(), weight_tx_accel=0.0, weight_vol_momentum=0.0, weight_holder_growth=0.0)
    with pytest.raises(InvalidSetting, match="weight"):
        changed(one_left, "weight_orderflow_imbalance", 0.0)


def test_stored_values_out_of_bounds_leave_the_default() -> None:
    rows = {"ewma_alpha": 7, "min_tx_count": "many", "degrade_rule": 3, "unheard_of": 1, "alert_min_tx": True}
    assert load(rows, version=4) == Settings(version=4)


def test_stored_values_are_obeyed() -> None:
    rows = {"ewma_alpha": 0.5, "min_tx_count": 50, "degrade_rule": "all", "alert_score_on": 3}
    expected = Settings(ewma_alpha=0.5, min_tx_count=50, degrade_rule="all", alert_score_on=3.0, version=2)
    assert load(rows, version=2) == expected


def test_alpha_is_shown_as_a_half_life() -> None:
    assert half_life_seconds(Settings()) == pytest.approx(197.36, abs=0.01)
    assert half_life_seconds(Settings(ewma_alpha=1.0)) == 0
