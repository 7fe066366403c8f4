"""Look-alikes: names that an eye takes for those the policy speaks of."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trees import POLICY_TEXT, History, policy
from vaultkit.core.naming.lookalikes import Lookalikes
from vaultkit.core.naming.name_characters import unshared_in
from vaultkit.core.naming.paths import name_problem
from vaultkit.core.naming.skeleton import _LOOKS_LIKE, skeleton

POLICY = policy()

LOOKALIKE = [
    # path, what it looks like
    ("Аpproved/x.md", "Approved"),
    ("Approvеd/email/x.md", "Approved"),
    ("Αpproved/x.md", "Approved"),
    ("Ꭺpproved/x.md", "Approved"),
    ("ꓮpproved/x.md", "Approved"),
    ("аррrоvеd/x.md", "Approved"),
    ("Ａpproved/x.md", "Approved"),
    ("𝐀pproved/x.md", "Approved"),
    ("ᴀpproved/x.md", "Approved"),
    ("Ápproved/x.md", "Approved"),
    ("Approveḍ/x.md", "Approved"),
    ("Approvecl/x.md", "Approved"),
    ("ln_Progress/cloud_agent/x.md", "In_Progress"),
    ("1n_Progress/x.md", "In_Progress"),
    ("ın_progress/x.md", "In_Progress"),
    ("İn_Progress/x.md", "In_Progress"),
    ("In＿Progress/x.md", "In_Progress"),
    ("In_Progreſs/x.md", "In_Progress"),
    ("D0ne/x.md", "Done"),
    ("Dοne/x.md", "Done"),
    ("Døne/x.md", "Done"),
    ("ᗪone/x.md", "Done"),
    ("P1ans/email/x.md", "Plans"),
    ("Pɩans/x.md", "Plans"),
    ("SignaIs/x.md", "Signals"),
    ("Conf1icts/x.md", "Conflicts"),
    ("Needs_Асtion/x.md", "Needs_Action"),
    ("Needsˍ\u0410ction/x.md", "Needs_Action"),
    ("Pending_AрprovaI/x.md", "Pending_Approval"),
    ("In_Progress/сloud_agent/x.md", "cloud_agent"),
    ("In_Progress/c1oud_agent/x.md", "cloud_agent"),
    ("in_progress/cloud\u02cdagent/x.md", "cloud_agent"),
    ("In_Progress/сloud/x.md", "cloud"),
    ("In_Progress/Iocal_agent/x.md", "local_agent"),
    ("Dashbоard.md", "Dashboard.md"),
    ("Dashboard․md", "Dashboard.md"),
    ("Dashboarcl.md", "Dashboard.md"),
    ("vаultkit.yaml", "vaultkit.yaml"),
    ("vau1tkit.yaml", "vaultkit.yaml"),
    (".gitignоre", ".gitignore"),
    ("Аpproved", "Approved"),
]

OTHERS = [
    "Approved/x.md",
    "approved/x.md",
    "APPROVED/x.md",
    "In_Progress/cloud_agent/x.md",
    "In_Progress/cloud/x.md",
    "In_Progress/Cloud_Agent/x.md",
    "In_Progress/email/x.md",
    "In_Progress/x.md",
    "Pending Approval/x.md",
    "Pending-Approval/x.md",
    "PendingApproval/x.md",
    "Needs Action/x.md",
    "Approved2/x.md",
    "Approved (old)/x.md",
    "Approvals/x.md",
    "Proved/x.md",
    "Одобрено/x.md",
    "完了/x.md",
    "Erledigt/x.md",
    "Notes/Аpproved/x.md",
    "Plans/Аpproved/x.md",
    "Notes/Dashbоard.md",
    "Done/D0ne/x.md",
    "Dashboards.md",
    "dashboard.md",
    "Notes/сloud_agent/x.md",
    "Mail/x.md",
    "Mall/x.md",
]


@pytest.mark.parametrize(("path", "other"), LOOKALIKE, ids=ascii)
def test_lookalikes_are_refused_and_named(path: str, other: str) -> None:
    """A name that would be taken for one of the policy's is refused aloud, and the refusal says for which."""
    assert name_problem(path) is None
    refusal = POLICY.path_refusal(path)
    assert refusal
    assert (refusal.rule, refusal.quiet) == ("look-alike", False)
    assert f"looks like {other} but is another" in refusal.detail


@pytest.mark.parametrize("path", OTHERS, ids=ascii)
def test_other_names_are_welcome(path: str) -> None:
    """The names themselves, their capitals, other words, and look-alikes of nothing that is there."""
    assert POLICY.path_refusal(path) is None


def test_words() -> None:
    """The reason tells whether a folder on the way or the note itself is the look-alike."""
    place = "its folder looks like Approved but is another"
    assert POLICY.lookalikes.problem("Аpproved/email/x.md") == place
    assert POLICY.lookalikes.problem("Аpproved/x.md") == place
    assert POLICY.lookalikes.problem("Dashbоard.md") == "its name looks like Dashboard.md but is another"


def test_a_scan_does_not_enter_lookalikes() -> None:
    """A look-alike folder is passed over aloud; the folder itself is entered."""
    refusal = POLICY.skips_folder("Аpproved")
    assert refusal
    assert (refusal.rule, refusal.quiet) == ("look-alike", False)
    assert POLICY.skips_folder("In_Progress/сloud_agent")
    assert POLICY.skips_folder("Approved") is None
    assert POLICY.skips_folder("approved") is None


