"""The vault as Obsidian drives it: recorded file operations at Local, `vaultkit watch` on both machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, put, step, text, wait_until
from tests.obsidian import replay
from vaultkit import Vault


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One pair of machines for all these stories; each has notes of its own."""
    with Desk(tmp_path_factory.mktemp("obsidian")) as made:
        made.watch()
        yield made


def begin(desk: Desk, *notes: str, words: str = "words\n") -> None:
    """Let Cloud draft these notes, and wait until the person has them."""
    for note in notes:
        put(desk.cloud / note, f"---\nid: {note}\nstatus: pending_approval\n---\n{words}")
    for note in notes:
        wait_until(lambda note=note: text(desk.local / note), f"{note} at Local")


def at_cloud(desk: Desk, note: str, words: str, *gone: str) -> str:
    """Wait until Cloud has `words` in a note and none of the notes in `gone`; the note's text."""
    wait_until(lambda: words in text(desk.cloud / note), f"{words!r} in {note}")
    for old in gone:
        wait_until(lambda old=old: not (desk.cloud / old).exists(), f"{old} gone")
    return text(desk.cloud / note)


def messages(vault: Path, note: str) -> list[str]:
    with Vault.open(vault) as opened:
        return [entry.message for entry in opened.history(note)]


TYPING = """
make Notes
save Notes/diary.md
  | Monday
rest
save Notes/diary.md
  | Monday
  | Called Ada.
save Notes/diary.md
  | Monday
  | Called Ada.
  | She wants the invoice, and
rest
save Notes/diary.md
  | Monday
  | Called Ada.
  | She wants the invoice, and soon.
"""


def test_a_note_that_is_typed_arrives_and_was_never_empty(desk: Desk) -> None:
    """Saves in place: what was typed last arrives, and no machine ever had an empty note in its history."""
    replay(desk.local, TYPING)
    at_cloud(desk, "Notes/diary.md", "soon.\n")
    with Vault.open(desk.cloud) as cloud:
        commits = [entry.commit for entry in cloud.history("Notes/diary.md")]
        assert all(cloud.content("Notes/diary.md", at=commit) for commit in commits)


PROPERTY = """
save Pending_Approval/email/offer.md
  | ---
  | id: Pending_Approval/email/offer.md
  | status: approved
  | tags:
  |   - offer
  | ---
  | words
"""


def test_a_property_edited_moves_the_note(desk: Desk) -> None:
    """Obsidian writes the frontmatter anew, with a tag and another status: the draft is approved."""
    begin(desk, "Pending_Approval/email/offer.md")
    replay(desk.local, PROPERTY)
    approved = at_cloud(
        desk, "Approved/email/offer.md", "approved_by: local_agent", "Pending_Approval/email/offer.md"
    )
    assert "status: approved\n" in approved
    assert "  - offer\n" in approved
    assert approved.endswith("---\nwords\n")
    assert not (desk.local / "Pending_Approval/email/offer.md").exists()


CELLS = """
save Pending_Approval/posts/one.md
  | ---
  | id: Pending_Approval/posts/one.md
  | status: approved
  | ---
  | words
save Pending_Approval/posts/two.md
  | ---
  | id: Pending_Approval/posts/two.md
  | status: Rejected
  | ---
  | words
rest
save Pending_Approval/posts/three.md
  | ---
  | id: Pending_Approval/posts/three.md
  | status: aproved
  | ---
  | words
"""


def test_the_cells_of_a_table_move_each_note_to_its_place(desk: Desk) -> None:
    """Down a column: one is approved, one rejected, and one has a word nobody knows, which is told."""
    names = [f"Pending_Approval/posts/{name}.md" for name in ("one", "two", "three")]
    begin(desk, *names)
    replay(desk.local, CELLS)
    at_cloud(desk, "Approved/posts/one.md", "status: approved", names[0])
    at_cloud(desk, "Rejected/posts/two.md", "status: rejected", names[1])
    at_cloud(desk, names[2], "status: aproved")
    said = step(desk.local, "status").stdout
    assert "Pending_Approval/posts/three.md" in said
    assert "'aproved' is none this vault knows" in said


DRAGS = """
make Approved/campaign
rename Pending_Approval/campaign/a.md > Approved/campaign/a.md
rename Pending_Approval/campaign/b.md > Approved/campaign/b.md
save Notes/index.md
  | [[Approved/campaign/a]]
  | [[Pending_Approval/campaign/b]]
rename Pending_Approval/campaign/c.md > Approved/campaign/c.md
save Notes/index.md
  | [[Approved/campaign/a]]
  | [[Approved/campaign/b]]
save Approved/campaign/c.md
  | ---
  | id: Pending_Approval/campaign/c.md
  | ---
  | words, and more
"""


