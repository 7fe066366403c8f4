"""Hooks: marked, checked, matched, and never able to stop the sync."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from tests.trees import History, policy
from vaultkit.core.git.changes import Move
from vaultkit.core.git.message import read_trailer
from vaultkit.core.git.tree import Change, Oid, find_file
from vaultkit.core.hooks.calls import planned_in, with_marks
from vaultkit.core.hooks.draft import Draft
from vaultkit.core.hooks.hook import Hook, acting, planning
from vaultkit.core.hooks.hook_check import collect_hooks, seconds_in
from vaultkit.core.hooks.hook_marks import (
    HookError,
    after_change,
    after_create,
    after_move,
    after_schedule,
    after_status,
    on_change,
    on_create,
    on_move,
    on_schedule,
    on_status,
)
from vaultkit.core.hooks.occasions import (
    HookChange,
    HookMove,
    HookTick,
    Occasion,
    Source,
    changes_from,
    moves_from,
    read_occasion,
    write_occasion,
)
from vaultkit.core.hooks.planning import MOST_FAILURES, plan_edits
from vaultkit.core.rules.workflow import Workflow

OID, OTHER = Oid("0" * 40), Oid("1" * 40)
SOURCE = Source("local_agent", 1_700_000_000, "key")
RENAMED = Workflow({**Workflow().folders, "needs_action": "Inbox/Todo", "done": "Erledigt"})


def move(src: str, dst: str, origin: str = "local", workflow: Workflow = RENAMED) -> HookMove:
    source = SOURCE._replace(origin=origin)  # type: ignore[arg-type]
    return moves_from([Move(src, dst, OID, OID)], source, workflow, policy().agents)[0]


def change(path: str, old: Oid | None = None, origin: str = "local") -> HookChange:
    source = SOURCE._replace(origin=origin)  # type: ignore[arg-type]
    return changes_from({path: Change(old, OID)}, (), source)[0]


def hooks_in(*functions: object) -> list[Hook]:
    return collect_hooks({f"f{n}": function for n, function in enumerate(functions)}, "mine")


def hook(decorate: Callable[[Any], Any]) -> Hook:
    def f() -> None: ...

    return hooks_in(decorate(f))[0]


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
    seen: list[object] = []

    @on_move("A/**", "B/**")
    def only_draft(draft: object) -> None:
        seen.append(draft)

    @after_create("**")
    def both(vault: object, change: object, more: int = 3) -> None:
        seen.extend((vault, change, more))

    first, second = hooks_in(only_draft, both)
    first.call(move("A/x.md", "B/x.md"), draft=2)
    second.call(change("x.md"), vault=1)
    assert seen == [2, 1, change("x.md"), 3]


FITS: list[tuple[Callable[[Any], Any], Occasion, bool]] = [
    (on_move("A/**", "B/**"), move("A/x.md", "B/x.md"), True),
    (on_move("A/**", "B/**"), move("A/x.md", "C/x.md"), False),
    (on_move("A/**", "B/**"), change("B/x.md"), False),
    (on_status("needs_action", "done"), move("Inbox/Todo/a/x.md", "Erledigt/a/x.md"), True),
    (on_status("todo", "completed"), move("Inbox/Todo/a/x.md", "Erledigt/a/x.md"), True),
    (on_status("needs_action", "done"), move("Needs_Action/x.md", "Done/x.md"), False),
    (on_status("*", "done"), move("Notes/x.md", "Erledigt/x.md"), True),
    (on_status("", "done"), move("Notes/x.md", "Erledigt/x.md"), True),
    (on_status("", "done"), move("Inbox/Todo/x.md", "Erledigt/x.md"), False),
    (on_status("*", ""), move("Erledigt/x.md", "Notes/x.md"), True),
    (on_status("*", "*"), move("Erledigt/x.md", "Erledigt/a/x.md"), False),
    (on_status("*", "*"), move("Notes/x.md", "Notes/a/x.md"), False),
    (on_status("*", "*"), change("Erledigt/x.md"), False),
    (on_status("*", "in_progress"), move("In_Progress/cloud/x.md", "In_Progress/local/x.md"), True),
    (on_status("*", "in_progress"), move("In_Progress/cloud/x.md", "In_Progress/cloud/a/x.md"), False),
    (on_status("*", "in_progress"), move("In_Progress/cloud/x.md", "In_Progress/cloud_agent/x.md"), False),
    (on_create("A/*.md"), change("A/x.md"), True),
    (on_create("A/*.md"), change("A/b/x.md"), False),
    (on_create("A/*.md"), change("A/x.md", OTHER), False),
    (on_change("A/*.md"), change("A/x.md", OTHER), True),
    (on_change("A/*.md"), change("A/x.md"), False),
    (on_change("**"), move("A/x.md", "B/x.md"), False),
    (after_move("**", "**"), move("A/x.md", "B/x.md", "remote"), False),
    (after_move("**", "**", origin="remote"), move("A/x.md", "B/x.md", "remote"), True),
    (after_move("**", "**", origin="remote"), move("A/x.md", "B/x.md"), False),
    (after_move("**", "**", origin="any"), move("A/x.md", "B/x.md", "remote"), True),
    (after_change("**", origin="any"), change("A/x.md", OTHER), True),
    (on_schedule("10m"), change("A/x.md"), False),
]


@pytest.mark.parametrize(("decorate", "occasion", "fits"), FITS)
def test_what_a_hook_is_called_for(decorate: Callable[[Any], Any], occasion: Occasion, fits: bool) -> None:
    """Patterns, stages (whatever their folders are called), holders and origins must all fit."""
    one = hook(decorate)
    found = planning([one], occasion) if one.plans else acting([one], occasion)
    assert found == ([one] if fits else [])


def test_a_move_tells_its_stages_and_holders() -> None:
    """Their names are the policy's; what is in no stage, or held by nobody, says so."""
    there = move("Inbox/Todo/email/x.md", "In_Progress/cloud/email/x.md")
    assert (there.before, there.after, there.holder, there.held_before) == (
        "needs_action",
        "in_progress",
        "cloud_agent",
        "",
    )
    away = move("In_Progress/cloud_agent/x.md", "Notes/x.md")
    assert (away.before, away.after, away.holder, away.held_before) == ("in_progress", "", "", "cloud_agent")


