"""Repositories made by the git CLI, to compare with: random histories, packed the way git does it."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers import git, require
from vaultkit.core.git.tree import Oid

WORDS = ("draft", "reply", "invoice", "meeting", "person", "agent", "Monday", "budget", "travel", "note")


def random_repository(path: Path, size: int, seed: int) -> Path:
    """A bare repository with a history of `size` commits, two changed notes each, collected aggressively."""
    git("init", "-q", "--bare", "-b", "main", path)
    grow(path, size, seed)
    git("gc", "-q", "--aggressive", "--prune=now", cwd=path)
    return path


def grow(path: Path, commits: int, seed: int) -> None:
    """Add commits to its branch."""
    chance = random.Random(seed)
    stream = b"".join(_commit(path, chance, number) for number in range(commits))
    command = [require("git"), "fast-import", "--quiet"]
    subprocess.run(command, cwd=path, input=stream, check=True, capture_output=True)


def _commit(path: Path, chance: random.Random, number: int) -> bytes:
    has_branch = (path / "packed-refs").exists() or (path / "refs/heads/main").exists()
    lines = [
        b"commit refs/heads/main\ncommitter Git User <git@example.org> %d +0000" % (1_700_000_000 + number)
    ]
    lines.append(b"data 3\nsay")
    if number == 0 and has_branch:
        lines.append(b"from refs/heads/main^0")
    for note in chance.sample(range(15), 2):
        name = f"notes/{note % 3}/{note}.md"
        content = _text(chance)
        lines.append(b"M 100644 inline %s\ndata %d\n%s" % (name.encode(), len(content), content))
    return b"\n".join(lines) + b"\n"


def _text(chance: random.Random) -> bytes:
    """Long enough to be worth a difference, and like the others."""
    lines = [f"{WORDS[n % len(WORDS)]} line {n} of every note, the same in all of them" for n in range(120)]
    for _ in range(5):
        lines[chance.randrange(120)] = " ".join(chance.choice(WORDS) for _ in range(12))
    return "\n".join(lines).encode()


def objects_of(path: Path) -> dict[Oid, tuple[str, bytes]]:
    """Every object there, as git itself reads it."""
    command = [require("git"), "cat-file", "--batch", "--batch-all-objects"]
    out = subprocess.run(command, cwd=path, check=True, capture_output=True).stdout
    found, at = {}, 0
    while at < len(out):
        end = out.index(b"\n", at)
        oid, kind, size = out[at:end].decode().split()
        found[Oid(oid)] = kind, out[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
    return found


def packed(path: Path, revisions: Sequence[str], *, offsets: bool = True, thin: bool = False) -> bytes:
    """A pack of these revisions as a git server would send it."""
    options = ["--delta-base-offset"] * offsets + ["--thin", "--no-use-bitmap-index"] * thin
    command = [require("git"), "pack-objects", "--revs", "--stdout", "-q", *options]
    given = "".join(f"{revision}\n" for revision in revisions).encode()
    return subprocess.run(command, cwd=path, input=given, check=True, capture_output=True).stdout
