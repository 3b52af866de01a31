"""The configuration: the only reader of the environment and `.env`. Every fault becomes one line for the operator."""

import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.clock import LAST_TIME, refuse_impossible
from bot.links import OWN_AT_MOST, Link, parse_links
from engine.errors import ConfigError
from engine.plans import CUSTOM, PLANS, Plan, plan_of

_DAY_SEC = 86_400
_MAX_USER_ID = 2**52
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_MAX_FIGURE = 10**12
_FIRST_TIME = datetime(2025, 1, 1, tzinfo=UTC)
_EXAMPLE_TIME = "2026-07-03T12:00:00Z"
# Telegram sends these for whole crowds: admin rights for one of them are admin rights for everybody.
_SHARED_IDS = {
    1087968824: "which every anonymous group administrator has",
    136817688: "which every channel has",
    777000: "which is Telegram itself",
}


def _secret(pattern: str, fault: str) -> AfterValidator:
    """The secret must match; `fault` says what is wrong without showing it."""

    def check(value: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, value.get_secret_value()):
            raise ValueError(fault)
        return value

    return AfterValidator(check)


def _url(*schemes: str) -> AfterValidator:
    """A base address with one of these schemes and a host; its trailing slashes are dropped."""

    def check(value: str) -> str:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        if value.partition("://")[0].lower() not in schemes:
            raise ValueError(f"does not start with {wanted}")
        if not re.fullmatch(r"[!-~]+", value) or not _has_host(value):
            raise ValueError("is not an address with a host and, if any, a port from 0 to 65535")
        return value.rstrip("/")

    return AfterValidator(check)


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:  # a port that is no number, or an unclosed bracket
        return False


def _public(url: str) -> str:
    """Telegram posts over TLS alone; a pretend one on this machine may do without."""
    if url.lower().startswith("http://") and urlsplit(url).hostname not in _THIS_MACHINE:
        raise ValueError("does not start with https://, and Telegram posts to no other")
    return url


def _parse_admin_ids(value: object) -> object:
    """Comma-separated ids -> frozenset of integers; anything but text is left to pydantic."""
    if not isinstance(value, str):
        return value
    entries = [entry.strip() for entry in value.split(",")]
    return frozenset(_parse_admin_id(place, entry) for place, entry in enumerate(entries, 1) if entry)


def _parse_admin_id(place: int, entry: str) -> int:
    if not re.fullmatch(r"[0-9]{1,16}", entry) or not 0 < int(entry) < _MAX_USER_ID:
        raise ValueError(f"has an entry that is not the positive number of a Telegram user (entry {place})")
    if reason := _SHARED_IDS.get(int(entry)):
        raise ValueError(f"contains {entry}, {reason}; list only ids of single people")
    return int(entry)


_BotToken = Annotated[
    SecretStr, _secret(r"[0-9]+:[A-Za-z0-9_-]+", "is not a bot token: digits, a colon, then letters and digits")
]
_ApiKey = Annotated[SecretStr, _secret(r"[!-~]+", "contains characters that no API key has")]
_HttpUrl = Annotated[str, _url("http", "https"), Field(description="an HTTP address")]
_WebhookUrl = Annotated[
    str,
    _url("http", "https"),
    AfterValidator(_public),
    Field(description="an address that begins with https:// and leads to the health server"),
]
_Dsn = Annotated[SecretStr, _secret(r"postgres(ql)?://.*", "does not start with postgres:// or postgresql://")]
_Lifetime = Annotated[float, Field(ge=0, le=_DAY_SEC, description="a number of seconds from 0 to 86400")]
_Interval = Annotated[float, Field(ge=1, le=_DAY_SEC, description="a number of seconds from 1 to 86400")]
_Figure = Annotated[int, Field(ge=1, le=_MAX_FIGURE)]
_FIGURE_WORDS = f"a whole number from 1 to {_MAX_FIGURE}"


