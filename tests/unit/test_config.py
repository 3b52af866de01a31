"""The configuration: what is read, what is refused and with which words."""

import os
import re
import socket
from pathlib import Path

import pytest

from bot.config import Config, load, prepare_folders
from engine.errors import ConfigError
from engine.plans import PLANS, Plan
from tests.unit.bad_values import BAD_VALUES

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
KEY = "0123456789abcdef0123456789abcdef"
EXAMPLE_FILE = Path(__file__).parents[2] / ".env.example"
ASSIGNMENT = re.compile(r"^(?:# )?([A-Z_]+)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def configured(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Config:
    for name, value in {"BOT_TOKEN": TOKEN, "BIRDEYE_API_KEY": KEY, **variables}.items():
        monkeypatch.setenv(name, value)
    return load()


def test_only_the_token_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    config = load()

    assert config.token() == TOKEN
    assert config.birdeye_api_key is None
    assert config.plan() == PLANS["standard"]
    assert config.pumpportal_creates is True
    assert config.secrets() == (TOKEN,)
    assert config.db_dsn is None
    assert config.admin_ids == frozenset()
    assert config.trade_links == ()
    assert config.data_dir == Path("data")
    assert config.log_file is None
    assert config.pumpportal_ws_url == "wss://pumpportal.fun/api/data"
    assert config.birdeye_url == "https://public-api.birdeye.so"
    assert config.dexscreener_url == "https://api.dexscreener.com"
    assert (config.dexscreener_enabled, config.dexscreener_rpm) == (True, 60)
    assert config.telegram_api_url == "https://api.telegram.org"
    assert (config.birdeye_cache_ttl, config.ext_max_concurrency) == (30, 8)
    assert (config.sched_interval_initial_sec, config.sched_interval_active_sec) == (30, 30)
    assert (config.log_level, config.time_speed) == ("INFO", 1)
    assert (config.health_host, config.health_port) == ("127.0.0.1", 8000)


def test_the_smallest_and_oddest_valid_values_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    config = configured(
        monkeypatch,
        BIRDEYE_CACHE_TTL="0",
        SCHED_INTERVAL_INITIAL_SEC="1",
        SCHED_INTERVAL_ACTIVE_SEC=" 1 ",
        HEALTH_PORT="0",
        TIME_SPEED="600",
        LOG_LEVEL=" debug ",
        ADMIN_IDS=" 1, 22 ,4503599627370495,",
        TELEGRAM_API_URL="http://127.0.0.1:8081/",
        DB_DSN="postgres://u:p@h1:5432,h2:5433/db?sslmode=require",
        EXT_MAX_CONCURRENCY="100",
        DEXSCREENER_ENABLED=" False ",
        DEXSCREENER_RPM="300",
        BIRDEYE_PLAN=" Lite ",
        BIRDEYE_RPS="1",
        BIRDEYE_MONTHLY_CU="1000000000000",
        PUMPPORTAL_CREATES="false",
    )

    assert config.plan() == Plan("lite", monthly_cu=10**12, rps=1, rpm=900)
    assert config.pumpportal_creates is False
    assert (config.birdeye_cache_ttl, config.health_port, config.time_speed) == (0, 0, 600)
    assert (config.sched_interval_initial_sec, config.sched_interval_active_sec) == (1, 1)
    assert config.log_level == "DEBUG"
    assert config.admin_ids == {1, 22, 4503599627370495}
    assert config.telegram_api_url == "http://127.0.0.1:8081"
    assert config.db_dsn is not None
    assert config.db_dsn.get_secret_value() == "postgres://u:p@h1:5432,h2:5433/db?sslmode=require"
    assert config.ext_max_concurrency == 100
    assert (config.dexscreener_enabled, config.dexscreener_rpm) == (False, 300)


def test_a_clock_that_would_be_beyond_2100_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"^TIME_SINCE is so long ago .+; for example TIME_SINCE=\S+Z$"):
        configured(monkeypatch, TIME_SPEED="600", TIME_SINCE="2025-01-01T00:00:00Z")
    assert configured(monkeypatch, TIME_SPEED="1", TIME_SINCE="2025-01-01T00:00:00Z").time_since is not None


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize("name", sorted(Config.model_fields))
def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, name: str, blank: str) -> None:
    if name == "bot_token":
        with pytest.raises(ConfigError, match=r"^BOT_TOKEN is not set"):
            configured(monkeypatch, BOT_TOKEN=blank)
        return
    with_blank = configured(monkeypatch, **{name.upper(): blank})
    monkeypatch.delenv(name.upper())
    assert with_blank == load()


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_a_bad_value_is_one_line_with_name_and_example_and_never_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(monkeypatch, **{name: value})

    text = str(caught.value)
    assert re.fullmatch(rf"{name} (is|has|does|contains) .+; for example {name}=\S+", text)
    assert not re.search("sekr|kret", text)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert len(text) < 250


