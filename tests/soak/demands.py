"""What must hold once nobody edits any more. Each demand says what is broken, in words."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.desk import Desk, run, text
from tests.kills.demands import MARKERS, ask_git, notes, repositories
from tests.soak.ledger import Ledger, words_in
from tests.soak.notes import identity

TEMPORARY = (".vk-*.tmp", "*.md.tmp")
LOCKS = ("*.lock",)
BESIDE = (" (local_agent", " (cloud_agent")
"""In the name of a note that stands beside another one of its name: vaultkit says so, and why."""

SENT_BACK = b"\nrejected_by: "


def all_demands(desk: Desk, ledger: Ledger) -> list[str]:
    """Everything that is broken, except that notes may stand twice: see `one_place`."""
    found = [*equal_trees(desk)]
    for vault in (desk.local, desk.cloud):
        for demand in (healthy, at_rest, no_markers, nothing_left_behind, no_traceback):
            found += [f"{vault.name}: {broken}" for broken in demand(vault)]
    return [*found, *sound_repositories(desk), *no_word_lost(desk, ledger)]


def equal_trees(desk: Desk) -> Iterator[str]:
    one, other = notes(desk.local), notes(desk.cloud)
    yield from (f"differs: {path}" for path in sorted(one.keys() | other) if one.get(path) != other.get(path))


def healthy(vault: Path) -> Iterator[str]:
    """Conflict copies are no illness: they wait for the person."""
    told = json.loads(run(vault, "status", "--json").stdout)
    ill = ("ahead", "last_error", "violations", "held", "failed_hooks", "broken", "silent")
    yield from (f"status tells {name}: {told[name]}" for name in ill if told[name])
    yield from (f"status tells deletions: {told['deletions']}" for part in told["deletions"].values() if part)


def at_rest(vault: Path) -> Iterator[str]:
    """A sync has nothing to do."""
    done = run(vault, "sync", "--json")
    told = json.loads(done.stdout)
    if done.returncode not in (0, 3) or told["ending"] != "in step":
        yield f"sync ends with {done.returncode}: {done.stdout}{done.stderr}"
    if told["commits"] or told["written"]:
        yield f"sync still had to do: {told['commits']} commits, written {told['written']}"


def no_markers(vault: Path) -> Iterator[str]:
    for path, data in notes(vault).items():
        if any(mark in data for mark in MARKERS):
            yield f"conflict markers in {path}"


def one_place(vault: Path) -> Iterator[str]:
    """A note stands once, beside what is in `Conflicts/` and what vaultkit has put beside a name's owner.

    A task that the hook `send_back` made of a rejected draft quotes that draft; it is not the draft.
    """
    places = defaultdict(list)
    for path, data in notes(vault).items():
        is_apart = path.startswith("Conflicts/") or any(mark in path for mark in BESIDE)
        if not is_apart and SENT_BACK not in data:
            places[identity(data)].append(path)
    yield from (f"note {key!r} is at {at}" for key, at in places.items() if key and len(at) > 1)


def nothing_left_behind(vault: Path) -> Iterator[str]:
    left = [path for pattern in TEMPORARY for path in vault.rglob(pattern)]
    left += [path for pattern in LOCKS for path in (vault / ".git").rglob(pattern)]
    yield from (f"left behind: {path.relative_to(vault)}" for path in left)


def no_traceback(vault: Path) -> Iterator[str]:
    logs = [vault.parent / f"{vault.name}.log", *(vault / ".vaultkit/logs").iterdir()]
    for log in logs:
        yield from (f"{log.name} tells {word}" for word in ("Traceback", "bug:") if word in text(log))


def sound_repositories(desk: Desk) -> Iterator[str]:
    """git finds nothing wrong, and all are at the same commit."""
    found = repositories(desk.folder)
    for repository in found:
        try:
            ask_git(repository, "fsck", "--full", "--strict")
        except AssertionError as error:
            yield str(error)
    tips = {ask_git(repository, "rev-parse", "refs/heads/main") for repository in found}
    if len(tips) > 1:
        yield f"the branches differ: {tips}"


def no_word_lost(desk: Desk, ledger: Ledger) -> Iterator[str]:
    """Each is in a note, or in what the branches' history holds."""
    found = words_on_disk(desk) | words_in_history(desk)
    for word, saved in ledger.demanded():
        if word not in found:
            yield f"lost: {word!r} of {saved}"


def words_on_disk(desk: Desk) -> set[bytes]:
    there = [data for vault in (desk.local, desk.cloud) for data in notes(vault).values()]
    return words_in(b"\n".join(there))


def words_in_history(desk: Desk) -> set[bytes]:
    """Of every version of every note below the branches: `git log` shows each word when it came."""
    found: set[bytes] = set()
    for repository in repositories(desk.folder):
        objects = ask_git(repository, "rev-list", "--objects", "--branches")
        oids = "\n".join(line[:40] for line in objects.splitlines() if line.endswith(".md"))
        found |= words_in(ask_git(repository, "cat-file", "--batch", given=f"{oids}\n").encode())
    return found
