"""Who the bot is to its users: getMe, its menu of commands, its name and descriptions."""

from __future__ import annotations

import json
from collections.abc import Callable

from deploy.sandbox.telegram import limits
from deploy.sandbox.telegram.values import Json
from deploy.sandbox.telegram.world import World


def get_me(world: World, _params: Json) -> Json:
    """Telegram's `User` with what only getMe tells."""
    return world.bot.as_json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(world: World, params: Json) -> bool:
    """The menu of one scope and language."""
    limits.check_commands(params["commands"])
    world.commands[_scope(world, params)] = params["commands"]
    return True


def get_my_commands(world: World, params: Json) -> list[Json]:
    """The menu of exactly this scope and language; empty when none was set."""
    return world.commands.get(_scope(world, params), [])


def delete_my_commands(world: World, params: Json) -> bool:
    """The menu of this scope and language goes; wider ones show again."""
    world.commands.pop(_scope(world, params), None)
    return True


def setter(what: str) -> Callable[[World, Json], bool]:
    """A handler that keeps one of the bot's texts per language; an empty one is forgotten."""

    def set_text(world: World, params: Json) -> bool:
        text = params.get(what, "")
        limits.check_profile(what, text)
        world.profile[what, _language(params)] = text
        return True

    return set_text


def getter(what: str) -> Callable[[World, Json], Json]:
    """A handler that gives one of the bot's texts, in the language asked for or the default."""

    def get_text(world: World, params: Json) -> Json:
        default = world.profile.get((what, ""), "")
        return {what: world.profile.get((what, _language(params))) or default}

    return get_text


def _language(params: Json) -> str:
    language_code: str = params.get("language_code", "")
    limits.check_language(language_code)
    return language_code


def _scope(world: World, params: Json) -> tuple[str, str]:
    scope = params.get("scope", {"type": "default"})
    if "chat_id" in scope:
        world.chat(scope["chat_id"])
    return json.dumps(scope, sort_keys=True), _language(params)