@pytest.mark.parametrize("name", sorted(name.upper() for name in Config.model_fields))
def test_bytes_that_are_not_text_are_refused_or_kept_whole(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    try:
        config = configured(monkeypatch, **{name: "\udcff\udcfe"})
    except ConfigError as error:
        assert str(error).startswith(f"{name} ")  # noqa: PT017 - a path may be kept, everything else is refused
    else:
        assert name in {"DATA_DIR", "LOG_FILE"}
        assert getattr(config, name.lower()) == Path("\udcff\udcfe")


CUSTOM = {"BIRDEYE_MONTHLY_CU": "1000", "BIRDEYE_RPS": "2", "BIRDEYE_RPM": "90"}


@pytest.mark.parametrize("name", sorted(name.upper() for name in Config.model_fields))
def test_the_example_of_an_error_is_itself_valid(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    field = Config.model_fields[name.lower()]

    config = configured(monkeypatch, **{name: str((field.examples or [field.default])[0])})

    assert getattr(config, name.lower()) is not None


def test_a_missing_token_is_told_in_one_line() -> None:
    with pytest.raises(ConfigError) as caught:
        load()

    assert str(caught.value) == (
        "BOT_TOKEN is not set; it must be the token that @BotFather gave you; for example "
        "BOT_TOKEN=123456789:your-secret"
    )


def test_several_faults_are_told_in_one_line_that_names_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(monkeypatch, BOT_TOKEN="sekret", HEALTH_PORT="x", LOG_LEVEL="x")

    assert str(caught.value) == (
        "BOT_TOKEN is not a bot token: digits, a colon, then letters and digits; for example "
        "BOT_TOKEN=123456789:your-secret (also wrong: LOG_LEVEL, HEALTH_PORT)"
    )


@pytest.mark.parametrize("token", [None, TOKEN, "no token at all"])
def test_without_the_bot_the_token_is_not_looked_at(monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
    if token is not None:
        monkeypatch.setenv("BOT_TOKEN", token)

    config = load(with_bot=False)

    assert config.bot_token is None
    with pytest.raises(ConfigError, match=r"^BOT_TOKEN is not set"):
        config.token()


def test_a_custom_plan_is_made_of_its_three_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    config = configured(monkeypatch, BIRDEYE_PLAN="custom", **CUSTOM)

    assert config.plan() == Plan("custom", monthly_cu=1000, rps=2, rpm=90)


@pytest.mark.parametrize("missing", sorted(CUSTOM))
def test_a_custom_plan_without_one_of_its_figures_is_refused(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    with pytest.raises(ConfigError, match=f"^{missing} is not set, but BIRDEYE_PLAN=custom needs it; for example "):
        configured(monkeypatch, BIRDEYE_PLAN="custom", **CUSTOM | {missing: ""})


def test_a_configuration_in_which_nobody_can_tell_figures_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"^BIRDEYE_API_KEY is not set and .+; for example DEXSCREENER_ENABLED=true$"):
        configured(monkeypatch, BIRDEYE_API_KEY="", DEXSCREENER_ENABLED="false")


def test_a_shared_account_as_admin_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="contains 1087968824, which every anonymous group administrator has"):
        configured(monkeypatch, ADMIN_IDS="5, 1087968824")


def test_the_repr_of_a_configuration_hides_every_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    config = configured(monkeypatch, DB_DSN="postgres://u:sekret@h/db")

    assert set(config.secrets()) == {TOKEN, KEY, "postgres://u:sekret@h/db"}
    assert not [secret for secret in (*config.secrets(), "sekret") if secret in f"{config!r} {config}"]


def test_the_env_file_serves_what_the_environment_does_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["\ufeffHEALTH_PORT=1234", 'ADMIN_IDS="7,8"', "LOG_LEVEL=ERROR", "UNKNOWN=1", "NO_VALUE", "# a comment"]
    Path(".env").write_text("\r\n".join(lines), encoding="utf-8")

    config = configured(monkeypatch, LOG_LEVEL="WARNING", ADMIN_IDS="", SOMETHING_ELSE="x")

    assert (config.health_port, config.log_level) == (1234, "WARNING")
    assert config.admin_ids == {7, 8}


def test_an_env_file_that_is_not_utf_8_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_bytes(b"LOG_LEVEL=\xff\xfe")

    with pytest.raises(ConfigError, match=r"^\.env is not a UTF-8 text"):
        configured(monkeypatch)


def test_the_example_file_names_every_variable_once_and_no_other() -> None:
    names = [name for name, _ in ASSIGNMENT.findall(EXAMPLE_FILE.read_text(encoding="utf-8"))]

    assert sorted(names) == sorted(name.upper() for name in Config.model_fields)


def test_the_owners_links_are_taken_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " Axiom = https://axiom.trade/t/{mint} ,Мой бот=https://t.me/bot?start=r_{mint}&x={y},"
    first, second = configured(monkeypatch, TRADE_LINKS=text).trade_links
    assert (first.title, first.to("MINT")) == ("Axiom", "https://axiom.trade/t/MINT")
    assert (second.title, second.to("MINT")) == ("Мой бот", "https://t.me/bot?start=r_MINT&x={y}")


def test_a_program_is_called_as_its_owner_says_or_by_its_machine_and_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured(monkeypatch, INSTANCE_NAME=" berlin-1 ").name() == "berlin-1"
    assert configured(monkeypatch, INSTANCE_NAME="").name() == f"{socket.gethostname()}:{os.getpid()}"
    monkeypatch.setattr(socket, "gethostname", lambda: "наша машина\n" * 20)
    assert configured(monkeypatch).name() == f"unknown:{os.getpid()}"


def test_a_wrong_link_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as refused:
        configured(monkeypatch, TRADE_LINKS="A=https://h/{mint},B=https://h/")
    told = "TRADE_LINKS has an address without exactly one {mint} after its host (entry 2); "
    assert str(refused.value) == told + "for example TRADE_LINKS=Axiom=https://axiom.trade/t/{mint}"


def test_the_example_file_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assignments = ASSIGNMENT.findall(EXAMPLE_FILE.read_text(encoding="utf-8"))
    filled = {name: value for name, value in assignments if value}

    assert configured(monkeypatch, **filled) == configured(monkeypatch)
    assert {name.lower() for name in filled} == {name for name, field in Config.model_fields.items() if field.default}


def test_folders_are_made_with_their_parents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = configured(monkeypatch, DATA_DIR=f"{tmp_path}/a/b", LOG_FILE=f"{tmp_path}/c/d/moon.log")

    prepare_folders(config)
    prepare_folders(config)

    assert (tmp_path / "a/b").is_dir()
    assert (tmp_path / "c/d/moon.log").is_file()


@pytest.mark.parametrize("name", ["DATA_DIR", "LOG_FILE"])
@pytest.mark.parametrize("path", ["occupied/below", "x" * 300, "/dev/null/below", "/proc/nowhere/below"])
def test_an_impossible_folder_is_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, path: str
) -> None:
    Path("occupied").write_text("a file, not a folder", encoding="utf-8")

    with pytest.raises(ConfigError, match=rf"^{name} is not a (folder|file) that .+; for example {name}=data\S*$"):
        prepare_folders(configured(monkeypatch, **{name: path}))


def test_a_log_file_that_is_a_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^LOG_FILE is not a file"):
        prepare_folders(configured(monkeypatch, LOG_FILE=str(tmp_path)))
