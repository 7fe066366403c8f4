"""What `vaultkit watch` says of held notes is so at that moment, though other notes made it so."""

from __future__ import annotations

from tests.desk import Desk, drag, put, text, wait_until

MINE = "---\nzone: local\n---\n"
DRAFT = "---\nid: 1\nstatus: pending_approval\n---\nwords\n"
SAID = DRAFT.replace("pending_approval", "approved")
PENDING, APPROVED = "Pending_Approval/sneak.md", "Approved/sneak.md"


def test_a_note_that_others_went_on_with_is_not_said_to_stay_here(desk: Desk) -> None:
    """Marked `zone: local` while Cloud writes on: soon it is held and named, and not listed as kept here."""
    plan = "Plans/race.md"
    put(desk.local / plan, "race plan\n")
    desk.sync()
    desk.watch()
    put(desk.cloud / plan, "race plan\ncloud race\n")
    put(desk.local / plan, MINE + "race plan\n")
    wait_until(lambda: [h["rule"] for h in desk.status(desk.local)["held"]] == ["superseded"], "held")
    assert f"held: {plan}" in text(desk.folder / "Local.log")
    assert text(desk.local / plan) == MINE + "race plan\n"
    assert text(desk.cloud / plan) == "race plan\ncloud race\n"


def test_a_draft_that_was_dragged_away_and_back_is_held_for_what_is_so(desk: Desk) -> None:
    """Cloud's draft that says `approved`, moved to Approved/ and back: that place is not said to be taken."""
    put(desk.cloud / PENDING, DRAFT)
    desk.sync()
    desk.watch(desk.cloud)
    put(desk.cloud / PENDING, SAID)
    first = wait_until(lambda: desk.status(desk.cloud)["held"], "the edit is held")
    drag(desk.cloud, PENDING, APPROVED)
    wait_until(lambda: len(desk.status(desk.cloud)["held"]) == 2, "the drag is held")
    drag(desk.cloud, APPROVED, PENDING)
    wait_until(lambda: desk.status(desk.cloud)["held"] == first, "it is held as before")