def test_several_dragged_with_links_rewritten_and_one_edited_on_the_way(desk: Desk) -> None:
    """Three drags, the links to them rewritten in another note meanwhile, and one just dragged is saved."""
    names = [f"Pending_Approval/campaign/{name}.md" for name in "abc"]
    begin(desk, *names)
    put(desk.local / "Notes/index.md", "[[Pending_Approval/campaign/a]]\n[[Pending_Approval/campaign/b]]\n")
    replay(desk.local, DRAGS)
    for name, old in zip("ab", names, strict=False):
        at_cloud(desk, f"Approved/campaign/{name}.md", "status: approved", old)
    at_cloud(desk, "Approved/campaign/c.md", "and more", names[2])
    first = messages(desk.local, "Approved/campaign/c.md")[-1]
    assert first.startswith("add Pending_Approval/campaign/"), "one note, moved"
    index = "[[Approved/campaign/a]]\n[[Approved/campaign/b]]\n"
    wait_until(lambda: text(desk.cloud / "Notes/index.md") == index, "both links")


FOLDER = """
rename Pending_Approval/launch > Approved/launch
save Notes/plan.md
  | [[Approved/launch/1]]
"""


def test_a_whole_folder_dragged(desk: Desk) -> None:
    """One rename of a folder, and a link to a note in it: each note is approved, in its domain."""
    names = [f"launch/{n}.md" for n in range(4)]
    begin(desk, *(f"Pending_Approval/{name}" for name in names))
    put(desk.local / "Notes/plan.md", "[[Pending_Approval/launch/1]]\n")
    replay(desk.local, FOLDER)
    for name in names:
        at_cloud(desk, f"Approved/{name}", "approved_by: local_agent", f"Pending_Approval/{name}")
    at_cloud(desk, "Notes/plan.md", "[[Approved/launch/1]]")


TRASH = """
make .trash
rename Notes/old.md > .trash/old.md
"""


def test_a_note_in_the_trash_is_gone_and_stays_the_persons(desk: Desk) -> None:
    """It leaves Cloud; the file in `.trash/` is untouched and goes nowhere."""
    put(desk.local / "Notes/old.md", "old words\n")
    at_cloud(desk, "Notes/old.md", "old words")
    replay(desk.local, TRASH)
    wait_until(lambda: not (desk.cloud / "Notes/old.md").exists(), "the note gone")
    assert text(desk.local / ".trash/old.md") == "old words\n"
    assert not (desk.cloud / ".trash").exists()


OFF = """
rename Pending_Approval/off/drag.md > Approved/off/drag.md
save Pending_Approval/off/cell.md
  | ---
  | id: Pending_Approval/off/cell.md
  | status: rejected
  | ---
  | words
rename Pending_Approval/off > Pending_Approval/renamed
save Approved/off/drag.md
  | ---
  | id: Pending_Approval/off/drag.md
  | status: pending_approval
  | ---
  | words typed while it was off
"""


def test_what_is_done_while_vaultkit_is_off(desk: Desk) -> None:
    """A drag with typing, a cell, a folder renamed: the next start finds out what they were."""
    begin(
        desk, "Pending_Approval/off/drag.md", "Pending_Approval/off/cell.md", "Pending_Approval/off/stay.md"
    )
    desk.stop(desk.local)
    (desk.local / "Approved/off").mkdir(parents=True)
    replay(desk.local, OFF)
    desk.watch(desk.local)
    approved = at_cloud(desk, "Approved/off/drag.md", "status: approved", "Pending_Approval/off/drag.md")
    assert "typed while it was off" in approved
    at_cloud(desk, "Pending_Approval/renamed/stay.md", "words", "Pending_Approval/off/stay.md")
    wait_until(lambda: "rejected" in everything(desk.cloud, "cell.md"), "the word of the cell")


def everything(vault: Path, name: str) -> str:
    """What all notes of a name say."""
    return "".join(text(path) for path in vault.rglob(name))


SLIP = """
rename Pending_Approval/slip.md > Approved/slip.md
save Notes/links.md
  | [[Approved/slip]]
"""
BACK = """
rename Approved/slip.md > Pending_Approval/slip.md
save Notes/links.md
  | [[Pending_Approval/slip]]
"""


def test_a_slip_of_the_hand_leaves_no_trace(desk: Desk) -> None:
    """Dragged and back in the quiet time, across a restart: no commit, no stamp; other notes do not wait."""
    begin(desk, "Pending_Approval/slip.md")
    put(desk.local / "Notes/links.md", "[[Pending_Approval/slip]]\n")
    policy = desk.local / "vaultkit.yaml"
    policy.write_text(policy.read_text("utf-8").replace("quiet: 1s", "quiet: 10m"), "utf-8")
    wait_until(lambda: "quiet: 10m" in text(desk.cloud / "vaultkit.yaml"), "the policy")
    before = text(desk.local / "Pending_Approval/slip.md")
    replay(desk.local, SLIP)
    at_cloud(desk, "Notes/links.md", "[[Approved/slip]]")
    desk.stop(desk.local)
    desk.watch(desk.local)
    put(desk.local / "Notes/after.md", "written after the restart\n")
    at_cloud(desk, "Notes/after.md", "restart")
    assert (desk.cloud / "Pending_Approval/slip.md").exists()
    replay(desk.local, BACK)
    at_cloud(desk, "Notes/links.md", "[[Pending_Approval/slip]]")
    assert text(desk.local / "Pending_Approval/slip.md") == before
    assert len(messages(desk.cloud, "Pending_Approval/slip.md")) == 1
    assert not desk.status(desk.local)["held"]