def test_what_moved_is_not_also_new_or_edited() -> None:
    """A note has one occasion in a commit, and what was removed has none."""
    changes = {
        "A/x.md": Change(OID, None),
        "B/x.md": Change(None, OTHER),
        "c.md": Change(None, OID),
        "d.md": Change(OID, OTHER),
        "e.md": Change(OID, None),
    }
    found = changes_from(changes, [Move("A/x.md", "B/x.md", OID, OTHER)], SOURCE)
    assert [(one.path, one.old, one.key) for one in found] == [
        ("c.md", None, "key:c.md"),
        ("d.md", OID, "key:d.md"),
    ]


@pytest.mark.parametrize("event", ["move", "change", "schedule"])
def test_an_occasion_is_read_as_it_was_written(event: str) -> None:
    """What waits for its hook is the same after a restart."""
    occasions = {
        "move": move("Inbox/Todo/x.md", "Erledigt/x.md"),
        "change": change("x.md", OTHER, "remote"),
        "schedule": HookTick(5, "every:5", "local_agent", 1),
    }
    assert read_occasion(event, write_occasion(occasions[event])) == occasions[event]


def test_what_another_version_wrote_down_is_read() -> None:
    """Jobs of before stages were known, and of a version that knows more, are carried out."""
    old = '{"src": "A/x.md","dst": "B/x.md","agent": "me","time": 5,"key": "k","oid": "%s","origin": "local"}'
    found = read_occasion("move", old % OID)
    assert found == HookMove("A/x.md", "B/x.md", "me", 5, "k", OID)
    assert read_occasion("status", (old % OID).replace('"origin"', '"colour":1,"origin"')) == found


def wrong_arguments(move: HookMove, vault: object) -> None: ...
def many(*move: object) -> None: ...
def named(**move: object) -> None: ...
def only_by_place(move: object, /) -> None: ...
def no_change(change: object) -> None: ...
async def later(move: object) -> None: ...
async def stream(move: object) -> Any:
    yield


def generator(move: object) -> Any:
    yield


class Thing:
    def __call__(self, move: object) -> None: ...


def fine(move: object) -> None: ...


