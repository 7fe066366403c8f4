"""Who made a commit: the agent whose key signed it, by the policy, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.trees import KEYS, POLICY_TEXT, History, identity, policy, signed, with_phone
from vaultkit.core.git.git_format import decode_commit, encode_commit
from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.sshsig import armored, digest_of, to_be_signed
from vaultkit.core.git.tree import Commit, Oid
from vaultkit.core.rules.identity import CHANGE, author_of, is_checkpoint, signature_of, standing
from vaultkit.core.rules.policy_edit import revoke_agent, trust_key
from vaultkit.memory.keys import MemoryKeys

PLAIN = Commit(Oid("1" * 40), (Oid("2" * 40),), "local_agent <local_agent@x.invalid>", 7, "words\n")


def through_git(commit: Commit) -> Commit:
    """The commit as another machine reads it."""
    return decode_commit(encode_commit(commit))


def test_the_key_tells_the_agent_and_the_name_does_not() -> None:
    """A commit in Local's name, signed by Cloud's key, is Cloud's."""
    author = author_of(through_git(signed(PLAIN, "cloud_agent")), policy())
    assert (author.agent, author.key) == ("cloud_agent", KEYS["cloud_agent"].public()[0])


def test_nobody_is_who_signs_with_an_unknown_key_or_not_at_all() -> None:
    """A stranger's key and a missing signature belong to nobody, and the words say which it was."""
    stranger = author_of(through_git(signed(PLAIN, "stranger")), policy())
    assert stranger.agent is None
    assert "no agent here has the key" in stranger.problem
    assert author_of(PLAIN, policy()) == (None, "", "nobody signed it")
    assert author_of(PLAIN, policy(with_phone())).agent == "phone"


def test_an_unsigned_agent_is_not_who_signs_wrongly() -> None:
    """A bad signature is not a missing one: it is nobody's, even where the policy has an unsigned agent."""
    bad = replace(through_git(signed(PLAIN, "cloud_agent")), signature=b"nonsense")
    assert author_of(bad, policy(with_phone())).agent is None
    assert author_of(through_git(signed(PLAIN, "stranger")), policy(with_phone())).agent is None


@pytest.mark.parametrize(
    "change",
    [
        {"tree": Oid("3" * 40)},
        {"parents": ()},
        {"parents": (Oid("2" * 40), Oid("4" * 40))},
        {"message": "other words\n"},
        {"time": 8},
        {"author": "x <x@y>"},
    ],
)
def test_a_signature_holds_for_one_commit_only(change: dict[str, object]) -> None:
    """Moved to a commit with another tree, parent, message, time or author, it is nobody's."""
    real = signed(PLAIN, "local_agent")
    forged = through_git(replace(real, **change))  # type: ignore[arg-type]
    assert author_of(through_git(real), policy()).agent == "local_agent"
    assert author_of(forged, policy()).agent is None


def test_a_signature_for_another_purpose_does_not_sign_a_commit() -> None:
    """What somebody signed as a file (another namespace) cannot be shown as their commit."""
    keys = KEYS["local_agent"]
    key = keys.public()[0]
    data = encode_commit(PLAIN)
    made = armored(key, "file", keys.sign(key, to_be_signed("file", digest_of(data))))
    author = author_of(through_git(replace(PLAIN, signature=made)), policy())
    assert author.agent is None
    assert "other uses" in author.problem


def test_two_signatures_are_none() -> None:
    """A commit with two signature headers is nobody's, whichever of them is good."""
    data = encode_commit(signed(PLAIN, "local_agent"))
    head, _, rest = data.partition(b"\n\n")
    start = head.index(b"\ngpgsig ")
    assert author_of(decode_commit(head + head[start:] + b"\n\n" + rest), policy()).agent is None


def test_a_revoked_key_is_nobodys_and_a_renewed_one_its_agents() -> None:
    """Revocation and renewal are the policy's: by the one before, the old key still counts."""
    old, new = policy(), MemoryKeys("cloud_agent, renewed")
    revoked = policy(revoke_agent(POLICY_TEXT.encode(), "cloud_agent").decode())
    renewed = policy(trust_key(POLICY_TEXT.encode(), "cloud_agent", new.public()[0]).decode())
    commit = through_git(signed(PLAIN, "cloud_agent"))
    assert author_of(commit, old).agent == "cloud_agent"
    assert "revoked" in author_of(commit, revoked).problem
    assert author_of(commit, renewed).agent is None


def test_an_identity_signs_with_the_key_the_policy_trusts() -> None:
    """With two keys, the trusted one signs, whichever was made last; with none trusted, nothing is signed."""
    keys = MemoryKeys("newer", "local_agent")
    me = replace(identity("local_agent"), keys=keys)
    assert me.acts_as(policy()) == "local_agent"
    assert author_of(through_git(me.sign(PLAIN, policy())), policy()).agent == "local_agent"
    stranger = replace(me, keys=MemoryKeys("newer"))
    assert stranger.acts_as(policy()) is None
    with pytest.raises(ValueError, match="trusts no key"):
        stranger.sign(PLAIN, policy())


def test_a_checkpoint_is_a_human_agents_commit_by_vaultkit() -> None:
    """Another agent's, a person's by plain git, and a forged one are none."""
    made = replace(PLAIN, message=add_trailer("words", CHANGE, "1"))
    assert is_checkpoint(through_git(signed(made, "local_agent")), policy())
    assert not is_checkpoint(through_git(signed(made, "cloud_agent")), policy())
    assert not is_checkpoint(through_git(signed(PLAIN, "local_agent")), policy())
    assert not is_checkpoint(made, policy())


def test_standing() -> None:
    """A human agent counts more than another known one, and that more than anybody else."""
    who = ("local_agent", "cloud_agent", "stranger")
    assert [standing(through_git(signed(PLAIN, name)), policy()) for name in who] == [2, 1, 0]
    assert standing(PLAIN, policy(with_phone())) == 0


def test_reading_a_commit_back_keeps_what_was_signed() -> None:
    """Headers that vaultkit does not know are part of what the signature is over."""
    data = encode_commit(PLAIN).replace(b"\n\n", b"\nencoding latin-1\nx-more a\n b\n\n", 1)
    keys = KEYS["cloud_agent"]
    key = keys.public()[0]
    signature = armored(key, "git", keys.sign(key, to_be_signed("git", digest_of(data))))
    head, _, message = data.partition(b"\n\n")
    whole = head + b"\ngpgsig " + signature.replace(b"\n", b"\n ") + b"\n\n" + message
    assert signature_of(decode_commit(whole)) == (key, "")
    assert signature_of(decode_commit(whole.replace(b"latin-1", b"latin-2")))[0] == ""


def test_history_with_real_signatures_folds() -> None:
    """The test histories sign for real: what they say of agents is what the fold finds."""
    history = History()
    new = history.commit("cloud_agent", history.root, {"vaultkit.yaml": POLICY_TEXT, "Updates/a.md": "a"})
    assert history.fold(new).signers == {new: "cloud_agent"}
