"""Judging a set of changes: names unique in the whole tree, and moves whole or not at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trees import POLICY_TEXT, History
from vaultkit.core.naming.names import Names
from vaultkit.core.naming.paths import fold_key
from vaultkit.core.rules.judge import TURNS

Notes = dict[str, str]


def outcome(before: Notes, after: Notes, agent: str = "cloud_agent") -> tuple[Notes, dict[str, str]]:
    """What counts of a commit that turns `before` into `after`, and what is refused by which rule."""
    history = History(before)
    fold = history.fold(history.commit(agent, history.root, {"vaultkit.yaml": POLICY_TEXT, **after}))
    return history.notes(fold.tree), {violation.path: violation.rule for violation in fold.violations}


def notes(paths: str) -> Notes:
    """`a b=x`: a note at each path, with its own text or the one given."""
    pairs = (part.partition("=") for part in paths.split())
    return {f"Plans/{path}": text or f"text of {path}\n" for path, _, text in pairs}


COLLISIONS = [
    # what is there, what is new beside it (added to it), what is refused
    ("Plan.md", "plan.md", "plan.md"),
    ("Plan.md", "PLAN.MD", "PLAN.MD"),
    ("Café.md", "CAFÉ.md", "CAFÉ.md"),
    ("straße.md", "STRASSE.md", "STRASSE.md"),
    ("file.md", "ﬁle.md", "ﬁle.md"),
    ("1.md", "①.md", "①.md"),
    ("a.md", "ａ.md", "ａ.md"),
    ("σ.md", "ς.md", "ς.md"),
    ("❤.md", "❤️.md", "❤️.md"),
    ("A/x.md", "a/y.md", "a/y.md"),
    ("A/B/x.md", "A/b/y.md", "A/b/y.md"),
    ("A/x.md", "a.md a/y.md", "a/y.md"),
    ("x.md/deep.md", "X.md", "X.md"),
    ("x.md", "X.md/deep.md", "X.md/deep.md"),
    # two additions in one commit: the first by its characters stays
    ("", "b.md B.md", "b.md"),
    ("", "A/x.md a/x.md", "a/x.md"),
    ("", "A/x.md a/y.md a/z.md", "a/y.md a/z.md"),
    ("", "d.md D.md/x.md", "d.md"),
    ("", "é.md É.md", "é.md"),
    ("", "ﬁ.md fi.md FI.md", "fi.md ﬁ.md"),
    ("", "A/b/x.md A/B/x.md a/B/x.md", "A/b/x.md a/B/x.md"),
]


@pytest.mark.parametrize(("there", "added", "refused"), COLLISIONS, ids=ascii)
def test_names_are_unique_in_the_whole_tree(there: str, added: str, refused: str) -> None:
    """Of two notes, two folders, or a note and a folder that some machine confuses, only the first stands."""
    before, more = notes(there), notes(added)
    left, rules = outcome(before, {**before, **more})
    assert rules == dict.fromkeys(notes(refused), "collision")
    assert left.keys() == (before.keys() | more.keys()) - notes(refused).keys()


@pytest.mark.parametrize(("there", "put"), [("x.md", "x.md/deep.md"), ("x.md/deep.md", "x.md")])
def test_a_note_and_a_folder_of_one_name(there: str, put: str) -> None:
    """Who may add but not remove does not put the one in the place of the other."""
    before = {f"Done/{there}": "old\n"}
    left, rules = outcome(before, {f"Done/{put}": "new\n"})
    assert left == before
    assert rules == {f"Done/{there}": "zone", f"Done/{put}": "collision"}


ROOM = [
    # what is there, what the commit makes of it (all of it counts)
    ("a.md=1", "A.md=1"),
    ("a.md=1", "A.md=2"),
    ("a/x.md a/y.md", "A/x.md A/y.md"),
    ("a/b/x.md a/y.md", "A/b/x.md A/y.md"),
    ("a/b/x.md", "a/B/x.md"),
    ("a/x.md a/y.md=1", "A/y.md=1"),
    ("x.md/deep.md=1", "x.md=2"),
    ("x.md=1", "x.md/deep.md=2"),
    ("x.md=1", "X.md/deep.md=2"),
    ("a.md=1 b.md=2", "A.md=2 B.md=1"),
    ("a/x.md=1", "a/y.md=1 a/z.md=2"),
]


@pytest.mark.parametrize(("there", "made"), ROOM)
def test_what_goes_makes_room(there: str, made: str) -> None:
    """A name may change its case, and a note and a folder may change places, in one commit."""
    assert outcome(notes(there), notes(made)) == (notes(made), {})


def test_a_folder_that_is_not_empty_makes_no_room() -> None:
    """While one note stays in `a/`, there is no `A/`; what should have moved there stays where it was."""
    before = notes("a/x.md=1 a/y.md=2")
    left, rules = outcome(before, notes("A/x.md=1 a/y.md=2"))
    assert left == before
    assert rules == {"Plans/A/x.md": "collision", "Plans/a/x.md": "move"}


def test_a_removal_that_is_refused_makes_no_room() -> None:
    """A note half moved to where its mover may not write stays, and so no second one takes its name."""
    before = {"Plans/Plan.md": "mine"}
    left, rules = outcome(before, {"Plans/plan.md": "theirs", "Approved/Plan.md": "mine"})
    assert left == before
    assert rules == {"Approved/Plan.md": "zone", "Plans/Plan.md": "move", "Plans/plan.md": "collision"}


def _chain(links: int) -> tuple[Notes, Notes]:
    """Each note's new place needs the room of the next, and the last one may not go where it wants."""
    before = {f"Plans/{n}/a{n}.md": f"note {n}\n" for n in range(links)}
    after = {f"Plans/{n + 1}/A{n + 1}.md": f"note {n}\n" for n in range(links - 1)}
    return before, {**after, f"Approved/a{links - 1}.md": f"note {links - 1}\n"}