BAD: list[tuple[Callable[[Any], Any], object, str, str]] = [
    (
        on_move("A/**", "B/**"),
        wrong_arguments,
        r"mine\.wrong_arguments\(move: .*HookMove.*vault",
        "move, draft",
    ),
    (after_move("A/**", "B/**"), many, r"mine\.many\(\*move.* asks for move", "move, vault"),
    (after_move("A/**", "B/**"), named, r"asks for move", "move, vault"),
    (after_move("A/**", "B/**"), only_by_place, r"asks for move", "by these names"),
    (on_move("A/**", "B/**"), no_change, r"asks for change", "move, draft"),
    (on_create("**"), fine, r"asks for move", "change, draft"),
    (on_schedule("1h"), fine, r"asks for move", "tick, vault"),
    (on_move("A/**", "B/**"), later, "mine.later is an async function", "Write `def`"),
    (after_move("A/**", "B/**"), stream, "mine.stream is an async function", "Write `def`"),
    (on_move("A/**", "B/**"), generator, "mine.generator is a generator", "yield"),
    (on_move("A/**", "B/**"), lambda move: None, "is a lambda", "`def`"),
    (on_move("A/**", "B/**"), Thing(), "no function but a Thing", "`def`"),
    (on_move("A/**", "B/**"), partial(fine), "no function but a partial", "`def`"),
    (
        on_move("A/**", "B/**", origin="remote"),
        fine,
        "plans a commit made here",
        '@after_move(..., origin="remote")',
    ),
    (
        on_change("**", origin="any"),
        no_change,
        "plans a commit made here",
        '@after_change(..., origin="any")',
    ),
    (after_move("A/**", "B/**", origin="here"), fine, "origin='here' is unknown", "local, remote, any"),  # type: ignore[arg-type]
    (after_move("A/**", "B/**", again="yes"), fine, "again='yes'", ""),  # type: ignore[arg-type]
    (on_move("/A/**", "B/**"), fine, r"@on_move\('/A/\*\*', 'B/\*\*'\): .*relative path", "Approved"),
    (on_create("A/"), no_change, "matches no note", "Projects"),
    (on_status("aproved", "done"), fine, "'aproved' is no stage", "Did you mean approved?"),
    (after_status("*", "whatever"), fine, "'whatever' is no stage", "needs_action"),
    (on_status(1, "done"), fine, "takes text", ""),  # type: ignore[arg-type]
    (after_schedule("soon"), lambda: None, "is a lambda", ""),
    (on_schedule("soon"), Thing, "no function but a type", ""),
]


@pytest.mark.parametrize(("decorate", "function", "message", "hint"), BAD)
def test_a_hook_that_cannot_work_is_refused_when_it_is_loaded(
    decorate: Callable[[Any], Any], function: Any, message: str, hint: str
) -> None:
    """The error quotes the author's own function, or what stands above it, and says what to write."""
    marked = decorate(function)
    try:
        with pytest.raises(HookError, match=message) as caught:
            hooks_in(marked)
        assert hint in caught.value.hint
    finally:
        del marked.__vaultkit_hooks__


@pytest.mark.parametrize("word", ["soon", "0s", "10", "5x", "400d", "-1m", ""])
def test_a_time_between_calls_that_is_none(word: str) -> None:
    """A schedule that would never come, or always, is refused."""
    with pytest.raises(HookError, match="no time between calls"):
        hook(on_schedule(word))
    assert seconds_in(word) is None
    assert (seconds_in("90s"), seconds_in("2h"), seconds_in(" 1D ")) == (90, 7200, 86400)


def test_a_decorator_without_its_parentheses_is_told() -> None:
    """`@on_create` alone would mark nothing, without a word."""
    with pytest.raises(HookError, match="@on_create stands alone"):
        on_create(fine)  # type: ignore[arg-type]


def test_two_hooks_of_one_name_are_refused() -> None:
    """What they did is remembered by name, so one would be taken for the other."""

    def make() -> Any:
        @on_move("A/**", "B/**")
        def same(move: HookMove) -> None: ...

        return same

    with pytest.raises(HookError, match=r"mine\.same is there 2 times"):
        hooks_in(make(), make())
    twice = make()
    assert len(hooks_in(twice, twice)) == 1


def test_a_namespace_with_odd_things_in_it_is_no_problem() -> None:
    """Collecting looks only at marks, and at nothing that has an answer for every name."""

    class Yes:
        def __getattr__(self, name: str) -> Any:
            return self

        def __iter__(self) -> Any:
            raise RuntimeError

    class No:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    odd = {"a": 1, "b": SimpleNamespace(), "c": print, "d": Yes(), "e": No()}
    assert collect_hooks(odd, "m") == []


