"""Folders of the workflow that the zones forgot are told; a policy that thought of them is not."""

from __future__ import annotations

import pytest

from vaultkit.bundled import bundled
from vaultkit.core.rules.config import fill_template, read_policy
from vaultkit.core.rules.zone_gaps import zone_gaps

TEMPLATE = (bundled("templates/platinum") / "vaultkit.yaml").read_text("utf-8")
TEXT = fill_template(TEMPLATE, "local_agent", "cloud_agent")
CATCH_ALL = TEXT[TEXT.index('  - {path: "**"') : TEXT.index("# The one machine")]


def told(text: str) -> list[str]:
    return zone_gaps(read_policy(text.encode()))


def renamed(stage: str, old: str) -> str:
    return TEXT.replace(f"  {stage}: {old}", f"  {stage}: Neu")


@pytest.mark.parametrize(
    ("stage", "old"),
    [
        ("needs_action", "Needs_Action"),
        ("in_progress", "In_Progress"),
        ("pending_approval", "Pending_Approval"),
        ("plans", "Plans"),
        ("updates", "Updates"),
        ("done", "Done"),
    ],
)
def test_a_folder_that_was_renamed_alone_is_told(stage: str, old: str) -> None:
    """The words name it, its stage, who may write there, and the zone that was left behind."""
    (words,) = told(renamed(stage, old))
    assert f"no zone names Neu/ (`{stage}`), so no agent but a person's may write there" in words
    assert f"rename `{old}/` there too" in words


def test_a_zone_that_was_renamed_alone_is_told() -> None:
    """It is the same mistake the other way round."""
    (words,) = told(TEXT.replace('"Needs_Action/**"', '"Neu/**"'))
    assert "no zone names Needs_Action/ (`needs_action`)" in words
    assert "rename" not in words


def test_where_nobody_may_write_that_is_said() -> None:
    """Also of a folder for decisions, which are a person's alone."""
    (words,) = told(renamed("approved", "Approved").replace(CATCH_ALL, "\n"))
    assert "no zone names Neu/ (`approved`), so nobody may write there" in words


ALONE = (
    renamed("plans", "Plans")
    .replace("  cloud_agent: {sign_of_life: 24h}", "")
    .replace("cloud_agent, ", "")
    .replace(", add: [cloud_agent]", "")
)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        renamed("needs_action", "Needs_Action").replace('"Needs_Action/**"', '"neu/**"'),
        renamed("needs_action", "Needs_Action").replace('"Needs_Action/**"', '"Neu/email/**"'),
        TEXT.replace('"Needs_Action/**",        write: [cloud_agent, ', '"Needs_Action/**", write: ['),
        renamed("approved", "Approved"),
        TEXT.replace('  - {path: "Plans/**",               write: [cloud_agent, local_agent]}\n', ""),
        ALONE,
        renamed("plans", "Plans").replace('"Plans/**"', '"*/**"'),
    ],
    ids=["ours", "capitals", "part", "meant", "decisions", "left out", "no worker", "wide"],
)
def test_what_was_thought_of_is_not_told(text: str) -> None:
    """A zone that names the folder is meant, whatever it allows; so is what agents may do all the same."""
    assert told(text) == []
