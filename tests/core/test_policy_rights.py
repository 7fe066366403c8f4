"""An agent that may do what another may: the bytes around stay, and the policy says just that much more."""

from __future__ import annotations

import pytest

from tests.trees import TEMPLATE
from vaultkit.core.rules.agent_names import refuse_no_name, refuse_taken_name
from vaultkit.core.rules.config import fill_template, read_policy
from vaultkit.core.rules.policy_edit import add_agent
from vaultkit.core.rules.policy_rights import share_rights
from vaultkit.errors import PolicyError, UsageError

AGENTS = "vaultkit: 1\nagents: {me: {human: true}, bot_agent: {}, new: {}}\n"


def document(zones: str) -> bytes:
    return f"# first\n{AGENTS}zones:{zones}\n# last\n".encode()


FLOW = '\n  - {path: "A/**",  write: [bot_agent, me], add: [me]}   # a\n  - {path: "B/**", write: [me]}'
FLOW_AFTER = FLOW.replace("[bot_agent, me]", "[bot_agent, new, me]")
BLOCK = (
    '\n- path: "A/**"\n  write:\n  - me # I\n  - "bot_agent"   # it\n'
    "  add: [ bot_agent ]\n- path: B/**\n  write: [me]"
)
BLOCK_AFTER = BLOCK.replace('  - "bot_agent"', '  - new\n  - "bot_agent"').replace(
    "[ bot_agent ]", "[ bot_agent, new ]"
)
ONE_LINE = ' [{path: "A/**", write: [bot_agent]}, {path: "bot_agent/*.md", write: [bot_agent, me]}]'
ONE_LINE_AFTER = (
    ' [{path: "A/**", write: [bot_agent, new]}, {path: "new/*.md", write: [new, me]},'
    ' {path: "bot_agent/*.md", write: [bot_agent, me]}]'
)
OWN = (
    '\n    - path: "In_Progress/bot/**" # its own\n      write: [me, bot_agent]\n      take:\n'
    '        - bot_agent\n    - {path: "**", write: [me]}'
)
OWN = OWN.replace("bot/**", "{agent}/**") + '\n    - {path: "Plans/bot_agent/**", add: [bot_agent]} # p'
OWN_AFTER = OWN.replace("[me, bot_agent]", "[me, bot_agent, new]").replace(
    "        - bot_agent", "        - new\n        - bot_agent"
)
OWN_AFTER = OWN_AFTER.replace(
    '    - {path: "Plans/bot', '    - {path: Plans/new/x, add: [new]}\n    - {path: "Plans/bot'
).replace("Plans/new/x", '"Plans/new/**"')


@pytest.mark.parametrize(
    ("before", "after"),
    [(FLOW, FLOW_AFTER), (BLOCK, BLOCK_AFTER), (ONE_LINE, ONE_LINE_AFTER), (OWN, OWN_AFTER)],
)
def test_a_name_is_put_behind_another(before: str, after: str) -> None:
    """Whatever way the zones are written, the name arrives, its own places too, and all other bytes stay."""
    assert share_rights(document(before), "new", "bot_agent").decode() == document(after).decode()


def test_asking_twice_changes_nothing() -> None:
    """An agent that has the rights already keeps them, once."""
    for zones in (FLOW, BLOCK, ONE_LINE, OWN):
        once = share_rights(document(zones), "new", "bot_agent")
        assert share_rights(once, "new", "bot_agent") == once


def test_a_shorter_folder_of_tasks_in_progress_is_its_agents_own() -> None:
    """`In_Progress/bot` is bot_agent's: the new agent does not get it, but one of its own."""
    zones = (
        '\n  - {path: "In_Progress/bot/**", write: [bot_agent, me]}\n  - {path: "bot/**", write: [bot_agent]}'
    )
    policy = read_policy(share_rights(document(zones), "new", "bot_agent"))
    may = {
        path: policy.may("new", path, adds=True) for path in ("In_Progress/new/a.md", "In_Progress/bot/a.md")
    }
    assert may == {"In_Progress/new/a.md": True, "In_Progress/bot/a.md": False}
    assert policy.may("new", "bot/a.md", adds=True)


def test_windows_line_ends_stay() -> None:
    """A file with CRLF keeps it, in the added lines too."""
    for zones in (BLOCK, OWN):
        result = share_rights(document(zones).replace(b"\n", b"\r\n"), "new", "bot_agent")
        assert b"\n" not in result.replace(b"\r\n", b"")


def test_in_the_template_a_new_agent_may_do_just_what_the_other_may() -> None:
    """Every comment stays, and zone for zone the two are alike."""
    text = fill_template(TEMPLATE.read_text("utf-8"), "me", "bot_agent").encode()
    result = share_rights(add_agent(text, "new"), "new", "bot_agent")
    comments = [line.partition(b"#")[2] for line in text.splitlines() if b"#" in line]
    assert [line.partition(b"#")[2] for line in result.splitlines() if b"#" in line] == comments
    policy = read_policy(result)
    for path in ("Needs_Action/a.md", "Approved/a.md", "Done/a.md", "Plans/a.md", "Dashboard.md", "x.md"):
        for adds in (True, False):
            assert policy.may("new", path, adds=adds) == policy.may("bot_agent", path, adds=adds), path
    assert policy.may("new", "In_Progress/new/a.md", adds=True)
    assert not policy.may("new", "In_Progress/bot_agent/a.md", adds=True)


def test_a_persons_rights_are_for_a_persons_agent_alone() -> None:
    """What may do all that I may could approve: refused unless it is human; and so is being like nobody."""
    with pytest.raises(UsageError, match="may approve"):
        share_rights(document(FLOW), "new", "me")
    with pytest.raises(UsageError, match="no agent bto_agent"):
        share_rights(document(FLOW), "new", "bto_agent")
    both = document(FLOW).replace(b"new: {}", b"new: {human: true}") + b"executor: me\n"
    assert read_policy(share_rights(both, "new", "me")).may("new", "B/a.md", adds=True)


def test_what_cannot_be_written_safely_is_refused() -> None:
    """A place of the other agent's own that names the new one already is a person's to put right."""
    shared = '\n  - {path: "Plans/bot_agent/**", write: [bot_agent, new]}'
    with pytest.raises(PolicyError, match="cannot be written safely"):
        share_rights(document(shared), "new", "bot_agent")


@pytest.mark.parametrize(
    "name", ["bot_agent", "bot", "b0t_agent", "Bot_Agent", "ME", "me_agent", "new_agent"]
)
def test_a_name_that_would_be_taken_for_anothers_is_refused(name: str) -> None:
    """The same name, its shorter form, and what looks like either."""
    with pytest.raises(UsageError, match=r"already|taken for"):
        refuse_taken_name(read_policy(document(FLOW)), name)
    refuse_taken_name(read_policy(document(FLOW)), "mail_agent")


@pytest.mark.parametrize("name", ["", "two words", "a/b", "*", "{agent}", "1st", "con"])
def test_what_is_no_word_is_no_name(name: str) -> None:
    """Names stand in paths and in patterns."""
    with pytest.raises(UsageError, match="cannot be an agent's name"):
        refuse_no_name(name)
