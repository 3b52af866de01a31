from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.catalogs import Catalogs
from bot.commands.admin import HISTORY_LENGTH
from bot.views.phrases import TEXT_LIMIT
from bot.views.settings import history, setting_refused, setting_saved, settings_list
from engine.errors import InvalidSetting
from engine.settings import SPECS, Settings, check, parse_change
from engine.shown import SettingChange
from tests.made import NOON, minutes
from tests.unit.reading import shown

HEADINGS = ("Score · Σ|w| = 1", "Statuses", "Alerts", "Keeping", "Running")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def refusal(text: str) -> InvalidSetting:
    with pytest.raises(InvalidSetting) as caught:
        parse_change(text)
    return caught.value


def test_every_setting_is_listed_with_value_default_bounds_unit_and_meaning() -> None:
    text = "\n".join(map(shown, settings_list(Settings(min_tx_count=50, version=3), {}, NOON)))
    assert "version 3" in text
    assert "min_tx_count = 50 (default 100)\n    transactions that make a token active · 1 … 100\u2009000 tx/5m" in text
    assert "weight of volume momentum · −10 … 10" in text
    assert "degrade_rule = any (default)" in text
    assert "any | all" in text
    assert all(f"{name} = " in text for name in SPECS)


def test_the_list_has_a_heading_for_each_group() -> None:
    text = "\n".join(map(shown, settings_list(Settings(), {}, NOON))).splitlines()
    first = {name.split(" ")[0]: text[text.index(name) + 1].split(" ")[0] for name in HEADINGS}
    assert first == {
        "Score": "weight_tx_accel",
        "Statuses": "min_active_liquidity",
        "Alerts": "alert_score_on",
        "Keeping": "retention_hours",
        "Running": "alerts_paused",
    }


def test_a_long_number_is_grouped_and_can_be_set_as_it_is_shown() -> None:
    said = shown(settings_list(Settings(min_active_liquidity=60_000), {}, NOON)[0])
    [line] = [line for line in said.splitlines() if line.startswith("min_active_liquidity")]
    value = line.partition(" = ")[2].partition(" (")[0]
    assert value == "60\u2009000"
    assert parse_change(f"min_active_liquidity {value}") == ("min_active_liquidity", 60_000)


def test_the_smoothing_is_shown_as_a_half_life() -> None:
    assert "half-life 3m" in shown(settings_list(Settings(), {}, NOON)[0])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_list_fits_into_telegrams_messages(language: str) -> None:
    with Catalogs().speaking(language):
        messages = settings_list(Settings(), {}, NOON)
    assert all(len(message) <= TEXT_LIMIT for message in messages)
    assert all(len(message.render()[1]) <= 100 for message in messages)


def test_a_longer_list_is_split_between_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.views.settings.TEXT_LIMIT", 600)
    messages = settings_list(Settings(), {}, NOON)
    assert len(messages) > 3
    assert all(len(message) <= 600 for message in messages)
    assert all(sum(f"{name} = " in shown(message) for message in messages) == 1 for name in SPECS)


def test_a_saved_setting_shows_both_values_and_what_it_does() -> None:
    assert shown(setting_saved("weight_tx_accel", 0.25, 0.4)).splitlines() == [
        "✅ Saved",
        "weight_tx_accel: 0.25 → 0.4",
        "In effect from the next check.",
        "Scores start anew; tokens that are hot now will not ring again.",
    ]


@pytest.mark.parametrize(("name", "old", "new"), [("retention_hours", 48, 24), ("alert_score_on", 2, 2)])
def test_scores_do_not_start_anew_where_nothing_about_them_changed(name: str, old: float, new: float) -> None:
    assert "anew" not in shown(setting_saved(name, old, new))


def test_a_refusal_repeats_the_admins_words_as_code() -> None:
    text, entities = setting_refused(refusal("min_tx_count t.me/scam")).render()
    assert "1 … 100000" in text
    assert ("code", "t.me/scam") in [(entity.type, entity.extract_from(text)) for entity in entities]


def test_invisible_words_are_refused_without_an_empty_entity() -> None:
    text, entities = setting_refused(refusal("min_tx_count \u200b")).render()
    assert "“?”" in text
    assert all(entity.length > 0 for entity in entities)


def test_a_contradiction_names_both_values_in_either_language() -> None:
    with pytest.raises(InvalidSetting) as caught:
        check(replace(Settings(), alert_score_off=3.0))
    assert "alert_score_off (3) must be < alert_score_on (2)" in shown(setting_refused(caught.value))
    with Catalogs().speaking("ru"):
        assert "Должно быть alert_score_off (3) < alert_score_on (2)" in shown(setting_refused(caught.value))


CHANGE = SettingChange("min_tx_count", 100, 50, 4711, NOON - minutes(90))


def test_a_changed_setting_says_who_changed_it_and_when() -> None:
    text = "\n".join(map(shown, settings_list(Settings(min_tx_count=50), {"min_tx_count": CHANGE}, NOON)))
    assert "tx/5m\n    changed by 4711, 1h 30m ago\n" in text
    assert text.count("changed by") == 1


def test_the_history_tells_each_change() -> None:
    assert shown(history([CHANGE], NOON)).splitlines() == [
        "Latest changes",
        "",
        "min_tx_count: 100 → 50",
        "changed by 4711, 1h 30m ago",
    ]


def test_a_history_without_changes_is_a_sentence() -> None:
    assert shown(history([], NOON)) == "No setting was changed yet."


def test_the_longest_history_fits_into_a_message() -> None:
    change = SettingChange("weight_orderflow_imbalance", -1.2345678901234567, 9.876543210987654, 2**52, NOON)
    message = history([change] * HISTORY_LENGTH, NOON)
    assert len(message) <= TEXT_LIMIT
    assert len(message.render()[1]) <= 100
