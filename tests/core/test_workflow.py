"""The workflow: stages, places, holders and what moves mean."""

from __future__ import annotations

import pytest

from vaultkit.core.rules.workflow import (
    DEFAULT_FOLDERS,
    STATUSES,
    SYNONYMS,
    Stage,
    Workflow,
    agent_of_folder,
    stage_for_status,
    status_of,
)

FLOW = Workflow()
AGENTS = {"cloud_agent", "local_agent", "mail"}


@pytest.mark.parametrize(
    ("path", "stage", "rest"),
    [
        ("Needs_Action/email/x.md", "needs_action", "email/x.md"),
        ("Needs_Action/x.md", "needs_action", "x.md"),
        ("In_Progress/cloud_agent/email/x.md", "in_progress", "email/x.md"),
        ("In_Progress/x.md", "in_progress", "x.md"),
        ("Pending_Approval/email/x.md", "pending_approval", "email/x.md"),
        ("Approved/x.md", "approved", "x.md"),
        ("Rejected/x.md", "rejected", "x.md"),
        ("Done/a/b/x.md", "done", "a/b/x.md"),
        ("Plans/x.md", "plans", "x.md"),
        ("Updates/x.md", "updates", "x.md"),
        ("Journal/x.md", None, "Journal/x.md"),
        ("Done", None, "Done"),
        ("Done2/x.md", None, "Done2/x.md"),
        ("a/Done/x.md", None, "a/Done/x.md"),
    ],
)
def test_stages(path: str, stage: str | None, rest: str) -> None:
    """A path's stage is its folder's, and its rest keeps the domain."""
    assert FLOW.stage_of(path) == stage
    assert FLOW.rest_of(path) == rest


@pytest.mark.parametrize("stage", DEFAULT_FOLDERS)
def test_places_lead_back(stage: str) -> None:
    """Where a note is placed, it is found again with the same stage and rest."""
    place = FLOW.place(stage, "email/x.md", "cloud_agent")
    assert FLOW.stage_of(place) == stage
    assert FLOW.rest_of(place) == "email/x.md"


def test_holders() -> None:
    """The holder is the agent of the folder; `cloud` stands for `cloud_agent` where only that exists."""
    assert FLOW.holder("In_Progress/cloud_agent/x.md", AGENTS) == "cloud_agent"
    assert FLOW.holder("In_Progress/cloud/x.md", AGENTS) == "cloud_agent"
    assert FLOW.holder("In_Progress/cloud/x.md", {*AGENTS, "cloud"}) == "cloud"
    assert FLOW.holder("In_Progress/mail/x.md", AGENTS) == "mail"
    assert FLOW.holder("In_Progress/who/x.md", AGENTS) == "who"
    assert FLOW.holder("In_Progress/x.md", AGENTS) is None
    assert FLOW.holder("Done/cloud_agent/x.md", AGENTS) is None
    assert agent_of_folder("cloud_agent", AGENTS) == "cloud_agent"


@pytest.mark.parametrize(
    ("src", "dst", "kind"),
    [
        ("Needs_Action/email/x.md", "In_Progress/cloud_agent/email/x.md", "claim"),
        ("In_Progress/cloud_agent/x.md", "Needs_Action/x.md", "release"),
        ("In_Progress/cloud_agent/x.md", "Pending_Approval/x.md", "submit"),
        ("Needs_Action/x.md", "Pending_Approval/x.md", "submit"),
        ("Drafts/x.md", "Pending_Approval/x.md", "submit"),
        ("Pending_Approval/x.md", "Approved/x.md", "approval"),
        ("Pending_Approval/x.md", "Rejected/x.md", "rejection"),
        ("Approved/x.md", "Pending_Approval/x.md", "retraction"),
        ("Rejected/x.md", "Pending_Approval/x.md", "retraction"),
        ("Approved/x.md", "Done/x.md", "completion"),
        ("In_Progress/a/x.md", "Done/x.md", "completion"),
        ("Done/x.md", "Done/2026/x.md", None),
        ("Pending_Approval/x.md", "Pending_Approval/email/x.md", None),
        ("Needs_Action/x.md", "Approved/x.md", None),
        ("Journal/x.md", "Notes/x.md", None),
    ],
)
def test_moves(src: str, dst: str, kind: str | None) -> None:
    """A move between stages has one meaning; only a draft can be approved."""
    assert FLOW.kind_of_move(src, dst) == kind


def test_other_folders() -> None:
    """A vault may call its folders otherwise, also deeper down."""
    flow = Workflow({**DEFAULT_FOLDERS, "done": "Desk/Finished", "updates": "Signals"})
    assert flow.stage_of("Desk/Finished/x.md") == "done"
    assert flow.rest_of("Desk/Finished/a/x.md") == "a/x.md"
    assert flow.stage_of("Signals/x.md") == "updates"
    assert Stage("done", "Desk/Finished") in flow.stages


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("pending", "pending_approval"),
        ("Pending Approval", "pending_approval"),
        ("pending-approval", "pending_approval"),
        (" Completed ", "done"),
        ("DONE", "done"),
        ("todo", "needs_action"),
        ("to-do", "needs_action"),
        ("To do", "needs_action"),
        ("Done.", "done"),
        ("✅ Done! 🎉", "done"),
        ("In progress.", "in_progress"),
        ("done...", None),
        ("done?!", None),
        ("done.md", None),
        (".", None),
        ("backlog", None),
        ("blocked", None),
        ("on hold", None),
        ("cancelled", None),
        ("review", None),
        ("✅ Done", "done"),
        ("done ✔️", "done"),
        ("👍🏽 approved", "approved"),
        ("✉️ sent", "done"),
        ("🚧 In  Progress ", "in_progress"),
        ("❌ Rejected", "rejected"),
        ("⏳ pending", "pending_approval"),
        ("❌ approved", None),
        ("❓ done", None),
        ("approved ⏳", None),
        ("✅❓ approved", None),
        ("not done", None),
        ("done?", None),
        ("~~approved~~", None),
        ("done ✅ done", None),
        ("✅", None),
        ("wip", None),
        ("plans", None),
        ("", None),
        ("whatever", None),
    ],
)
def test_status_words(text: str, stage: str | None) -> None:
    """The words and signs people use for a status lead to one stage; a sign that contradicts, to none."""
    assert stage_for_status(text) == stage


def test_words_are_closed() -> None:
    """Every status is its own stage's word, and every synonym names a status."""
    assert all(status_of(status) == status and stage_for_status(status) == status for status in STATUSES)
    assert set(SYNONYMS.values()) <= set(STATUSES)
    assert status_of("plans") == ""
