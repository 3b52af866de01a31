"""The bot's answer to an inline query: a list of results that the asker may choose from."""

from __future__ import annotations

import re

from deploy.sandbox.telegram import limits
from deploy.sandbox.telegram.refused import bad_request, violation
from deploy.sandbox.telegram.values import InlineAnswer, Json
from deploy.sandbox.telegram.world import World

RESULTS = 50
RESULT_ID_BYTES = 64
OFFSET_BYTES = 64
CACHE_SECONDS = 300  # when the bot does not say how long
PLAYED = frozenset({"article", "photo"})
TEXTS_ONLY = "this stand-in takes results that become texts or photos only"


def answer_inline_query(world: World, params: Json) -> bool:
    """Shows the results to the asker, once, within 30 s."""
    _check_results(params["results"])
    _check_rest(params)
    for result in params["results"]:
        if "photo_file_id" in result and result["photo_file_id"] not in world.files:
            raise bad_request("wrong file identifier/HTTP URL specified")
    query = world.inline_queries.close(params["inline_query_id"])
    world.keep_inline_answer(
        InlineAnswer(
            query_id=query.query_id,
            user_id=query.user_id,
            query=query.text,
            results=tuple(params["results"]),
            cache_seconds=params.get("cache_time", CACHE_SECONDS),
            is_personal=params.get("is_personal", False),
            next_offset=params.get("next_offset", ""),
            button=params.get("button"),
        )
    )
    return True


def _check_results(results: list[Json]) -> None:
    if len(results) > RESULTS:
        raise violation("RESULTS_TOO_MUCH")
    ids = [result["id"] for result in results]
    if any(not 1 <= len(result_id.encode()) <= RESULT_ID_BYTES for result_id in ids):
        raise violation("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise violation("RESULT_ID_DUPLICATE")
    for result in results:
        _check_result(result)


def _check_result(result: Json) -> None:
    if result["type"] not in PLAYED:
        raise violation(TEXTS_ONLY)
    if result["type"] == "article" and not result["title"].strip():
        raise violation("ARTICLE_TITLE_EMPTY")
    for name in ("url", "thumbnail_url", "photo_url"):
        if name in result:
            limits.check_url(result[name], "inline query result URL")
    limits.check_keyboard(result.get("reply_markup"))
    limits.check_unplayed(result)
    limits.check_caption(result.get("caption", ""), list(limits.entities_of(result, "caption_entities")))
    if "input_message_content" in result:
        _check_content(result["input_message_content"])


def _check_content(content: Json) -> None:
    if "message_text" not in content:
        raise violation(TEXTS_ONLY)
    limits.check_unplayed(content)
    limits.check_text(content["message_text"], list(limits.entities_of(content)))


def _check_rest(params: Json) -> None:
    """What stands around the results: how long they may be cached, the next page, the button above them."""
    if params.get("cache_time", 0) < 0:
        raise violation("CACHE_TIME_INVALID")
    if len(params.get("next_offset", "").encode()) > OFFSET_BYTES:
        raise violation("NEXT_OFFSET_INVALID")
    button = params.get("button")
    if button is None:
        return
    if not button["text"].strip():
        raise violation("SWITCH_PM_TEXT_EMPTY")
    if ("web_app" in button) == ("start_parameter" in button):
        raise violation("exactly one of the button's fields web_app and start_parameter must be used")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", button.get("start_parameter", "-")):
        raise violation("START_PARAM_INVALID")
