"""Finding and loading hooks: only what is enabled runs; what cannot be used says why and stops nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vaultkit.core.hooks.hook_marks import HookError
from vaultkit.hook_loader import available_hooks, load_hooks, load_usable

GOOD = '"""Mine."""\nfrom vaultkit import on_move\n@on_move("A/**", "B/**")\ndef f(move): ...\n'


def test_only_enabled_hooks_are_loaded_in_their_order_and_own_ones_come_first(tmp_path: Path) -> None:
    """A file in the vault's hook folder runs only when it is named, and before a stock hook of its name."""
    (tmp_path / "mine.py").write_text(GOOD)
    (tmp_path / "claim.py").write_text(GOOD)
    (tmp_path / "broken.py").write_text("raise SystemExit('no')\n")
    assert load_hooks((), tmp_path) == []
    names = [hook.name for hook in load_hooks(("reject", "mine", "claim"), tmp_path)]
    assert names == ["reject.reject", "reject.reconsider", "mine.f", "claim.f"]
    found = available_hooks(tmp_path)
    assert (found["mine"].source, found["mine"].about) == ("own", "Mine.")
    assert (found["approve"].source, found["claim"].source) == ("stock", "own")


BROKEN = {
    "broken": ("raise SystemExit('no')\n", r"broken\.py, line 1, cannot be loaded: SystemExit: no"),
    "syntax": ("def f(:\n", r"syntax\.py, line 1: "),
    "empty": ("x = 1\n", "empty marks no function"),
    "alone": (
        "from vaultkit import on_create\n@on_create\ndef f(change): ...\n",
        r"alone\.py, line 2: @on_create stands",
    ),
    "without": (
        "from vaultkit import on_move\n@on_move\ndef f(move): ...\n",
        r"without\.py, line 2, .* missing 1 ",
    ),
    "twins": (GOOD + GOOD, r"twins\.f is there twice: lines 4 and 8"),
    "wrong": (GOOD.replace("f(move)", "f(note, draft)"), r"wrong\.f\(note, draft\) asks for note"),
    "nothing": (None, "there is no hook named 'nothing'"),
    "../evil": (None, "there is no hook named '../evil'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_hook_that_cannot_be_used_says_why_and_leaves_the_others_alone(tmp_path: Path, name: str) -> None:
    """The error names it; where a vault is opened, the others are loaded all the same."""
    text, message = BROKEN[name]
    (tmp_path / "mine.py").write_text(GOOD)
    if text is not None:
        (tmp_path / f"{name}.py").write_text(text)
    with pytest.raises(HookError, match=message):
        load_hooks(("mine", name), tmp_path)
    hooks, problems = load_usable((name, "mine"), tmp_path)
    assert [hook.name for hook in hooks] == ["mine.f"]
    assert problems.keys() == {name}


@pytest.mark.parametrize("decorator", ["on_status", "on_status()", "after_status('done')"])
def test_a_decorator_without_its_words_is_told_with_its_form(tmp_path: Path, decorator: str) -> None:
    """The line is named, and the hint shows how it is written."""
    kind = decorator.partition("(")[0]
    (tmp_path / "mine.py").write_text(f"from vaultkit import {kind}\n\n@{decorator}\ndef f(move): ...\n")
    with pytest.raises(HookError, match="line 3") as caught:
        load_hooks(("mine",), tmp_path)
    assert f'@{kind}("pending_approval", "approved")' in caught.value.hint


def test_a_hook_is_always_what_its_file_says_now(tmp_path: Path) -> None:
    """Also when it was saved twice within a moment, and nothing is written beside it."""
    file = tmp_path / "mine.py"
    for letter in "fgh":
        file.write_text(GOOD.replace("def f", f"def {letter}"))
        os.utime(file, (1_700_000_000, 1_700_000_000))
        assert [hook.name for hook in load_hooks(("mine",), tmp_path)] == [f"mine.{letter}"]
    assert list(tmp_path.iterdir()) == [file]


def test_a_hook_that_is_enabled_twice_is_told(tmp_path: Path) -> None:
    """It runs once, and the machine's file is named."""
    (tmp_path / "mine.py").write_text(GOOD)
    with pytest.raises(HookError, match="mine is enabled twice") as caught:
        load_hooks(("mine", "mine"), tmp_path)
    assert "agent.yaml" in caught.value.hint
    hooks, problems = load_usable(("mine", "mine"), tmp_path)
    assert (len(hooks), list(problems)) == (1, ["mine"])