@pytest.mark.parametrize("links", [2, TURNS - 1, TURNS, TURNS + 1, 40])
def test_a_chain_of_notes_that_wait_for_each_other(links: int) -> None:
    """However long a chain is that ends in a refusal, nothing of it moves and no name is there twice."""
    before, after = _chain(links)
    left, rules = outcome(before, after)
    assert left == before
    assert rules.pop(f"Approved/a{links - 1}.md") == "zone"
    assert rules.keys() == (before.keys() | after.keys()) - {f"Approved/a{links - 1}.md"}
    assert set(rules.values()) == {"collision", "move"}


@pytest.mark.parametrize("links", [2, 3, 15])
def test_a_chain_of_notes_that_take_each_others_places(links: int) -> None:
    """One that may not go stays, and so does each that was to come to where the next one was."""
    ids = [f"---\nid: {n}\n---\nnote {n}\n" for n in range(links)]
    before = {f"Plans/{n:02}.md": ids[n] for n in range(links)}
    after = {f"Plans/{n + 1:02}.md": ids[n] for n in range(links - 1)}
    left, rules = outcome(before, {**after, "Approved/last.md": ids[-1]})
    assert left == before
    assert rules == {**dict.fromkeys(before, "move"), "Approved/last.md": "zone"}


LONG = "x" * 2 * 1024 * 1024
MOVES = [
    # where the note goes, by which rule that is refused, whether the note leaves its old place
    ("Plans/a?.md", "name", False),
    ("Plans/con.md", "name", False),
    ("Plans/🆮.md", "name", False),
    ("Аpproved/a.md", "look-alike", False),
    ("Approved/a.md", "zone", False),
    ("plans/a.md", "collision", False),
    ("Plans/B.md", "collision", False),
    ("Plans/.trash/a.md", "dot-folder", True),
    ("Plans/a.pdf", "type", True),
    ("Plans/secrets/a.md", "secret-name", True),
]


@pytest.mark.parametrize(("to", "rule", "leaves"), MOVES, ids=ascii)
def test_a_note_moved_where_it_cannot_be(to: str, rule: str, leaves: bool) -> None:
    """It stays where it was, unless its mover took it out of the shared part: then it just leaves."""
    before = {"Plans/a.md": "words\n", "Plans/b.md": "others\n"}
    left, rules = outcome(before, {"Plans/b.md": "others\n", to: "words\n"})
    assert ("Plans/a.md" not in left) is leaves
    assert rules == ({to: rule} if leaves else {to: rule, "Plans/a.md": "move"})


def test_a_note_that_grew_too_large_on_its_way_stays() -> None:
    """Moved and made larger than allowed: the old version stays at the old place."""
    left, rules = outcome({"Plans/a.md": "words\n"}, {"Plans/x/a.md": LONG})
    assert left == {"Plans/a.md": "words\n"}
    assert rules == {"Plans/x/a.md": "size", "Plans/a.md": "move"}


NAME = st.sampled_from(["a", "A", "fi", "ﬁ", "ß", "ſs"])
PLACE = st.sampled_from(["Plans", "Done", "Approved"])
PATH = st.builds(
    lambda place, names: f"{'/'.join([place, *names])}.md", PLACE, st.lists(NAME, min_size=1, max_size=2)
)
TREE = st.dictionaries(PATH, st.sampled_from(["1\n", "2\n", "3\n"]), max_size=8)


def _possible(tree: Notes) -> Notes:
    """Without what git could not hold: a note and a folder of one name."""
    return {path: text for path, text in tree.items() if not any(o.startswith(f"{path}/") for o in tree)}


def _confused(paths: Iterable[str]) -> list[tuple[str, str]]:
    """The names that some machine would take for each other, found the plain way."""
    seen: dict[str, str] = {}
    clashes = []
    for path in paths:
        parts = path.split("/")
        for n in range(1, len(parts) + 1):
            name = "/".join(parts[:n])
            kind = name if n < len(parts) else f"{name} (a note)"
            other = seen.setdefault(fold_key(name), kind)
            clashes += [(other, kind)] if other != kind else []
    return clashes


@settings(max_examples=200)
@given(TREE, TREE, TREE, st.sampled_from(["cloud_agent", "local_agent"]))
def test_no_history_brings_two_names_for_one(one: Notes, two: Notes, three: Notes, agent: str) -> None:
    """Whoever commits what in whatever order, the tree that counts holds no two confusable names."""
    history = History()
    parent = history.root
    commits = []
    for who, tree in (("local_agent", one), (agent, two), ("cloud_agent", three)):
        parent = history.commit(who, parent, {"vaultkit.yaml": POLICY_TEXT, **_possible(tree)})
        commits.append(parent)
        fold = history.fold(*commits)
        left = history.notes(fold.tree)
        assert _confused(left) == []
        assert all(unicodedata.is_normalized("NFC", path) for path in left)


def test_names_are_read_where_they_are_asked_for() -> None:
    """A folder's names are looked at when a path leads there, and what is added counts from then on."""
    history = History(notes("a/x.md b/y.md"))
    names = Names(history.objects, history.tree(notes("a/x.md b/y.md")))
    assert names.collision("Plans/a/X.md") == "Plans/a/x.md"
    assert names.collision("plans/c.md") == "Plans"
    assert names.collision("Plans/c/z.md") is None
    names.add("Plans/c/z.md")
    assert names.collision("Plans/C/w.md") == "Plans/c"
    assert names.collision("Plans/c/Z.md") == "Plans/c/z.md"
    assert names.collision("Plans/c") == "Plans/c"