class Config(BaseSettings):
    """Every variable of the program; a field's name is the variable's name in lower case.

    `description` completes "it must be …"; the first of `examples`, else the default, is the example of an error.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding="utf-8-sig",  # editors on Windows put a mark in front
        hide_input_in_errors=True,
    )

    bot_token: Annotated[
        _BotToken | None,
        Field(description="the token that @BotFather gave you", examples=["123456789:your-secret"]),
    ] = None
    birdeye_api_key: Annotated[
        _ApiKey | None,
        Field(description="the API key of your account at https://bds.birdeye.so", examples=["0123456789abcdef"]),
    ] = None
    birdeye_plan: Annotated[
        str,
        BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
        Field(description=f"one of {', '.join([*PLANS, CUSTOM])}"),
    ] = "standard"
    birdeye_rps: Annotated[_Figure | None, Field(description=_FIGURE_WORDS, examples=[15])] = None
    birdeye_rpm: Annotated[_Figure | None, Field(description=_FIGURE_WORDS, examples=[900])] = None
    birdeye_monthly_cu: Annotated[_Figure | None, Field(description=_FIGURE_WORDS, examples=[2_500_000])] = None
    admin_ids: Annotated[
        frozenset[int],
        NoDecode,
        BeforeValidator(_parse_admin_ids),
        Field(description="a comma-separated list of Telegram user ids", examples=["123456789,987654321"]),
    ] = frozenset()
    trade_links: Annotated[
        tuple[Link, ...],
        NoDecode,
        BeforeValidator(lambda value: parse_links(value) if isinstance(value, str) else value),
        Field(
            description=f"a comma-separated list of at most {OWN_AT_MOST} Name=https://… with one {{mint}} in each",
            examples=["Axiom=https://axiom.trade/t/{mint}"],
        ),
    ] = ()
    db_dsn: Annotated[
        _Dsn | None,
        Field(description="the address of a PostgreSQL", examples=["postgresql://user:password@127.0.0.1/tothemoon"]),
    ] = None
    instance_name: Annotated[
        str | None,
        Field(
            pattern=r"^[!-~]{1,64}$",
            description="1 to 64 letters, digits and signs without a space",
            examples=["berlin-1"],
        ),
    ] = None
    data_dir: Annotated[Path, Field(description="a folder")] = Path("data")
    pumpportal_ws_url: Annotated[str, _url("ws", "wss"), Field(description="a websocket address")] = (
        "wss://pumpportal.fun/api/data"
    )
    pumpportal_creates: Annotated[bool, Field(description="true or false")] = True
    birdeye_url: _HttpUrl = "https://public-api.birdeye.so"
    dexscreener_url: _HttpUrl = "https://api.dexscreener.com"
    dexscreener_enabled: Annotated[bool, Field(description="true or false")] = True
    dexscreener_rpm: Annotated[int, Field(ge=1, le=300, description="a whole number from 1 to 300")] = 60
    telegram_api_url: _HttpUrl = "https://api.telegram.org"
    delivery_rate: Annotated[float, Field(ge=1, le=1000, description="a number of alerts a second from 1 to 1000")] = 22
    webhook_url: Annotated[_WebhookUrl | None, Field(examples=["https://bot.example.org"])] = None
    birdeye_cache_ttl: _Lifetime = 30
    ext_max_concurrency: Annotated[int, Field(ge=1, le=100, description="a whole number from 1 to 100")] = 8
    sched_interval_initial_sec: _Interval = 30
    sched_interval_active_sec: _Interval = 30
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
        Field(description="one of DEBUG, INFO, WARNING, ERROR"),
    ] = "INFO"
    log_file: Annotated[Path | None, Field(description="a file", examples=["data/tothemoon.log"])] = None
    health_host: Annotated[str, Field(pattern=r"^[!-~]+$", description="a host name or address to listen on")] = (
        "127.0.0.1"
    )
    health_port: Annotated[
        int, Field(ge=0, le=65_535, description="a whole number from 0 (any free port) to 65535")
    ] = 8000
    time_speed: Annotated[float, Field(ge=1, le=600, description="a number from 1 to 600")] = 1
    time_since: Annotated[
        AwareDatetime | None,
        Field(ge=_FIRST_TIME, le=LAST_TIME, description="a time since 2025 with its zone", examples=[_EXAMPLE_TIME]),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        """Raises ConfigError, which passes pydantic unchanged."""
        self.plan()
        if self.birdeye_api_key is None and not self.dexscreener_enabled:
            wanted = "BIRDEYE_API_KEY is not set and DEXSCREENER_ENABLED is false, so nobody can tell figures"
            raise ConfigError(f"{wanted}; for example DEXSCREENER_ENABLED=true")
        if self.time_since is not None:
            refuse_impossible(self.time_since, self.time_speed)
        return self

    def token(self) -> str:
        """The bot token in the clear. Raises ConfigError when it is not set."""
        if self.bot_token is None:
            raise ConfigError(_told("bot_token", "is not set; it must be {description}"))
        return self.bot_token.get_secret_value()

    def name(self) -> str:
        """What this program is called among several: where nobody named it, its machine and process."""
        host = re.sub(r"[^!-~]", "", socket.gethostname())[:50] or "unknown"
        return self.instance_name or f"{host}:{os.getpid()}"

    def plan(self) -> Plan:
        """What the Birdeye account may use: the plan, with the figures that are set."""
        figures = {"monthly_cu": self.birdeye_monthly_cu, "rps": self.birdeye_rps, "rpm": self.birdeye_rpm}
        return plan_of(self.birdeye_plan, **figures)

    def secrets(self) -> tuple[str, ...]:
        """Every configured secret in the clear: for the masking of logs and nothing else."""
        held = (self.bot_token, self.birdeye_api_key, self.db_dsn)
        return tuple(secret.get_secret_value() for secret in held if secret is not None)


def load(env_file: Path | None = Path(".env"), *, with_bot: bool = True) -> Config:
    """Read the environment, then `env_file` for what is not set there. Raises `ConfigError` with one line.

    `with_bot` needs BOT_TOKEN; without the bot it is not looked at.
    """
    overrides: dict[str, Any] = {} if with_bot else {"bot_token": None}
    try:
        config = Config(_env_file=env_file, **overrides)
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None  # the cause would show the values
    except UnicodeDecodeError:
        raise ConfigError(f"{env_file} is not a UTF-8 text; save it again, with lines such as LOG_LEVEL=INFO") from None
    except OSError as error:
        raise ConfigError(f"{env_file} cannot be read: {error.strerror}; make it readable or remove it") from None
    if with_bot:
        config.token()
    return config


def _explain(error: ValidationError) -> str:
    """The first fault in full, the names of the others behind it."""
    faults = error.errors(include_url=False, include_input=False)
    names = list(dict.fromkeys(str(fault["loc"][0]) for fault in faults))
    match faults[0]["type"]:
        case "value_error":
            what = str(faults[0]["ctx"]["error"])
        case _:
            what = "is not {description}"
    others = f" (also wrong: {', '.join(names[1:]).upper()})" if names[1:] else ""
    return _told(names[0], what) + others


def _told(name: str, what: str) -> str:
    """One line for the operator about this field; `what` may name its {description}."""
    field = Config.model_fields[name]
    example = (field.examples or [field.default])[0]
    fault = what.replace("{description}", field.description or "usable")
    return f"{name.upper()} {fault}; for example {name.upper()}={example}"


def prepare_folders(config: Config) -> None:
    """Make DATA_DIR and the folder of LOG_FILE, and see that both can be written. Raises `ConfigError`."""
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        if not os.access(config.data_dir, os.W_OK | os.X_OK):
            raise PermissionError(0, "it may not be written")
    except (OSError, ValueError) as error:
        raise ConfigError(_unusable("DATA_DIR", "a folder", error, "data")) from None
    if config.log_file is None:
        return
    try:
        config.log_file.parent.mkdir(parents=True, exist_ok=True)
        config.log_file.open("a").close()
    except (OSError, ValueError) as error:
        raise ConfigError(_unusable("LOG_FILE", "a file", error, "data/tothemoon.log")) from None


def _unusable(name: str, what: str, error: OSError | ValueError, example: str) -> str:
    reason = error.strerror if isinstance(error, OSError) else error
    return f"{name} is not {what} that can be made and written ({reason}); for example {name}={example}"
