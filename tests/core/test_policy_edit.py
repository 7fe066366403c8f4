"""Editing who is an agent: the bytes around stay, and the policy says just that much more."""

from __future__ import annotations

import pytest

from tests.trees import TEMPLATE
from vaultkit.core.rules.config import fill_template, read_policy
from vaultkit.core.rules.policy_edit import revoke_agent, trust_key
from vaultkit.errors import PolicyError, UsageError
from vaultkit.memory.keys import MemoryKeys

KEY, OTHER = MemoryKeys("one").public()[0], MemoryKeys("two").public()[0]
REST = 'zones: [{path: "**", write: [me]}]   # all\n'


def document(agents: str) -> bytes:
    return f"# first\nvaultkit: 1\nagents:{agents}\n{REST}".encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n  me: {human: true}\n  bot: {}   # b", f'\n  me: {{human: true}}\n  bot: {{key: "{KEY}"}}   # b'),
        ("\n  me: {human: true}\n  bot:   # b", f'\n  me: {{human: true}}\n  bot: {{key: "{KEY}"}}   # b'),
        ("\n  bot:\n  me: {human: true}", f'\n  bot: {{key: "{KEY}"}}\n  me: {{human: true}}'),
        (
            "\n  bot: { sign_of_life: 1h }  # b\n  me: {human: true}",
            f'\n  bot: {{key: "{KEY}", sign_of_life: 1h }}  # b\n  me: {{human: true}}',
        ),
        (
            "\n    bot:\n        # why\n        sign_of_life: 1h # x\n    me: {human: true}",
            f'\n    bot:\n        # why\n        key: "{KEY}"\n        sign_of_life: 1h # x'
            "\n    me: {human: true}",
        ),
        (
            f'\n  bot: {{key: "{OTHER}", revoked: true}}\n  me: {{human: true}}',
            f'\n  bot: {{key: "{KEY}", revoked: false}}\n  me: {{human: true}}',
        ),
        (
            f"\n  bot:\n    key: {OTHER} # old\n  me: {{human: true}}",
            f'\n  bot:\n    key: "{KEY}" # old\n  me: {{human: true}}',
        ),
        (
            "\n  # the person\n  me: {human: true}",
            f'\n  # the person\n  bot: {{key: "{KEY}"}}\n  me: {{human: true}}',
        ),
        (" {me: {human: true}}", f' {{bot: {{key: "{KEY}"}}, me: {{human: true}}}}'),
        (" {me: {human: true}, bot: {}}", f' {{me: {{human: true}}, bot: {{key: "{KEY}"}}}}'),
    ],
)
def test_a_key_is_spliced_in(before: str, after: str) -> None:
    """Whatever way the agents are written, the key arrives and all other bytes stay."""
    result = trust_key(document(before), "bot", KEY)
    assert result == document(after)
    assert read_policy(result).agents["bot"].key == KEY


def test_windows_line_ends_stay() -> None:
    """A file with CRLF keeps it, in the added line too."""
    before = document("\n  me: {human: true}").replace(b"\n", b"\r\n")
    result = trust_key(before, "bot", KEY)
    assert b"\n" not in result.replace(b"\r\n", b"")


def test_a_new_agent_of_the_persons_is_human() -> None:
    """With `human`, a new agent may approve; an agent that is there keeps what it is."""
    alone = document("\n  me: {human: true}")
    both = trust_key(alone + b"executor: me\n", "laptop", KEY, human=True)
    assert read_policy(both).humans == {"me", "laptop"}
    with pytest.raises(PolicyError, match="which machine acts"):
        trust_key(alone, "laptop", KEY, human=True)
    same = trust_key(document("\n  me: {human: true}\n  bot: {}"), "bot", KEY, human=True)
    assert read_policy(same).humans == {"me"}


def test_revoking_and_trusting_again() -> None:
    """A revoked agent keeps its place; a new key makes it count again."""
    trusted = trust_key(document("\n  me: {human: true}\n  bot: {}"), "bot", KEY)
    revoked = revoke_agent(trusted, "bot")
    assert read_policy(revoked).agents["bot"].revoked
    again = read_policy(trust_key(revoked, "bot", OTHER)).agents["bot"]
    assert (again.revoked, again.key) == (False, OTHER)


def test_the_template_takes_keys() -> None:
    """The policy every vault begins with can be edited so, and keeps each of its comments."""
    text = fill_template(TEMPLATE.read_text("utf-8"), "me", "bot").encode()
    result = trust_key(trust_key(text, "me", KEY), "bot", OTHER)
    assert [line.partition(b"#")[2] for line in result.splitlines()] == [
        line.partition(b"#")[2] for line in text.splitlines()
    ]


@pytest.mark.parametrize(
    ("agents", "name", "key"),
    [
        ("\n  me: {human: true}\n  bot: {unsigned: true}", "bot", KEY),
        (f'\n  me: {{human: true, key: "{KEY}"}}', "bot", KEY),
        ("\n  me: {human: true}", "no name", KEY),
        ("\n  me: {human: true}", "ME", KEY),
        ("\n  me: {human: true}", "bot", "ssh-rsa AAAA"),
    ],
)
def test_what_would_make_no_sense_is_refused(agents: str, name: str, key: str) -> None:
    """An edit after which the policy could not be read is refused, with the reason."""
    with pytest.raises(PolicyError):
        trust_key(document(agents), name, key)


def test_the_last_human_and_a_stranger_cannot_be_revoked() -> None:
    """A vault nobody could decide in any more is refused, and so is revoking nobody."""
    for name, error in (("me", PolicyError), ("nobody", UsageError)):
        with pytest.raises(error):
            revoke_agent(document(f'\n  me: {{human: true, key: "{KEY}"}}'), name)
