"""Hooks: marked, checked, matched, and never able to stop the sync."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.trees import History
from vaultkit.core.draft import Draft
from vaultkit.core.hooks import Hook, HookError, HookMove, after_move, collect_hooks, matching, on_move
from vaultkit.core.outgoing import plan_edits
from vaultkit.hook_loader import available_hooks, load_hooks

OID = "0" * 40


def move(src: str, dst: str, origin: str = "local") -> HookMove:
    return HookMove(src, dst, "local_agent", 1_700_000_000, "key", OID, origin)  # type: ignore[arg-type]


def hooks_in(*functions: object) -> list[Hook]:
    return collect_hooks({f"f{n}": function for n, function in enumerate(functions)}, "mine")


def test_a_decorator_only_marks() -> None:
    """A marked function can still be called, and may carry several marks."""

    @on_move("A/**", "B/**")
    @after_move("A/**", "C/**")
    def greet(move: HookMove) -> str:
        return move.path

    assert greet(move("A/x.md", "B/x.md")) == "B/x.md"
    assert [(hook.kind, hook.name) for hook in hooks_in(greet)] == [
        ("after_move", "mine.greet"),
        ("on_move", "mine.greet"),
    ]


def test_a_hook_is_called_with_what_it_names() -> None:
    """Arguments are given by name, and only those that are asked for."""
    seen = []

    @on_move("A/**", "B/**")
    def only_draft(draft: object) -> None:
        seen.append(draft)

    hooks_in(only_draft)[0].call(move=1, draft=2)
    assert seen == [2]


def test_a_wrong_signature_is_quoted() -> None:
    """The error shows the author's own function and what it may ask for."""

    @on_move("A/**", "B/**")
    def wrong(move: HookMove, vault: object) -> None: ...

    with pytest.raises(HookError, match=r"mine\.wrong\(move: .*vault") as caught:
        hooks_in(wrong)
    assert "move, draft" in caught.value.hint


def test_hooks_fire_where_the_move_was_made_unless_they_ask_otherwise() -> None:
    """`origin` decides, and both patterns must match."""

    @on_move("A/**", "B/**")
    def here(move: HookMove) -> None: ...

    @on_move("A/**", "B/**", origin="any")
    def anywhere(move: HookMove) -> None: ...

    hooks = hooks_in(here, anywhere)
    assert len(matching(hooks, "on_move", move("A/x.md", "B/x.md"))) == 2
    assert [h.name for h in matching(hooks, "on_move", move("A/x.md", "B/x.md", "remote"))] == [
        "mine.anywhere"
    ]
    assert matching(hooks, "on_move", move("A/x.md", "C/x.md")) == []
    assert matching(hooks, "after_move", move("A/x.md", "B/x.md")) == []


def test_a_hook_that_fails_leaves_the_note_and_is_reported() -> None:
    """Its half-done edits are dropped, others' are kept, and the commit goes on."""
    history = History({"B/x.md": "x\n", "B/y.md": "y\n"})
    failures = []

    @on_move("A/**", "B/**")
    def stamp(move: HookMove, draft: Draft) -> None:
        draft[move.path].meta["status"] = "b"
        if move.path == "B/x.md":
            raise RuntimeError("no")

    tree = history.objects.commit(history.root).tree
    moves = [move("A/x.md", "B/x.md"), move("A/y.md", "B/y.md")]
    edits = plan_edits(history.objects, hooks_in(stamp), tree, moves, lambda *f: failures.append(f))
    assert {path: history.objects.blob(oid) for path, oid in edits.items()} == {
        "B/y.md": b"---\nstatus: b\n---\ny\n"
    }
    assert len(failures) == 1


def test_a_draft_holds_only_what_is_in_the_tree() -> None:
    """A note that is not there is a KeyError; meta behaves like a dict."""
    history = History({"B/x.md": "---\na: 1\nb: 2\n---\nx\n"})
    draft = Draft(history.objects, history.objects.commit(history.root).tree)
    assert "B/x.md" in draft
    assert "B/none.md" not in draft
    with pytest.raises(KeyError):
        draft["B/none.md"]
    meta = draft["B/x.md"].meta
    del meta["a"]
    meta["c"] = "x"
    assert dict(meta) == {"b": 2, "c": "x"}
    assert draft["B/x.md"].data == b"---\nb: 2\nc: x\n---\nx\n"


def test_only_enabled_hooks_are_loaded_and_own_ones_come_first(tmp_path: Path) -> None:
    """A file in the vault's hook folder runs only when it is named; a broken one says which it is."""
    (tmp_path / "mine.py").write_text(
        "from vaultkit import on_move\n@on_move('A/**', 'B/**')\ndef f(move): ...\n"
    )
    (tmp_path / "broken.py").write_text("raise SystemError('no')\n")
    assert load_hooks((), tmp_path) == []
    assert [hook.name for hook in load_hooks(("mine",), tmp_path)] == ["mine.f"]
    assert {"mine": "own", "claim": "stock"}.items() <= available_hooks(tmp_path).items()
    with pytest.raises(HookError, match=r"broken\.py.*SystemError"):
        load_hooks(("broken",), tmp_path)
    with pytest.raises(HookError, match="no hook named") as caught:
        load_hooks(("nothing",), tmp_path)
    assert "claim" in caught.value.hint


def test_a_namespace_with_odd_things_in_it_is_no_problem() -> None:
    """Collecting looks only at marks."""
    assert collect_hooks({"a": 1, "b": SimpleNamespace(), "c": print}, "m") == []
