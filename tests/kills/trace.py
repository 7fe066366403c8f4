"""What strace wrote: the calls that change the disk, and which of them touch a folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.kills.warm import MARK

CHANGING = (
    "openat write pwrite64 rename renameat unlink unlinkat mkdir mkdirat rmdir link linkat ftruncate"
    " fsync fdatasync chmod fchmod utimensat"
)
"""The calls at which vaultkit is killed."""

ALSO = (
    "open creat writev pwritev renameat2 symlink symlinkat truncate fallocate fchmodat copy_file_range sync"
)
"""Calls that would change the disk too, and have to be in `CHANGING` once vaultkit makes one."""

TRACED = ",".join(f"?{name}" for name in f"{CHANGING} {ALSO}".split())
_LINE = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<rest>.*)")
_RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)")
_WRITES = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)")
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
_HANDLE = re.compile(r"(?:AT_FDCWD|\d+)<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: by which thread (0: the first), its name, which of that name it is in the thread."""

    thread: int
    name: str
    number: int
    words: str

    @property
    def result(self) -> str:
        return self.words.rpartition(" = ")[2]

    @property
    def failed(self) -> bool:
        return self.result.startswith("-1")

    @property
    def changes(self) -> bool:
        """Would it change anything, if it succeeds?"""
        return self.name not in ("openat", "open") or bool(_WRITES.search(self.words))

    def paths(self) -> list[str]:
        """The whole paths it names, in order; a path below an open folder is put together."""
        found, folder = [], ""
        for token in re.finditer(f"{_HANDLE.pattern}|{_PATH.pattern}", self.words.rpartition(" = ")[0]):
            if token[1] is not None:
                folder = token[1]
                found += [folder] if self.name in _ON_HANDLE else []
            elif self.name not in _ON_HANDLE:
                found.append(token[2] if token[2].startswith("/") else f"{folder}/{token[2]}")
        return found


_ON_HANDLE = ("write", "pwrite64", "ftruncate", "fsync", "fdatasync", "fchmod")


def read_calls(lines: Iterable[str]) -> list[Call]:
    """All calls, in the order in which they began; what the head start and the marks made is left out."""
    threads: dict[str, int] = {}
    counted: Counter[tuple[int, str]] = Counter()
    found = []
    for tid, name, words in _whole_lines(lines):
        if MARK in words:
            threads[tid] = int(words.partition(MARK)[2].partition('"')[0])
        thread = threads.get(tid, 0)
        counted[thread, name] += 1
        found.append(Call(thread, name, counted[thread, name], words))
    return found


def _whole_lines(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Calls that another thread's came into are put together again, where they began."""
    whole: list[list[str]] = []
    open_: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        if match := _LINE.match(line):
            whole.append([match["thread"], match["name"], match["rest"]])
            if match["rest"].endswith("<unfinished ...>"):
                open_[match["thread"], match["name"]] = whole[-1]
        elif match := _RESUMED.match(line):
            begun = open_.pop((match["thread"], match["name"]), ["", "", ""])
            begun[2] = begun[2].removesuffix("<unfinished ...>") + match["rest"]
    return ((tid, name, words) for tid, name, words in whole)


def kill_points(calls: Iterable[Call], folder: str) -> list[Call]:
    """The calls that change something in `folder`."""
    found = [call for call in calls if call.changes and any(p.startswith(folder) for p in call.paths())]
    unforeseen = {call.name for call in found} - set(CHANGING.split())
    assert not unforeseen, f"vaultkit changes the disk in a new way: {unforeseen}"
    return found
