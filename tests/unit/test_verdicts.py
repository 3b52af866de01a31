"""Every error that Telegram or the network can give for a send, and what is done about it."""

import json

import pytest
from aiogram import Bot
from aiogram.exceptions import AiogramError, ClientDecodeError, TelegramNetworkError, TelegramServerError
from aiogram.methods import SendMessage
from aiohttp import ClientConnectorError, ConnectionTimeoutError, ServerDisconnectedError
from aiohttp.client_reqrep import ConnectionKey

from bot.telegram import TolerantSession
from bot.verdicts import Action, verdict
from engine.errors import BadData
from engine.heartbeat import Heartbeat

METHOD = SendMessage(chat_id=7, text="hi")
TOKEN = "123456:AAF-not-a-real-token-only-for-tests-00"
UNREACHABLE = ClientConnectorError(ConnectionKey("api", 443, True, True, None, None, None), OSError("refused"))


def telegram_error(status: int, description: str, **parameters: int) -> Exception:
    """What our session raises when Telegram answers like this."""
    answer = {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    with pytest.raises(AiogramError) as caught:
        TolerantSession(Heartbeat()).check_response(Bot(TOKEN), METHOD, status, json.dumps(answer))
    return caught.value


def network_error(cause: Exception) -> TelegramNetworkError:
    error = TelegramNetworkError(METHOD, "trouble")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("status", "description", "reason"),
    [
        (403, "Forbidden: bot was blocked by the user", "blocked"),
        (403, "Forbidden: user is deactivated", "deactivated"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "kicked"),
        (403, "Forbidden: bot is not a member of the channel chat", "not_a_member"),
        (403, "Forbidden: bot can't initiate conversation with a user", "never_started"),
        (403, "Forbidden: something Telegram has not said before", "forbidden"),
        (400, "Bad Request: chat not found", "not_found"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", "no_rights"),
        (400, "Bad Request: CHAT_RESTRICTED", "no_rights"),
        (400, "Bad Request: have no rights to send a message", "no_rights"),
        (400, "Bad Request: need administrator rights in the channel chat", "no_rights"),
        (403, "Forbidden: the group chat was deleted", "not_found"),
        (400, "Bad Request: NOT ENOUGH RIGHTS to send text messages to the chat", "no_rights"),
    ],
)
def test_a_chat_that_cannot_be_reached_is_switched_off(status: int, description: str, reason: str) -> None:
    what = verdict(telegram_error(status, description))
    assert (what.action, what.reason) == (Action.GONE, reason)


@pytest.mark.parametrize(
    ("status", "description", "action"),
    [
        (400, "Bad Request: message thread not found", Action.WITHOUT_THREAD),
        (400, "Bad Request: not enough rights to send photos to the chat", Action.WITHOUT_PHOTO),
        (400, "Bad Request: TOPIC_CLOSED", Action.WITHOUT_THREAD),
        (400, "Bad Request: message is not modified: specified new content is the same", Action.FINE),
        (400, "Bad Request: query is too old and response timeout expired", Action.FINE),
        (400, "Bad Request: message to edit not found", Action.FINE),
        (400, "Bad Request: message can't be edited", Action.FINE),
        (400, "Bad Request: MESSAGE_ID_INVALID", Action.FINE),
        (400, "Bad Request: can't parse entities: unsupported start tag", Action.OUR_BUG),
        (400, "Bad Request: message is too long", Action.OUR_BUG),
        (400, "Bad Request: BUTTON_DATA_INVALID", Action.OUR_BUG),
        (413, "Request Entity Too Large", Action.OUR_BUG),
        (401, "Unauthorized", Action.REVOKED),
        (404, "Not Found", Action.REVOKED),
        (500, "Internal Server Error", Action.AMBIGUOUS),
        (502, "Bad Gateway", Action.AMBIGUOUS),
    ],
)
def test_an_answer_of_telegram_has_its_verdict(status: int, description: str, action: Action) -> None:
    assert verdict(telegram_error(status, description)).action is action


def test_a_flood_wait_lasts_as_long_as_telegram_says() -> None:
    what = verdict(telegram_error(429, "Too Many Requests: retry after 17", retry_after=17))
    assert (what.action, what.seconds) == (Action.WAIT_ALL, 17)


def test_a_flood_wait_without_a_time_is_still_a_flood_wait() -> None:
    what = verdict(telegram_error(429, "Too Many Requests: slow down"))
    assert what.action is Action.WAIT_ALL
    assert what.seconds > 0


def test_an_upgraded_group_is_followed_to_its_new_id() -> None:
    said = "Bad Request: group chat was upgraded to a supergroup chat"
    what = verdict(telegram_error(400, said, migrate_to_chat_id=-100_777))
    assert (what.action, what.new_chat_id) == (Action.MOVED, -100_777)


@pytest.mark.parametrize("cause", [UNREACHABLE, ConnectionTimeoutError("no connection")])
def test_a_connection_that_never_stood_sent_nothing(cause: Exception) -> None:
    assert verdict(network_error(cause)).action is Action.RETRY


@pytest.mark.parametrize("cause", [TimeoutError(), ServerDisconnectedError()])
def test_a_connection_lost_on_the_way_may_have_delivered(cause: Exception) -> None:
    assert verdict(network_error(cause)).action is Action.AMBIGUOUS


@pytest.mark.parametrize("status", [200, 400])
def test_an_unreadable_answer_may_mean_that_it_arrived(status: int) -> None:
    with pytest.raises(ClientDecodeError) as caught:
        TolerantSession(Heartbeat()).check_response(Bot(TOKEN), METHOD, status, "<html>oops</html>")
    assert verdict(caught.value).action is Action.AMBIGUOUS
    assert "oops" not in str(caught.value)


@pytest.mark.parametrize("body", ["<html>502</html>", "", "[]", '{"ok": false}', '{"ok": false, "description": null}'])
def test_a_failing_gateway_is_a_server_error_whatever_it_says(body: str) -> None:
    with pytest.raises(TelegramServerError) as caught:
        TolerantSession(Heartbeat()).check_response(Bot(TOKEN), METHOD, 502, body)
    assert verdict(caught.value).action is Action.AMBIGUOUS


@pytest.mark.parametrize("error", [ValueError("no form of this message fits"), BadData("refused"), KeyError("x")])
def test_an_error_of_our_own_is_our_bug(error: Exception) -> None:
    assert verdict(error).action is Action.OUR_BUG
