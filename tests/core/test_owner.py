"""An owned note is changed by its owner and by human agents only, whatever another agent tries."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.trees import with_mail_agent
from vaultkit.core.git.tree import Commit, Oid, walk, with_edits
from vaultkit.core.history.fold import Fold, fold_commits
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.identity import sign_commit
from vaultkit.core.rules.owner import owner_of
from vaultkit.core.rules.policy import Policy
from vaultkit.memory.keys import MemoryKeys
from vaultkit.memory.objects import MemoryObjects

Notes = Mapping[str, str]


TEXT = with_mail_agent()
POLICY: Policy = read_policy(TEXT.encode())
OWNED = "---\ntitle: A plan\nowner: cloud_agent\n---\nwords\nand more\n"
FREE = OWNED.replace("owner: cloud_agent\n", "")


def fold_of(agent: str, before: Notes, after: Notes) -> tuple[dict[str, str], dict[str, str]]:
    """What counts of `agent`'s commit that turns `before` into `after`, and what is refused by which rule."""
    objects = MemoryObjects()

    def commit(notes: Notes, parent: Oid | None, who: str) -> Oid:
        edits = {path: objects.put_blob(text.encode()) for path, text in notes.items()}
        tree = with_edits(objects, None, {**edits, "vaultkit.yaml": objects.put_blob(TEXT.encode())})
        made = Commit(tree, (parent,) if parent else (), "a <a@b>", 1_700_000_000, "say\n")
        keys = MemoryKeys(who)
        return objects.put_commit(sign_commit(made, keys, keys.public()[0]))

    root = commit(before, None, "local_agent")
    fold = Fold(root, objects.commit(root).tree, POLICY)
    fold_commits(objects, fold, [commit(after, root, agent)])
    found = {path: objects.blob(entry.oid).decode() for path, entry in walk(objects, fold.tree)}
    found.pop("vaultkit.yaml")
    return found, {violation.path: violation.rule for violation in fold.violations}


PLAN = "Plans/p.md"
ATTACKS: list[tuple[str, Notes, set[str]]] = [
    ("edited", {PLAN: OWNED + "mine\n"}, {PLAN}),
    ("deleted", {}, {PLAN}),
    ("emptied", {PLAN: ""}, {PLAN}),
    ("renamed", {"Plans/q.md": OWNED}, {PLAN, "Plans/q.md"}),
    ("moved", {"Updates/p.md": OWNED}, {PLAN, "Updates/p.md"}),
    ("moved and rewritten", {"Updates/p.md": "all new\n"}, {PLAN, "Updates/p.md"}),
    ("the owner stripped", {PLAN: FREE}, {PLAN}),
    ("another owner written in", {PLAN: OWNED.replace("cloud_agent", "mail_agent")}, {PLAN}),
    ("the frontmatter broken", {PLAN: OWNED.replace("---\nwords", "words")}, {PLAN}),
    ("claimed", {"In_Progress/mail_agent/p.md": OWNED}, {PLAN, "In_Progress/mail_agent/p.md"}),
    ("put aside", {"Conflicts/Plans/p.md": OWNED}, {PLAN}),
]


NAMES = [case[0] for case in ATTACKS]


@pytest.mark.parametrize(("after", "refused"), [case[1:] for case in ATTACKS], ids=NAMES)
def test_what_another_agent_does_to_an_owned_note_does_not_count(after: Notes, refused: set[str]) -> None:
    """Edited, deleted, renamed, disowned: it stands as it was, and each end is told as a violation."""
    left, rules = fold_of("mail_agent", {PLAN: OWNED}, after)
    assert left[PLAN] == OWNED
    assert rules.keys() == refused
    assert rules[PLAN] == "owner"
    assert set(rules.values()) <= {"owner", "move"}


@pytest.mark.parametrize("after", [case[1] for case in ATTACKS[:8]], ids=NAMES[:8])
@pytest.mark.parametrize("agent", ["cloud_agent", "local_agent"])
def test_its_owner_and_a_human_agent_do_what_they_like_with_it(agent: str, after: Notes) -> None:
    """The same changes count when Cloud makes them to its own note, or the person's machine does."""
    assert fold_of(agent, {PLAN: OWNED}, after) == (dict(after), {})


def owned_by(owner: str) -> str:
    return FREE.replace("---\nwords", f"owner: {owner}\n---\nwords")


OWNERS = [
    ("cloud_agent", "cloud_agent"),
    ("cloud", "cloud_agent"),
    ('" cloud "', "cloud_agent"),
    ("mail_agent", "mail_agent"),
    ("Ada", None),
    ("nobody_agent", None),
    ("_agent", None),
    ('""', None),
    ("[cloud_agent]", None),
    ("7", None),
    ("true", None),
]


