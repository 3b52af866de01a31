import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.plans import CREDITS, MARKETS, OVERVIEW, PLANS, SECURITY, Plan, Prices, plan_of


def test_the_plans_are_those_of_the_price_list() -> None:
    assert {plan.name: (plan.monthly_cu, plan.rps, plan.rpm) for plan in PLANS.values()} == {
        "standard": (30_000, 1, 60),
        "lite": (2_500_000, 15, 900),
        "starter": (8_000_000, 15, 900),
        "premium": (20_000_000, 50, 1_000),
        "business": (60_000_000, 100, 1_500),
    }


def test_a_figure_that_is_given_wins_over_the_plans() -> None:
    assert plan_of("lite", rpm=300) == Plan("lite", 2_500_000, 15, 300)
    assert plan_of("custom", monthly_cu=1_000, rps=2, rpm=90) == Plan("custom", 1_000, 2, 90)


@pytest.mark.parametrize("given_figures", [{}, {"rps": 2, "rpm": 90}, {"monthly_cu": 0, "rps": 2, "rpm": 90}])
def test_a_custom_plan_without_all_its_figures_is_refused(given_figures: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="BIRDEYE_MONTHLY_CU"):
        plan_of("custom", **given_figures)


def test_an_unknown_plan_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(ConfigError, match="standard, lite, starter, premium, business, custom"):
        plan_of("gold")


def test_an_answer_corrects_the_price_of_its_endpoint_only() -> None:
    prices = Prices().corrected(OVERVIEW, 25)
    assert [prices.of(endpoint) for endpoint in (OVERVIEW, MARKETS, SECURITY, CREDITS)] == [25, 30, 50, 1]
    assert Prices().of(OVERVIEW) == 15, "the value itself never changes"
    assert Prices().of("/unheard/of") == 50


@given(st.integers(max_value=0) | st.integers(min_value=100_001))
def test_a_figure_that_cannot_be_a_price_changes_nothing(used_cu: int) -> None:
    assert Prices().corrected(OVERVIEW, used_cu) == Prices()
