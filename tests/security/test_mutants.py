"""Each guard, taken out: then an attack gets through, and the tests that try it say so.

A guard that can be removed without any of them noticing guards nothing. The checks below are the ones
of the other tests; here they must fail.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenarios.test_adoption import odd_repository as odd_repository
from tests.scenarios.test_adoption import (
    test_what_may_not_stand_on_a_disk_stays_in_history_and_nowhere_else as adopted,
)
from tests.security.catalogue import CASES
from tests.security.shooting import Target
from tests.servers import require
from vaultkit import Vault
from vaultkit.core.history import admission, arrival, fold, ways
from vaultkit.core.history.versions import Versions
from vaultkit.core.merging import replay
from vaultkit.core.rules import identity, judge
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.policy import POLICY_FILE, Policy
from vaultkit.effects.files import disk as disk_module
from vaultkit.effects.files import handles
from vaultkit.effects.transport import url as url_module

Patch = pytest.MonkeyPatch


class Any(int):
    """A number that is equal to every other one."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = int.__hash__


def no_signature(patch: Patch) -> None:
    class Trusting:
        @staticmethod
        def from_public_bytes(_: bytes) -> type[Trusting]:
            return Trusting

        @staticmethod
        def verify(*_: object) -> None:
            """Whatever it says, it is believed."""

    patch.setattr("vaultkit.core.git.sshsig.Ed25519PublicKey", Trusting)


def no_zones(patch: Patch) -> None:
    patch.setattr(Policy, "may", lambda *_, **__: True)


def one_end_is_enough(patch: Patch) -> None:
    patch.setattr(judge, "_refuse_half_moves", lambda *_: None)


def any_mode(patch: Patch) -> None:
    patch.setattr(arrival, "FILE", Any(0o100644))


def any_name(patch: Patch) -> None:
    for module in ("vaultkit.core.rules.policy", "vaultkit.core.history.arrival"):
        patch.setattr(f"{module}.name_problem", lambda _: None)


def twins_welcome(patch: Patch) -> None:
    patch.setattr(judge, "_refuse_collisions", lambda *_: None)


def any_content(patch: Patch) -> None:
    patch.setattr(judge, "is_text", lambda _: True)


def policy_of_the_commit_itself(patch: Patch) -> None:
    """The policy a commit brings already governs it."""
    real = judge.judge_changes

    def judged(policy, agent, changes, objects, *rest):  # type: ignore[no-untyped-def]
        change = changes.get(POLICY_FILE)
        own = read_policy(objects.blob(change.new)) if change and change.new else policy
        return real(own, agent, changes, objects, *rest)

    patch.setattr(fold, "judge_changes", judged)


def published_side_is_the_first(patch: Patch) -> None:
    patch.setattr(ways._Ways, "best", lambda _, parents: next(iter(parents), None))


STRIKES: dict[str, tuple[Callable[[Patch], None], str]] = {
    "signature": (no_signature, "approval: with the person's signature from another commit"),
    "zone": (no_zones, "approval: a draft moved to Approved"),
    "both ends": (one_end_is_enough, "approval: an approved note is taken back to Pending"),
    "mode": (any_mode, "mode: a link to a system file"),
    "name": (any_name, "name: right-to-left override"),
    "collision": (twins_welcome, "collision: capitals"),
    "text": (any_content, "content: bytes that are no UTF-8"),
    "policy before": (
        policy_of_the_commit_itself,
        "approval: by a policy that lets Cloud approve, in the same push",
    ),
    "published side": (
        published_side_is_the_first,
        "history: a merge that would push the published side aside",
    ),
}


@pytest.mark.parametrize(("take_out", "name"), STRIKES.values(), ids=STRIKES)
def test_without_the_guard_the_attack_gets_through(
    tmp_path: Path, monkeypatch: Patch, take_out: Callable[[Patch], None], name: str
) -> None:
    """With the guard the case holds; without it the same check finds what is wrong."""
    target = Target(tmp_path)
    with Vault.open(target.root) as vault:
        assert target.strike(CASES[name], vault).problems == []
        identity._check.cache_clear()
        take_out(monkeypatch)
        try:
            problems = target.strike(CASES[name], vault).problems
        except Exception as error:  # a guard that is gone may also let something break further on
            problems = [repr(error)]
    monkeypatch.undo()
    identity._check.cache_clear()
    assert problems


