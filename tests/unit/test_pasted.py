"""What is remembered of answers in groups."""

from bot.commands.pasted import SILENT_SECONDS, Told
from tests.made import OTHER_MINT, token

PEPE, DOGE = token(), token(id=2, mint=OTHER_MINT)


def test_a_chat_is_told_of_a_token_once_in_ten_minutes_and_each_chat_for_itself() -> None:
    now = [0.0]
    told = Told(lambda: now[0])
    assert told.news(-1, (PEPE,)) == (PEPE,)
    assert told.news(-1, (PEPE, DOGE)) == (DOGE,)
    assert told.news(-2, (PEPE,)) == (PEPE,)
    now[0] = SILENT_SECONDS - 1
    assert told.news(-1, (PEPE,)) == ()
    now[0] = SILENT_SECONDS + 1
    assert told.news(-1, (PEPE,)) == (PEPE,)
