import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sandbox.world import mint_of
from engine.addresses import ADDRESSES_AT_MOST, addresses
from engine.fields import mint
from tests.made import MINT, OTHER_MINT

SOL = "So11111111111111111111111111111111111111112"
POOL = mint_of("pool")


@pytest.mark.parametrize(
    "text",
    [
        MINT,
        f"({MINT})",
        f"https://pump.fun/coin/{MINT}?x=1",
        f"https://dexscreener.com/solana/{MINT}",
        f"https://birdeye.so/token/{MINT}?chain=solana",
        f"https://solscan.io/token/{MINT}#metadata",
        f"https://gmgn.ai/sol/token/abc_{MINT}",
        f"https://axiom.trade/t/{MINT}/@me?chain=sol",
        f"https://jup.ag/swap/{SOL}-{MINT}",
        f"https://raydium.io/swap/?inputMint=sol&outputMint={MINT}",
        f"https://photon-sol.tinyastro.io/en/lp/{MINT}?handle=1",
        f"токен{MINT}",
        f"{MINT}\u202e{MINT}",
    ],
)
def test_a_mint_is_found_wherever_people_find_it(text: str) -> None:
    assert addresses(text) == (MINT,)


@pytest.mark.parametrize("text", ["", "PEPE", MINT[:30], MINT + "x", "0" + MINT, MINT + MINT, "1" * 44, SOL, "a" * 64])
def test_what_is_no_mint_is_not_taken_for_one(text: str) -> None:
    assert addresses(text) == ()


def test_each_is_told_once_in_order_and_not_too_many() -> None:
    assert addresses(f"{OTHER_MINT} {MINT} {OTHER_MINT}") == (OTHER_MINT, MINT)
    assert len(addresses(" ".join(mint_of(str(number)) for number in range(99)))) == ADDRESSES_AT_MOST


def test_dexscreeners_lower_case_is_kept_as_it_is() -> None:
    assert addresses(f"https://dexscreener.com/solana/{POOL.lower()}?maker=x") == (POOL.lower(),)
    assert addresses(f"https://example.org/{POOL.lower()}") in {(), (POOL.lower(),)}
    assert addresses(f"https://dexscreener.com/solana/{POOL}") == (POOL,)


@given(st.text(max_size=10_000))
def test_any_text_has_few_and_valid_addresses(text: str) -> None:
    assert all(mint(address) or address == address.lower() for address in addresses(text))