@pytest.mark.parametrize(("written", "owner"), OWNERS)
def test_an_owner_is_an_agent_of_the_policy(written: str, owner: str | None) -> None:
    """`cloud` may stand for `cloud_agent`; a person's name, or what is no name, binds nobody."""
    assert owner_of(owned_by(written).encode(), POLICY) == owner
    _, rules = fold_of("mail_agent", {PLAN: owned_by(written)}, {PLAN: owned_by(written) + "mine\n"})
    assert bool(rules) == (owner == "cloud_agent")


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ('---\n"\\x6fwner": cloud_agent\n---\n', "cloud_agent"),
        ("---\nowner: [\n---\n", None),
        ("---\nowner: cloud_agent\n", None),
        ("owner: cloud_agent\n", None),
        ("", None),
    ],
)
def test_however_the_key_is_spelled(text: str, owner: str | None) -> None:
    """An escape is read; a frontmatter that cannot be read, or is none, owns nothing."""
    assert owner_of(text.encode(), POLICY) == owner


def test_nobody_writes_himself_in_and_the_next_change_is_his() -> None:
    """Who may write an unowned note may make it his own; from the next commit on it is."""
    mine = owned_by("mail_agent")
    assert fold_of("mail_agent", {PLAN: FREE}, {PLAN: mine}) == ({PLAN: mine}, {})
    assert fold_of("cloud_agent", {PLAN: mine}, {PLAN: FREE}) == ({PLAN: mine}, {PLAN: "owner"})


TASK, MAILS, CLOUDS = "Needs_Action/t.md", "In_Progress/mail_agent/t.md", "In_Progress/cloud_agent/t.md"


def test_a_task_meant_for_one_agent_is_claimed_by_no_other() -> None:
    """A task whose owner is Cloud may be claimed by Cloud, and handed out by the person."""
    assert fold_of("mail_agent", {TASK: OWNED}, {MAILS: OWNED}) == (
        {TASK: OWNED},
        {TASK: "owner", MAILS: "move"},
    )
    for agent, place in (("cloud_agent", CLOUDS), ("local_agent", MAILS)):
        assert fold_of(agent, {TASK: OWNED}, {place: OWNED}) == ({place: OWNED}, {})


TAKEN = [
    ("into its own folder", CLOUDS, MAILS, OWNED, "mail_agent", True),
    ("stamped on the way", CLOUDS, MAILS, owned_by("mail_agent"), "mail_agent", True),
    ("by its short name", "In_Progress/cloud/t.md", "In_Progress/mail/t.md", OWNED, "mail_agent", True),
    ("into a third one's folder", CLOUDS, "In_Progress/local_agent/t.md", OWNED, "mail_agent", False),
    ("to where it is done", CLOUDS, "Done/t.md", OWNED, "mail_agent", False),
    ("under another name", CLOUDS, "In_Progress/mail_agent/u.md", OWNED, "mail_agent", False),
    ("into another domain", CLOUDS, "In_Progress/mail_agent/email/t.md", OWNED, "mail_agent", False),
    ("from a person", "In_Progress/local_agent/t.md", MAILS, OWNED, "mail_agent", False),
    ("by the person", CLOUDS, "In_Progress/local_agent/t.md", OWNED, "local_agent", True),
]


@pytest.mark.parametrize(
    ("src", "dst", "text", "agent", "counts"), [case[1:] for case in TAKEN], ids=[case[0] for case in TAKEN]
)
def test_the_right_to_take_over(src: str, dst: str, text: str, agent: str, counts: bool) -> None:
    """It reaches a whole task, from another agent's folder, into one's own, and nothing else."""
    left, rules = fold_of(agent, {src: OWNED}, {dst: text})
    assert left == ({dst: text} if counts else {src: OWNED})
    assert bool(rules) != counts


def test_who_was_handed_a_task_works_on_it_whatever_is_written_in_it() -> None:
    """A machine without the stock hooks hands a task over and leaves the old owner's name in it."""
    for after in ({MAILS: OWNED + "done so far\n"}, {"Done/t.md": OWNED}):
        assert fold_of("mail_agent", {MAILS: OWNED}, after) == (after, {})


def test_without_the_right_nobody_takes_over() -> None:
    """A policy that does not say `take` at the zone gives it to nobody."""
    policy = read_policy(TEXT.replace(', take: ["*"]', "").encode())
    assert POLICY.may_take("mail_agent", CLOUDS, MAILS)
    assert not policy.may_take("mail_agent", CLOUDS, MAILS)


def test_an_agent_that_deletes_what_another_holds_takes_nothing_over() -> None:
    """A removal alone is no takeover, also beside a new task of another name in one's own folder."""
    for after in ({}, {"In_Progress/mail_agent/other.md": "quite another task\n"}):
        left, rules = fold_of("mail_agent", {CLOUDS: OWNED}, after)
        assert left[CLOUDS] == OWNED
        assert rules[CLOUDS] == "zone"


def test_a_task_whose_place_gets_another_note_is_not_taken_over() -> None:
    """To take a task over is to move it away, not to leave something else where the holder has it."""
    task = OWNED.replace("---\n", "---\nid: 1\n", 1)
    before = {CLOUDS: task, "In_Progress/mail_agent/own.md": "which is done\n"}
    left, rules = fold_of("mail_agent", before, {MAILS: task, CLOUDS: "---\nid: 2\n---\nforged\n"})
    assert left[CLOUDS] == task
    assert rules[CLOUDS] == "zone"
