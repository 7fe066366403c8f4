"""What the Dashboard says: the same facts make the same lines, and words from elsewhere are only words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_template import POLICY, template
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Violation
from vaultkit.core.rules.config import read_policy
from vaultkit.core.telling.board import (
    EMPTY,
    MOST_LINES,
    MOST_SIGNALS,
    Facts,
    HeldNote,
    Kept,
    Signal,
    Waiting,
    Working,
    board_lines,
    dashboard_writer,
    signal_lines,
)
from vaultkit.core.text.regions import Region, read_page
from vaultkit.core.text.showing import show_date, show_link, show_words

DAY = 1_772_323_200  # 2026-03-01
WORDS = [
    ("plain words, 50 per cent (more or less).", "plain words, 50 per cent (more or less)."),
    ("cloud_agent says _this_", r"cloud_agent says \_this\_"),
    ("two\nlines\r\nand\ta tab", "two lines and a tab"),
    ("%% vaultkit:signals %%", r"\%\% vaultkit:signals \%\%"),
    ("![[secret]] and [[x|y]]", r"!\[\[secret\]\] and \[\[x\|y\]\]".replace("!", r"\!", 1)),
    ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
    ("https://evil.example #tag `= this.x`", r"https\://evil.example \#tag \`\= this.x\`"),
    ("hid\u200bden \u202eright", "hid den right"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "shown"), WORDS)
def test_words_from_elsewhere_are_shown_as_they_are(text: str, shown: str) -> None:
    """One line without Markdown, HTML, links, embeds, tags, comments and invisible characters."""
    assert show_words(text) == shown


@given(st.text(max_size=300))
def test_no_words_can_begin_anything(text: str) -> None:
    """Whatever they are, they are one line, of bounded length, without a mark, a link or an embed."""
    shown = show_words(text)
    assert "\n" not in shown
    assert len(shown) <= 400
    for sign in ("%%", "[[", "](", "![", "<%", "://", "::"):
        assert sign not in shown
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>\[\]`#|^$]", shown)


def test_long_words_are_cut() -> None:
    """At most 200 characters of a text are shown, and that there is more."""
    assert show_words("word " * 1000) == ("word " * 40).rstrip()[:199].rstrip() + "…"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("Done/a b.md", "[[Done/a b|a b]]"),
        ("Done/a]] ![[b.md", r"Done/a\]\] \!\[\[b.md"),
        ("Done/x#y.md", r"Done/x\#y.md"),
        ("Done/50%% off.md", r"Done/50\%\% off.md"),
    ],
)
def test_a_link_leads_to_its_note_or_is_none(path: str, shown: str) -> None:
    """A name that a link cannot hold is shown as words."""
    assert show_link(path) == shown


@pytest.mark.parametrize("time", [10**18, -(10**18), None])
def test_a_time_that_cannot_be_is_no_date(time: int | None) -> None:
    """A commit may say any time."""
    assert show_date(time) == ""


FACTS = Facts(
    waiting=[
        Waiting("Pending_Approval/email/b.md", "email", DAY + 86400, "2026-03-09"),
        Waiting("Pending_Approval/a.md", "", None, "tomorrow"),
        Waiting("Pending_Approval/c.md", "", DAY, "2026-02-01", is_expired=True),
    ],
    working=[
        Working("In_Progress/cloud/x.md", "cloud_agent", DAY),
        Working("In_Progress/cloud/y.md", "cloud_agent", DAY + 86400, lapsed=True),
    ],
    held=[HeldNote("Plans/p.md", "superseded", "newer"), HeldNote("", "zone", ""), HeldNote("", "zone", "")],
    conflicts=[Kept("Conflicts/a (cloud_agent).md", "a.md", "cloud_agent", DAY, "both changed it")],
    violations=[Violation(Oid("c" * 40), "Approved/x.md", "cloud_agent", "zone", DAY, "may not")],
    heard={"local_agent": DAY, "cloud_agent": None},
    silent=["cloud_agent"],
)
LINES = {
    "approvals": [
        "- [[Pending_Approval/c|c]] · since 2026-03-01 · EXPIRED 2026-02-01",
        "- [[Pending_Approval/email/b|b]] · email · since 2026-03-02 · expires 2026-03-09",
        "- [[Pending_Approval/a|a]] · expires tomorrow",
    ],
    "progress": [
        "- [[In_Progress/cloud/x|x]] · cloud_agent · since 2026-03-01",
        "- [[In_Progress/cloud/y|y]] · cloud_agent · since 2026-03-02 · LEASE OVER",
    ],
    "held": ["- [[Plans/p|p]] · newer", "- 2 that only this machine knows · zone"],
    "conflicts": [
        "- [[Conflicts/a (cloud_agent)|a (cloud_agent)]] · words of cloud_agent for a.md · 2026-03-01"
        " · both changed it"
    ],
    "violations": ["- 2026-03-01 · cloud_agent: Approved/x.md · may not (commit cccccccccc)"],
    "agents": [
        "- cloud_agent · nothing yet · SILENT for longer than it promised",
        "- local_agent · last 2026-03-01",
    ],
}


def test_the_board_says_what_is() -> None:
    """Oldest first, each with its link, its day, and what a person has to know."""
    assert board_lines(FACTS) == LINES


def test_a_board_of_nothing_is_what_the_template_says() -> None:
    """A new vault's page has each region, with just the words that vaultkit knows as its own."""
    regions = [one for one in read_page(template("Dashboard.md").encode()) if isinstance(one, Region)]
    assert {one.name: one.words for one in regions} == {name: [words] for name, words in EMPTY.items()}
    assert board_lines(Facts()) | {"signals": signal_lines([], [])} == {n: [w] for n, w in EMPTY.items()}