# Planning


def planned(
    history: History, hooks: list[Hook], *occasions: Occasion, by_hook: bool = False
) -> dict[str, bytes]:
    tree = history.objects.commit(history.root).tree
    real = [replace(one, oid=find_file(history.objects, tree, one.path) or OID) for one in occasions]
    edits = plan_edits(history.objects, hooks, tree, real, by_hook=by_hook)
    return {path: history.objects.blob(oid) for path, oid in edits.items()}


def test_a_hook_that_fails_leaves_no_trace() -> None:
    """All its half-done edits are dropped, in whichever note; those of other hooks are kept."""
    history = History({"B/x.md": "x\n", "B/y.md": "y\n", "log.md": "log\n"})

    @on_move("A/**", "B/**")
    def first(move: HookMove, draft: Draft) -> None:
        draft[move.path].meta["by"] = "first"

    @on_move("A/**", "B/**")
    def second(move: HookMove, draft: Draft) -> None:
        draft["log.md"].meta["last"] = move.path
        draft[move.path].meta["by"] = "second"
        if move.path == "B/x.md":
            raise SystemExit("no")

    occasions = [move("A/x.md", "B/x.md"), move("A/y.md", "B/y.md")]
    assert planned(history, hooks_in(first, second), *occasions) == {
        "B/x.md": b"---\nby: first\n---\nx\n",
        "B/y.md": b"---\nby: second\n---\ny\n",
        "log.md": b"---\nlast: B/y.md\n---\nlog\n",
    }
    assert planned(history, hooks_in(second, first), *occasions)["B/y.md"] == b"---\nby: first\n---\ny\n"


def test_a_hook_that_fails_and_fails_is_left_out_of_the_commit() -> None:
    """Ten thousand notes dropped at once are not ten thousand complaints."""
    called: list[str] = []

    @on_create("**")
    def fails(change: HookChange) -> None:
        called.append(change.path)
        raise ValueError(change.path)

    @on_create("**")
    def works(change: HookChange, draft: Draft) -> None:
        draft[change.path].meta["seen"] = True

    notes = {f"n{n}.md": "x\n" for n in range(50)}
    edits = planned(History(notes), hooks_in(fails, works), *map(change, notes))
    assert len(called) == MOST_FAILURES
    assert edits.keys() == notes.keys()


def test_what_hooks_did_calls_only_hooks_that_want_it() -> None:
    """Otherwise two hooks could call each other for ever."""
    quiet, wanting = hook(on_create("**")), hook(on_create("**", again=True))
    after, wanting_after = hook(after_create("**")), hook(after_create("**", again=True))
    every = [quiet, wanting, after, wanting_after]
    assert planning(every, change("x.md"), by_hook=True) == [wanting]
    assert acting(every, change("x.md"), by_hook=True) == [wanting_after]
    assert planning(every, change("x.md")) == [quiet, wanting]


def test_a_commit_says_what_hooks_did() -> None:
    """The notes that only hooks touched are found in its message again, whatever they are called."""
    paths = ["a  b.md", "Ünï/c\nd.md", 'e"f.md']
    message = with_marks("say\n\nVaultkit-Actor: me\n", "mine.greet", paths)
    assert planned_in(message) == set(paths)
    assert read_trailer(message, "Vaultkit-Hook") == "mine.greet"
    assert read_trailer(message, "Vaultkit-Actor") == "me"
    assert with_marks("say", "", ()) == "say"


@pytest.mark.parametrize("text", ["[", "1", '{"a": 1}', "[1, 2]", "[" * 5000])
def test_a_mark_that_makes_no_sense_marks_nothing(text: str) -> None:
    """It may come from anybody."""
    assert planned_in(f"say\n\nVaultkit-Planned: {text}\n") == frozenset()


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


def test_a_note_that_wants_to_be_left_alone_calls_no_hook() -> None:
    """No hook writes into it, and none acts on it."""
    history = History({"B/x.md": "---\nvaultkit: ignore\n---\nx\n", "B/y.md": "y\n"})

    @on_move("A/**", "B/**")
    def stamp(move: HookMove, draft: Draft) -> None:
        draft[move.path].meta["by"] = "me"

    occasions = [move("A/x.md", "B/x.md"), move("A/y.md", "B/y.md")]
    assert planned(history, hooks_in(stamp), *occasions).keys() == {"B/y.md"}
