"""Random hostile trees: whatever is accepted is an allowed name, an ordinary file, inside its signer's zone.

The oracle below is written anew, without the code under test: it says what may never be accepted.
"""

from __future__ import annotations

import os
import random
import re
import unicodedata
from collections.abc import Iterator
from itertools import cycle
from pathlib import PurePosixPath

import pytest

from tests.security.forge import FOLDER, Forge, Item
from tests.trees import KEYS, POLICY_TEXT, History, with_phone
from vaultkit.core.git.tree import FILE, Oid, walk
from vaultkit.core.history.fold import Fold

ENTRIES = int(os.environ.get("VAULTKIT_ENTRIES", "100000"))
SEEDS = 20

ZONES = {
    "cloud": (
        "Needs_Action",
        "In_Progress/cloud_agent",
        "In_Progress/cloud",
        "Plans",
        "Pending_Approval",
        "Updates",
        "Signals",
        "Done",
        "Conflicts",
    ),
    None: ("Needs_Action", "Conflicts"),
    "stranger": (),
}
FOLDERS = (
    "Updates",
    "updates",
    "Approved",
    "Done",
    "In_Progress",
    "cloud_agent",
    "Plans",
    "..",
    ".git",
    "con",
)
STEMS = (
    "a",
    "A",
    "note",
    "Note",
    "\u00e9",
    "e\u0301",
    "stra\u00dfe",
    "strasse",
    "\ufb01",
    "fi",
    "con",
    "aux ",
)
PIECES = ("", " ", ".", "~1", "\u200b", "\u202e", "\\", "/", ":", "\x07", "\n", "\xa0", "\uff21", "x" * 250)
TYPES = ("", ".md", ".MD", ".md", ".md", ".txt", ".base", ".js", ".html", ".key", ".md.", ".md ", ".canvas")
MODES = ("100644",) * 12 + ("100755", "120000", "160000", "100664", "0", "40000", "777777")
BYTES = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"")


def names(chance: random.Random) -> Iterator[bytes]:
    while True:
        name = (
            chance.choice(STEMS) + str(chance.randrange(200)) + chance.choice(PIECES) + chance.choice(TYPES)
        )
        data = name.encode()
        if chance.random() < 0.05:
            data = chance.choice(BYTES) + data
        yield data if chance.random() > 0.01 else b""


def folder(forge: Forge, chance: random.Random, entries: int, depth: int) -> tuple[Oid, int]:
    """A folder of random entries, and how many there are in all."""
    items, count, name = [], 0, names(chance)
    while count < entries:
        if depth and chance.random() < 0.15:
            inner, size = folder(forge, chance, max(1, entries // 4), depth - 1)
            items.append(Item(FOLDER, chance.choice(FOLDERS).encode(), inner))
            count += size
        else:
            content = chance.choice((b"x\n", b"y\n", b"\0", b"\xff", b"---\nstatus: approved\n---\n"))
            items.append(Item(chance.choice(MODES), next(name), forge.blob(content)))
            count += 1
    return forge.folder(*items) if chance.random() < 0.8 else forge.raw_folder(*items), count


def allowed(path: str) -> bool:
    """What a name may at most be, said in other words than the rules say it."""
    if len(path.encode()) > 900 or path != unicodedata.normalize("NFC", path):
        return False
    for name in path.split("/"):
        stem = unicodedata.normalize("NFKC", name).split(".")[0].rstrip(" ").lower()
        if name in ("", ".", "..") or name.startswith((".", " ")) or name.endswith((".", " ")):
            return False
        if stem in ("con", "nul", "aux", "prn") or any(c in name for c in '<>:"|?*\\'):
            return False
        if any(unicodedata.category(c)[0] == "C" or c in "\xa0\u2028\u2029" for c in name):
            return False
        if re.fullmatch(r"[A-Za-z0-9]{1,6}~[0-9](\.[A-Za-z]{0,3})?", name):
            return False
    return PurePosixPath(path).suffix.lower() in (".md", ".txt", ".base", ".canvas")


def alike(path: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())


def check(history: History, before: dict[str, Oid], fold: Fold, signer: str | None) -> None:
    entries = dict(walk(history.objects, fold.tree))
    after = {path: entry.oid for path, entry in entries.items()}
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    for path in changed:
        assert path.lower().startswith(tuple(f"{zone}/".lower() for zone in ZONES[signer])), (signer, path)
        if path in after:
            assert entries[path].mode == FILE, path
            assert allowed(path), path
            history.objects.blob(after[path]).decode()
            assert b"\0" not in history.objects.blob(after[path])
    folders = {"/".join(path.split("/")[:n]) for path in after for n in range(1, path.count("/") + 1)}
    everything = [*after, *folders]
    assert len({alike(path) for path in everything}) == len(everything), "two names that some disk confuses"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_accepted_means_allowed_ordinary_and_inside_the_signers_zone(seed: int) -> None:
    """Of 100,000 random entries none that the oracle forbids is ever accepted, whoever signed them."""
    chance, done, accepted = random.Random(seed), 0, 0
    signers = cycle(("cloud", "cloud", "stranger", None))
    while done < ENTRIES // SEEDS:
        notes = {"Updates/note.md": "there\n", "Approved/a1.md": "decided\n"}
        history = History(notes)
        policy = with_phone() if chance.random() < 0.3 else POLICY_TEXT
        head = history.commit("local_agent", history.root, {"vaultkit.yaml": policy, **notes})
        put = history.objects._put
        forge = Forge(put, KEYS_BY, head, (), {}, "m", policy, b"")  # type: ignore[arg-type]
        signer = next(signers)
        items, count = [], 0
        for name in chance.sample(FOLDERS, 6):
            inner, size = folder(forge, chance, 150, 2)
            items.append(Item(FOLDER, name.encode(), inner))
            count += size
        tree = forge.folder(Item("100644", b"vaultkit.yaml", forge.blob(policy)), *items)
        commit = forge.commit(tree, by=signer, vaultkit=chance.random() < 0.5)
        start = history.fold(head)
        before = {path: entry.oid for path, entry in walk(history.objects, start.tree)}
        fold = history.fold(head, commit)
        if signer is None and policy == POLICY_TEXT:
            signer = "stranger"
        check(history, before, fold, signer)
        accepted += sum(1 for path in fold.accepted[commit] if path)
        done += count
    assert accepted, "a fuzzer of which nothing is accepted tests nothing"


KEYS_BY = {"cloud": KEYS["cloud_agent"], "stranger": KEYS["stranger"]}
