"""Which names and contents a power cut could still take back, by the calls that a run made.

Only what must last is looked at: objects, refs, notes, keys, and the machine's configuration. What git
can do without (its index, its log), what is under a temporary name, and what SQLite sees to itself, is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.kills.trace import Call

_TEMPORARY = re.compile(r"(\.vk-\w+\.tmp|/tmp_\w+|\.lock|/vaultkit-[\w-]+-[0-9a-f]{16})( \(deleted\))?$")
_OTHERS = re.compile(r"/(state\.db[\w-]*|index|info/exclude|logs(/.*)?|(\w+\.)?lock(\.\w+)?)$")
_SCRATCH = re.compile(r"/(new-repository|\.[\w.]+\.new)(/|$)")
"""Where a repository is made before it is renamed into place."""

_REF = re.compile(r"/refs/[\w/]+$")
_ADDS = ("rename", "renameat", "link", "linkat", "mkdir", "mkdirat")
_WRITES = ("write", "pwrite64", "ftruncate")


@dataclass
class Disk:
    """What is not on the disk yet, while the calls go by. `at`: the folder that matters."""

    at: str
    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    published: int = 0

    def see(self, calls: Iterable[Call]) -> None:
        for call in calls:
            if not call.failed:
                self._see(call)

    def _see(self, call: Call) -> None:
        paths = call.paths()
        if self._publishes(call, paths):
            self._publish(call)
        if call.name == "sync":
            self.files.clear()
            self.folders.clear()
        elif call.name in ("fsync", "fdatasync"):
            self.files.discard(paths[0])
            self.folders.discard(paths[0])
        elif call.name in _WRITES or (call.name == "openat" and call.changes):
            self._wrote(call, paths[0])
        elif call.name in _ADDS:
            self._added(call, paths)
        elif call.name.startswith("unlink") and "REMOVEDIR" not in call.words:
            self.folders |= {_folder(path) for path in paths if self._matters(path)}

    def _publishes(self, call: Call, paths: list[str]) -> bool:
        """Does it say that something is so? A ref, a committed state, or words to the person."""
        if call.name in ("rename", "renameat"):
            return bool(_REF.search(paths[1]))
        is_state = call.name in ("fsync", "fdatasync") and paths[0].endswith("/state.db-wal")
        return is_state or (call.name == "write" and paths[0].endswith("/said"))

    def _publish(self, call: Call) -> None:
        self.published += 1
        left = sorted(path for path in self.files | self.folders if not _SCRATCH.search(path))
        if left:
            self.broken.append(f"before {call.name}({call.words[:200]}: {left}")

    def _wrote(self, call: Call, path: str) -> None:
        if path.startswith(self.at) and not _OTHERS.search(path):
            if call.name == "openat" and "O_CREAT" in call.words and not _TEMPORARY.search(path):
                self.folders.add(_folder(path))
            if call.name != "openat":
                self.files.add(path)

    def _added(self, call: Call, paths: list[str]) -> None:
        """A name for a file whose content may be lost is no better than no name."""
        new = paths[-1]
        if not self._matters(new):
            return
        left = sorted(path for path in self.files | self.folders if _is_in(path, paths[0]))
        if len(paths) == 2 and left:
            self.broken.append(f"{call.name} of {paths[0]} before these are on the disk: {left}")
        self.folders.add(_folder(new))
        if call.name.startswith("rename") and self._matters(paths[0]):
            self.folders.add(_folder(paths[0]))

    def _matters(self, path: str) -> bool:
        inside = path.startswith(self.at) and not _OTHERS.search(path)
        is_scratch = _SCRATCH.search(path) and not _SCRATCH.search(_folder(path))
        return inside and not is_scratch and not _TEMPORARY.search(path)


def _is_in(path: str, place: str) -> bool:
    """Is it that file or folder, or in it?"""
    return path == place or path.startswith(f"{place}/")


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
