import pytest

from engine.symbols import symbol_key


@pytest.mark.parametrize(
    ("symbol", "key"),
    [
        ("PEPE", "pepe"),
        ("\u0420\u0415\u0420\u0415", "pepe"),  # Cyrillic
        ("\u0440\u0435\u0440\u0435", "pepe"),
        ("\u03a1\u0395\u03a1\u0395", "pepe"),  # Greek
        ("ＰＥＰＥ", "pepe"),
        ("\u1d18\u1d07\u1d18\u1d07", "pepe"),
        ("P\u0335\u0336E\u0301PE\u20dd", "pepe"),
        ("pé\u200bpe\u3164\u115f\u1160\uffa0\u2800", "pepe"),
        ("\u0412\u041e\u041d\u041a", "bohk"),
        ("☠\ufe0f", "☠"),
        ("☠\ufe0e", "☠"),
        ("\u200b\u3164", ""),
        ("  Two\u00a0 Words ", "two words"),
        ("한국", "한국"),
    ],
)
def test_symbols_that_look_alike_share_a_key(symbol: str, key: str) -> None:
    assert symbol_key(symbol) == key


def test_symbols_of_other_words_keep_their_own_keys() -> None:
    keys = {symbol_key(symbol) for symbol in ("PEPE", "PEPA", "ПЁС", "ЛОСЬ", "มา", "มี", "P3P3")}
    assert len(keys) == 7
