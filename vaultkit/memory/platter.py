"""What is on a disk in memory for good, and what a power cut makes of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from vaultkit.ports import Kind, Stamp

FATES = ("kept", "lost", "torn")


@dataclass(slots=True)
class MemoryFile:
    """What stands at a path; `data` is None for something that is no file (a link, a pipe).

    `shared`: it has another name elsewhere. `typed`: another program than vaultkit wrote it. `whole`: its
    content was durable before it got its name.
    """

    data: bytes | None
    stamp: Stamp
    shared: bool = False
    typed: bool = False
    whole: bool = False

    @property
    def kind(self) -> Kind:
        if self.data is None:
            return Kind.OTHER
        return Kind.SHARED if self.shared else Kind.FILE


class Platter:
    """The files as they are durable, and the paths where programs see something newer.

    Such paths are in groups, and each group has one fate: a rename is done at both of its ends or at
    neither. Content is on the platter, or not, wherever the file is renamed to.
    """

    def __init__(self) -> None:
        self._durable: dict[str, MemoryFile] = {}
        self._groups: dict[str, list[str]] = {}

    def risk(self, *paths: str) -> None:
        """These were changed together, and nobody made that durable."""
        together = self._together(paths)
        self._groups |= dict.fromkeys(together, together)

    def sync(self, files: dict[str, MemoryFile], *paths: str) -> None:
        """What `files` have at these paths, and what was renamed there or away, is durable."""
        for path in self._together(paths):
            self._groups.pop(path, None)
            self._durable.pop(path, None)
            if path in files:
                self._durable[path] = files[path]

    def _together(self, paths: Iterable[str]) -> list[str]:
        """These paths and all whose fate they share."""
        return list(dict.fromkeys(each for path in paths for each in self._groups.get(path, [path])))

    def sync_all(self, files: dict[str, MemoryFile]) -> None:
        """Everything that `files` have is durable."""
        self.sync(files, *self._groups)

    def has(self, file: MemoryFile) -> bool:
        """Is its content durable?"""
        return file.whole or any(file is durable for durable in self._durable.values())

    def power_cut(self, files: dict[str, MemoryFile], chance: Random) -> None:
        """Change `files` to what is left of them: each group is kept, or as it was before, or torn."""
        for group in list({id(group): group for group in self._groups.values()}.values()):
            fate = chance.choice(FATES)
            for path in group:
                if fate == "lost":
                    self._bring_back(files, path)
                elif fate == "torn":
                    self._tear(files, path, chance)
        self.sync_all(files)

    def _bring_back(self, files: dict[str, MemoryFile], path: str) -> None:
        files.pop(path, None)
        if path in self._durable:
            files[path] = self._durable[path]

    def _tear(self, files: dict[str, MemoryFile], path: str, chance: Random) -> None:
        """Less than the whole of a content that is not durable, perhaps nothing; one that is stays whole."""
        file = files.get(path)
        if file and file.data and not self.has(file):
            data = file.data[: chance.randrange(len(file.data))]
            files[path] = MemoryFile(data, file.stamp._replace(size=len(data)), file.shared, file.typed)
