"""The addresses in the sandbox's world: a mint ends as pump.fun's do, whatever chance it is made from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sandbox.births import address_of, mint_from, mint_of
from engine.fields import mint

LAST_ABOVE = 2**256 // 58**4 - 1


@given(st.binary(min_size=32, max_size=32))
def test_a_mint_is_an_address_of_solana_that_ends_in_pump(lot: bytes) -> None:
    told = mint_from(lot)
    assert mint(told) == told
    assert told.endswith("pump")


@pytest.mark.parametrize("above", [0, 1, 58**4, 2**200, LAST_ABOVE, LAST_ABOVE + 1, 2**256 - 1])
def test_a_mint_from_the_ends_of_chance_and_with_leading_zeroes_is_an_address_too(above: int) -> None:
    told = mint_from(above.to_bytes(32, "big"))
    assert mint(told) == told
    assert told.endswith("pump")


def test_the_mints_of_many_seeds_differ_and_the_same_seed_gives_the_same_one() -> None:
    mints = [mint_of(f"7:{number}") for number in range(1_000)]
    assert len(set(mints)) == len(mints)
    assert mints == [mint_of(f"7:{number}") for number in range(1_000)]


def test_the_address_of_a_pool_does_not_look_like_a_mint() -> None:
    told = [address_of(f"pool {number}") for number in range(100)]
    assert all(mint(address) == address for address in told)
    assert not any(address.endswith("pump") for address in told)
