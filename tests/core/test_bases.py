"""The `.base` views that come with a vault use what Obsidian documents (help.obsidian.md/bases/syntax)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from vaultkit.bundled import bundled
from vaultkit.core.rules.workflow import DEFAULT_FOLDERS
from vaultkit.core.text.note import SYNONYMS
from vaultkit.core.text.yaml_events import Value, parse_document, plain

FILES = sorted(Path(str(bundled("templates/platinum"))).glob("*.base"))
SECTIONS = {"filters", "formulas", "properties", "summaries", "views"}
VIEW_KEYS = {"type", "name", "limit", "groupBy", "filters", "order", "summaries"}
FILE_PROPERTIES = {"ctime", "ext", "folder", "links", "mtime", "name", "path", "size", "tags"}
STATEMENT = re.compile(
    r'file\.inFolder\("(?P<folder>[^"]+)"\)|file\.ext == "md"|file\.mtime > now\(\) - "\d+ (day|week)s?"'
)
FORMULA = re.compile(r"(if\(\w+, \w+, )*\w+\)*")
"""`if(CONDITION, THEN, ELSE)`, each the name of a note's property, one in the other."""


def statements(filters: Value) -> list[str]:
    """The statements of a filter, which is one, or one of `and`, `or`, `not` over a list of filters."""
    if isinstance(filters, str):
        return [filters]
    assert isinstance(filters, dict)
    assert len(filters) == 1
    assert filters.keys() <= {"and", "or", "not"}
    (parts,) = filters.values()
    assert isinstance(parts, list)
    assert parts
    return [statement for part in parts for statement in statements(part)]


def is_property(name: object, formulas: Iterable[str]) -> bool:
    """A note's property, a documented one of files, or a formula of this base."""
    assert isinstance(name, str)
    kind, dot, rest = name.partition(".")
    if kind == "formula":
        return rest in formulas
    return rest in FILE_PROPERTIES if dot and kind == "file" else bool(re.fullmatch(r"(note\.)?\w+", name))


def test_the_views_of_the_desk_are_there() -> None:
    """One for each thing a person looks for."""
    assert [file.stem for file in FILES] == ["Conflicts", "Done this week", "My tasks", "Pending Approval"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_view_is_as_documented(file: Path) -> None:
    """Sections, filters, properties and views hold documented keys only, of the documented shape."""
    base = plain(parse_document(file.read_text("utf-8")))
    assert isinstance(base, dict)
    assert base.keys() <= SECTIONS
    filters = statements(base["filters"])
    formulas = base.get("formulas", {})
    assert isinstance(formulas, dict)
    assert all(FORMULA.fullmatch(str(formula)) for formula in formulas.values())
    assert isinstance(base["properties"], dict)
    for name, settings in base["properties"].items():
        assert is_property(name, formulas)
        assert isinstance(settings, dict)
        assert settings.keys() == {"displayName"}
    assert isinstance(base["views"], list)
    for view in base["views"]:
        assert isinstance(view, dict)
        assert view.keys() <= VIEW_KEYS
        assert view["type"] in {"table", "cards", "list"}
        assert isinstance(view["name"], str)
        assert isinstance(view["limit"], int)
        assert isinstance(view["order"], list)
        assert all(is_property(name, formulas) for name in view["order"])
        filters += statements(view["filters"]) if "filters" in view else []
    for statement in filters:
        found = STATEMENT.fullmatch(statement)
        assert found, statement
        folder = found["folder"]
        assert folder is None or folder.partition("/")[0] in {*DEFAULT_FOLDERS.values(), "Conflicts"}


def test_the_drafts_that_wait_show_when_they_expire() -> None:
    """By whatever word `expires` may be said, the one that the rule goes by first: the column shows it."""
    (file,) = (file for file in FILES if file.stem == "Pending Approval")
    base = plain(parse_document(file.read_text("utf-8")))
    assert isinstance(base, dict)
    first, second, third = SYNONYMS["expires"]
    assert base["formulas"] == {"expires": f"if({first}, {first}, if({second}, {second}, {third}))"}
    assert all("formula.expires" in view["order"] for view in base["views"])  # type: ignore[index,union-attr]
