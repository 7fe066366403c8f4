"""What must hold after a kill, and after the restart."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.kills.folders import CLOUD, LOCAL, REMOTE
from tests.servers import require

VAULTS = (LOCAL, CLOUD)
SYNCED = (".md", ".txt", ".base", ".canvas")
MARKERS = (b"<<<<<<<", b">>>>>>>", b"|||||||")
_OF_THIS_RUN = re.compile(rb"ssh-ed25519 [\w+/=]+|\d{4}-\d\d-\d\dT[\d:]+Z?")


def notes(vault: Path) -> dict[str, bytes]:
    """All notes of a vault on the disk, by path."""
    found = {}
    for folder, folders, files in os.walk(vault):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.endswith(SYNCED) and not name.startswith("."):
                path = Path(folder, name)
                found[path.relative_to(vault).as_posix()] = path.read_bytes()
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """The notes of all vaults."""
    found = {vault: notes(folder / vault) for vault in VAULTS}
    return {f"{vault}/{path}": found[vault][path] for vault in found for path in found[vault]}


def blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def alike(content: bytes) -> bytes:
    """The content without what differs from run to run: keys and times."""
    return _OF_THIS_RUN.sub(b"*", content)


def repositories(folder: Path) -> list[Path]:
    return [r for r in (folder / REMOTE, *(folder / v / ".git" for v in VAULTS)) if (r / "HEAD").exists()]


def ask_git(repository: Path, *words: str, given: str = "") -> str:
    command = [require("git"), "--git-dir", str(repository), *words]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {words} in {repository}: {done.stdout}{done.stderr}"
    return done.stdout


@dataclass
class Known:
    """Which contents are whole: what was saved before, and what an untouched run writes."""

    blobs: set[str] = field(default_factory=set)
    contents: set[bytes] = field(default_factory=set)
    saved: dict[str, str] = field(default_factory=dict)

    def learn(self, there: dict[str, bytes]) -> None:
        """These contents are whole."""
        self.blobs |= {blob(content) for content in there.values()}
        self.contents |= {alike(content) for content in there.values()}

    def with_saved(self, there: dict[str, bytes], before: dict[str, bytes]) -> Known:
        """What a person has saved just now is whole, and must never be lost."""
        known = Known(self.blobs.copy(), self.contents.copy(), self.saved.copy())
        known.learn(there)
        known.saved |= {blob(there[path]): path for path in there if there[path] != before.get(path)}
        return known


def copies(vault: Path) -> list[str]:
    return [path for path in notes(vault) if path.startswith("Conflicts/")]


def demand_whole(folder: Path, known: Known) -> None:
    """Each note is an old or a new whole content, and no markers are in any."""
    for path, content in contents(folder).items():
        assert not any(mark in content for mark in MARKERS), f"{path} holds conflict markers"
        if blob(content) in known.blobs or alike(content) in known.contents:
            continue
        held = [_has(repository, blob(content)) for repository in repositories(folder)]
        assert any(held), f"{path} is torn: {content[-200:]!r}"


def _has(repository: Path, oid: str) -> bool:
    return "missing" not in ask_git(repository, "cat-file", "--batch-check", given=f"{oid}\n")


def demand_nothing_lost(folder: Path, known: Known) -> None:
    """Every version that somebody saved is on a disk or in history."""
    missing = known.saved.keys() - {blob(content) for content in contents(folder).values()}
    for repository in repositories(folder) if missing else ():
        missing -= {
            line[:40]
            for line in ask_git(repository, "rev-list", "--objects", "--all", "--reflog").splitlines()
        }
    assert not missing, f"lost: {[known.saved[oid] for oid in missing]}"


def demand_sound_history(folder: Path) -> None:
    """git finds nothing wrong in any repository, and all are at the same commit."""
    for repository in repositories(folder):
        ask_git(repository, "fsck", "--full", "--strict")
    tips = {ask_git(r, "rev-parse", "refs/heads/main").strip() for r in repositories(folder)}
    assert len(tips) == 1, f"the branches differ: {tips}"


def are_equal(folder: Path) -> bool:
    """Do all vaults hold the same notes?"""
    there = [notes(folder / vault) for vault in VAULTS if (folder / vault / ".vaultkit/agent.yaml").exists()]
    return all(one == there[0] for one in there)


def are_in_step(folder: Path) -> bool:
    """Are all branches at the same commit, as far as their files tell?"""
    branches = [repository / "refs/heads/main" for repository in repositories(folder)]
    return len({branch.read_bytes() if branch.exists() else b"" for branch in branches}) == 1


def demand_one_place(folder: Path, names: Iterable[str]) -> None:
    """A note is at one place in each vault."""
    for vault in VAULTS:
        places = Counter(
            p.rpartition("/")[2] for p in notes(folder / vault) if not p.startswith("Conflicts/")
        )
        twice = [name for name in names if places[name] > 1]
        assert not twice, (
            f"in two places of {vault}: {[p for p in notes(folder / vault) if p.rpartition('/')[2] in twice]}"
        )


def unique_names(folder: Path) -> set[str]:
    """The file names that are only one note's in every vault."""
    found: Counter[str] = Counter()
    for vault in VAULTS:
        here = Counter(path.rpartition("/")[2] for path in notes(folder / vault))
        found = found | here
    return {name for name, count in found.items() if count == 1}


def summary(status: str, *, stages: bool) -> dict:
    """What matters of a vault's status; the same after a kill as without one."""
    told = json.loads(status)
    names = ["ahead", "last_error", "violations", "held", "needs_person", "failed_hooks", "broken"]
    found = {name: told[name] for name in [*names, *(["stages"] if stages else [])]}
    found["conflicts"] = sorted({path for path, *_ in (c.values() for c in told["conflicts"])})
    return found
