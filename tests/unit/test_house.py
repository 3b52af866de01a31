"""The house rules that no linter knows: documentation is complete, files are small, errors have one root."""

import ast
import inspect
from pathlib import Path

import pytest

from bot.config import Config
from bot.menu import ADMIN_COMMANDS, COMMANDS
from engine import errors
from engine.settings import SPECS, format_value

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = sorted(
    path
    for folder in ("bot", "engine", "storage", "migrations", "tests", "deploy")
    for path in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("name", SPECS)
def test_every_setting_stands_in_the_readme_with_default_bounds_and_meaning(name: str) -> None:
    spec = SPECS[name]
    bounds = spec.bounds.replace("|", "\\|")
    row = f"| `{name}` | {format_value(spec.default)} | {bounds} | {spec.unit or '–'} | {spec.help} |"
    assert row in README


@pytest.mark.parametrize("command", [*COMMANDS, *ADMIN_COMMANDS])
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert f"| `/{command}" in README


@pytest.mark.parametrize("field", Config.model_fields)
def test_every_variable_stands_in_the_readme(field: str) -> None:
    assert f"| `{field.upper()}` |" in README


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_over_300_lines_and_no_function_over_40(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    functions = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions if f.end_lineno and f.end_lineno - f.lineno >= 40}
    assert not {name: lines for name, lines in long.items() if name != "upgrade"}, "a migration alone may be long"


def test_every_error_has_one_root_and_stands_in_the_tree() -> None:
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]
    assert all(issubclass(kind, errors.ToTheMoonError) for kind in classes)
    tree = (errors.__doc__ or "").splitlines()
    for kind in classes:
        assert any(kind.__name__ in line for line in tree), f"{kind.__name__} is missing at the top of errors.py"


def test_the_top_level_is_the_given_one() -> None:
    given = {"bot", "engine", "storage", "migrations", "tests", "deploy", "alembic.ini", "pyproject.toml", "README.md"}
    given |= {"LICENSE", "requirements.txt", "requirements-test.txt"}
    made = {"data", "build", "tothemoon2.egg-info", "__pycache__"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - made == given