def test_every_place_a_policy_names() -> None:
    """Names are known where they stand: deeper folders, files, agents; not behind a star."""
    known = Lookalikes(
        ["Teams/{agent}/Inbox/**", "Teams/Board.md", "*/Secret/**", "**/Private/**"], ["ada", "bob"]
    )
    assert known.problem("Teams/аda/x.md")
    assert known.problem("Teams/ada/lnbox/x.md")
    assert known.problem("Teams/bob/lnbox/x.md")
    assert known.problem("Teams/eve/lnbox/x.md") is None
    assert known.problem("Teams/Bоard.md")
    assert known.problem("Bоard.md") is None
    assert known.problem("x/Sеcret/y.md") is None
    assert known.problem("Рrivate/y.md") is None


def test_lookalikes_that_the_policy_names_itself() -> None:
    """Two folders that look alike may both be named; the rules below each are found."""
    known = Lookalikes(["Mail/In/**", "Mall/**", "mail/Out/**"], [])
    for path in ("Mail/x.md", "Mall/x.md", "MAIL/In/x.md", "Mail/Out/x.md"):
        assert known.problem(path) is None
    assert known.problem("Mai1/x.md")
    assert known.problem("Mail/0ut/x.md")
    assert known.problem("mail/1n/x.md")


def test_a_ligature_is_no_change_of_case() -> None:
    """`ﬀ` folds to `ff` as a capital does, yet no rule of the folder's matches it."""
    known = Lookalikes(["Signoff/**", "Straße/**"], [])
    assert known.problem("Signoﬀ/x.md")
    assert known.problem("ſignoff/x.md")
    assert known.problem("Strasse/x.md")
    assert known.problem("SIGNOFF/x.md") is None
    assert known.problem("STRAẞE/x.md") is None


def test_workflow_folders_and_agents_of_a_policy() -> None:
    """The workflow's own names for its folders count, and so do the short names of agents' folders."""
    text = POLICY_TEXT.replace("done: Done", "done: Завершено").replace(
        "in_progress: In_Progress", "in_progress: Work/Now"
    )
    renamed = policy(text)
    assert renamed.path_refusal("Зaвepшeнo/x.md")
    assert renamed.path_refusal("Завершено/x.md") is None
    assert renamed.path_refusal("W0rk/x.md")
    assert renamed.path_refusal("Work/Nοw/x.md")
    assert renamed.path_refusal("Work/Now/clоud/x.md")
    assert renamed.path_refusal("Work/Now/cloud/x.md") is None


def test_what_arrives() -> None:
    """What a commit brings in a look-alike folder is reported and does not count, whoever may write there."""
    text = POLICY_TEXT.replace(
        'path: "**",                     write: [', 'path: "**",                     write: [cloud_agent, '
    )
    assert text != POLICY_TEXT
    history = History()
    changed = history.commit("local_agent", history.root, {"vaultkit.yaml": text})
    notes = {
        "vaultkit.yaml": text,
        "Аpproved/a.md": "forged",
        "In_Progress/сloud_agent/b.md": "b",
        "Notes/c.md": "c",
    }
    fold = history.fold(changed, history.commit("cloud_agent", changed, notes))
    assert history.notes(fold.tree) == {"Notes/c.md": "c"}
    assert {(v.path, v.rule) for v in fold.violations} == {
        ("Аpproved/a.md", "look-alike"),
        ("In_Progress/сloud_agent/b.md", "look-alike"),
    }


SAME = ["rnodern modern", "vvord word", "clear dear", "l1 Il", "O0 oо", "é e", "が が", "straße STRASSE"]
DIFFERENT = ["か が", "a b", "In-Progress In_Progress", "In Progress In_Progress", "й и", "x.md xmd", "ا أ"]


@pytest.mark.parametrize("pair", SAME)
def test_equal_skeletons(pair: str) -> None:
    """Shapes, accents on Latin letters and capitals make no difference."""
    one, other = pair.split()
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize("pair", [*DIFFERENT])
def test_different_skeletons(pair: str) -> None:
    """Signs that look different are different, and so are letters that a mark makes."""
    one, *_, other = pair.split(" ")
    assert skeleton(one) != skeleton(other)


def test_the_table_is_of_shared_characters() -> None:
    """Each entry is one character that a name may hold, appears once, and stands for one of ASCII."""
    shapes = "".join(own for own, _ in _LOOKS_LIKE)
    assert len(set(shapes)) == len(shapes)
    assert [c for c in shapes if c.isascii() or unshared_in(c)] == []
    assert all(len(own) == len(like) and like.isascii() for own, like in _LOOKS_LIKE)


def test_the_tables_rows_are_of_their_alphabets() -> None:
    """What the rows are said to hold is what they hold: here a look-alike could hide too."""
    scripts = ["GREEK", "GREEK", "CYRILLIC", "CYRILLIC", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC"]
    for (own, _), script in zip(_LOOKS_LIKE, scripts, strict=False):
        assert {unicodedata.name(c).split()[0] for c in own} == {script}


@pytest.mark.unmeasured
@given(st.text(max_size=12))
def test_skeletons_ignore_case(name: str) -> None:
    """No capital makes a name look like another, nor saves one from it."""
    if name_problem(name) is None and name.isascii():
        assert skeleton(name) == skeleton(name.upper()) == skeleton(name.lower())


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_path_gets_an_answer(folder: str, name: str) -> None:
    """Whatever the names, a look-alike below a folder that is not entered is refused too."""
    if name_problem(f"{folder}/{name}") is None and POLICY.skips_folder(folder):
        assert POLICY.path_refusal(f"{folder}/{name}")