def test_without_comparing_a_write_overwrites_what_was_typed(tmp_path: Path, monkeypatch: Patch) -> None:
    """Compare-and-set: without it, the conformance test of the disk port fails."""
    from tests.ports.test_disk import test_replace_writes_only_over_what_is_expected as check

    def put(path: str, data: bytes) -> None:
        (tmp_path / path).write_bytes(data)

    files = disk_module.VaultFiles(str(tmp_path))
    check((files, put))
    monkeypatch.setattr(disk_module, "_holds", lambda *_: True)
    with pytest.raises(AssertionError):
        check((files, put))


def test_without_the_scheme_check_a_program_could_be_named(monkeypatch: Patch) -> None:
    """Address kinds: without telling them apart, `ext::` would be an address like any other."""
    from tests.security.test_addresses import check_refused as check

    check("ext::sh -c x")
    monkeypatch.setattr(url_module, "_parse", lambda url: url_module.Address("path", url, url))
    with pytest.raises(pytest.fail.Exception):
        check("ext::sh -c x")


def test_without_refusing_links_a_swapped_folder_leads_out(tmp_path: Path, monkeypatch: Patch) -> None:
    """Folder handles: if they followed links, the test that swaps a folder would read what is outside."""
    from tests.security.test_local_traps import test_a_folder_swapped_for_a_link_in_mid_walk_leads_nowhere

    class Following:
        """Takes a link for the folder it leads to."""

        S_ISREG = staticmethod(stat.S_ISREG)

        @staticmethod
        def S_ISDIR(mode: int) -> bool:  # noqa: N802 - the standard library's name
            return stat.S_ISDIR(mode) or stat.S_ISLNK(mode)

    monkeypatch.setattr(handles, "_FOLDER_FLAGS", os.O_RDONLY | os.O_DIRECTORY)
    monkeypatch.setattr(handles, "stat", Following)
    with pytest.raises(AssertionError):
        test_a_folder_swapped_for_a_link_in_mid_walk_leads_nowhere(tmp_path)


@pytest.mark.parametrize("guard", ["arrived", "foreign", "sighted", "made here"])
def test_without_telling_pulled_from_typed_somebody_is_wronged(
    tmp_path: Path, monkeypatch: Patch, guard: str
) -> None:
    """What git pulled: without each part of the rule, a forgery is signed or the person's words are lost."""
    require("git")
    from tests.security import test_behind_our_back as behind

    target, pulled = Target(tmp_path), behind.test_what_a_pull_brings_is_judged_as_incoming
    if guard == "arrived":
        monkeypatch.setattr("vaultkit.driver.brought.brought_by", lambda *_: frozenset())
        with pytest.raises(AssertionError):
            behind.test_a_pull_while_the_remote_cannot_be_reached_waits(target)
    elif guard == "foreign":
        monkeypatch.setattr(
            "vaultkit.core.cycle.taking_in.foreign_versions", lambda objects, *_: Versions(objects)
        )
        with pytest.raises(AssertionError):
            pulled(target, behind.by_another_repository, behind.edit_notes)
    elif guard == "sighted":
        real = replay._without_foreign
        monkeypatch.setattr(replay, "_without_foreign", lambda *given: real(*given[:4], {}))
        with pytest.raises(AssertionError):
            pulled(target, behind.by_another_repository, behind.forge)
    else:
        monkeypatch.setattr("vaultkit.effects.objects.store.committed_here", lambda _: frozenset())
        with pytest.raises((AssertionError, OSError)):
            behind.test_what_the_person_commits_with_git_is_the_persons(target)


def test_without_telling_whose_change_it_is_violations_are_laundered_or_decisions_lost(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    """A commit on top of a violation: by plain git it must not adopt it, by vaultkit it must be able to."""
    from tests.core.test_fold import test_nobody_launders_a_violation_by_committing_on_top as laundering
    from tests.security.test_behind_our_back import (
        test_the_person_may_do_just_what_somebody_forged as decided,
    )

    monkeypatch.setattr(fold, "stands_on_effective_tree", lambda _: True)
    with pytest.raises(AssertionError):
        laundering()
    monkeypatch.setattr(fold, "stands_on_effective_tree", lambda _: False)
    laundering()
    with pytest.raises(AssertionError):
        decided(Target(tmp_path))


def test_without_admission_an_adopted_link_is_written(odd_repository: Path, monkeypatch: Patch) -> None:
    """What may not stand on a disk: if every entry might, who joins would write what a link says."""
    monkeypatch.setattr(admission, "is_note", lambda *_: True)
    with pytest.raises((AssertionError, KeyError)):
        adopted(odd_repository)