def test_the_newest_signals_are_on_top_and_old_ones_leave() -> None:
    """News go above what stands there; a line that a person took out does not come back."""
    news = [Signal(f"Done/Updates/SIGNAL_{n}.md", "cloud_agent", DAY, f"news {n}") for n in range(2)]
    lines = signal_lines(news, [EMPTY["signals"]])
    assert lines == [
        "- [[Done/Updates/SIGNAL_1|2026-03-01]] · cloud_agent: news 1",
        "- [[Done/Updates/SIGNAL_0|2026-03-01]] · cloud_agent: news 0",
    ]
    assert signal_lines([], lines[1:]) == lines[1:]
    changed = [news[0]._replace(text="and more")]
    assert signal_lines(changed, lines) == [lines[1].replace("news 0", "and more"), lines[0]]
    many = signal_lines(news * MOST_SIGNALS, lines)
    assert len(many) == MOST_SIGNALS


def test_a_long_list_is_cut_and_says_so() -> None:
    """The page stays readable with a thousand drafts on it."""
    waiting = [Waiting(f"Pending_Approval/{n:04}.md", "", DAY) for n in range(1000)]
    lines = board_lines(Facts(waiting=waiting))["approvals"]
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == f"- and {1000 - MOST_LINES} more"


WRITERS = [
    ("executor: local_agent", "executor: local_agent", "local_agent"),
    ("executor: local_agent", "", "local_agent"),
    ("agents:\n", "agents:\n  a_laptop: {human: true}\n", "local_agent"),
    ('"Dashboard.md",           write: [local_agent]', '"Dashboard.md", write: [cloud_agent]', None),
]


@pytest.mark.parametrize(("old", "new", "writer"), WRITERS)
def test_one_agent_keeps_the_page(old: str, new: str, writer: str | None) -> None:
    """It is the executor, or else the first human agent, and only if the zones let it."""
    text = template("vaultkit.yaml")
    assert old in text
    assert dashboard_writer(POLICY) == "local_agent"
    assert dashboard_writer(read_policy(text.replace(old, new).encode())) == writer
