"""A vault's folder in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from vaultkit.ports import Item, Kind, Stamp


@dataclass(slots=True)
class MemoryFile:
    """What stands at a path; `data` is None for something that is no file (a link, a pipe)."""

    data: bytes | None
    stamp: Stamp


@dataclass
class MemoryDisk:
    """The Disk port in memory. `before_write` is called between comparing and writing, to interfere;
    `after_write` as soon as a note is written.
    """

    files: dict[str, MemoryFile] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    before_write: Callable[[str], None] | None = None
    after_write: Callable[[str], None] | None = None
    _ticks: int = 0

    # What a person does

    def put(self, path: str, data: bytes | None) -> None:
        """Write a file as another program would (None: something that is no file)."""
        self._make_folders(path)
        self.files[path] = MemoryFile(data, self._stamp(len(data or b"")))

    def make_folder(self, path: str) -> None:
        self._make_folders(f"{path}/x")

    # The port

    def items(self, folder: str) -> list[Item]:
        prefix = f"{folder}/" if folder else ""
        found = [Item(n, Kind.FOLDER, Stamp(0, 0, 0, 0)) for n in self._children(prefix, self.folders)]
        for name in self._children(prefix, self.files):
            file = self.files[prefix + name]
            found.append(Item(name, Kind.OTHER if file.data is None else Kind.FILE, file.stamp))
        return found

    def item(self, path: str) -> Item | None:
        folder, _, name = path.rpartition("/")
        return next((item for item in self.items(folder) if item.name == name), None)

    def read(self, path: str, most: int) -> tuple[bytes, Stamp] | None:
        file = self.files.get(path)
        if file is None or file.data is None or len(file.data) > most:
            return None
        return file.data, file.stamp

    def replace(self, path: str, expected: bytes | None, new: bytes) -> Stamp | None:
        if self._blocked(path) or not self._holds(path, expected):
            return None
        if expected == new:
            return self.files[path].stamp
        before = self.files.get(path)
        if self.before_write:
            self.before_write(path)
        if self.files.get(path) is not before:
            return None
        self.put(path, new)
        stamp = self.files[path].stamp
        if self.after_write:
            self.after_write(path)
        return stamp

    def remove(self, path: str, expected: bytes) -> bool:
        if path not in self.files:
            return True
        if not self._holds(path, expected):
            return False
        del self.files[path]
        self._remove_empty(path.rpartition("/")[0])
        return True

    def rename(self, src: str, dst: str) -> bool:
        if src not in self.files or self.files[src].data is None or self.item(dst) or self._blocked(dst):
            return False
        self._make_folders(dst)
        self.files[dst] = self.files.pop(src)
        return True

    def clear(self, folder: str, items: Iterable[Item]) -> bool:
        """Nothing is ever left here: a write in memory is done at once."""
        return False

    @contextmanager
    def bulk(self) -> Iterator[None]:
        yield

    # Small things

    def _holds(self, path: str, expected: bytes | None) -> bool:
        if self.item(path) is None or expected is None:
            return self.item(path) is None and expected is None
        return path in self.files and self.files[path].data == expected

    def _blocked(self, path: str) -> bool:
        """Is a folder on the way a file?"""
        parts = path.split("/")
        return any("/".join(parts[:n]) in self.files for n in range(1, len(parts)))

    def _make_folders(self, path: str) -> None:
        parts = path.split("/")
        self.folders |= {"/".join(parts[:n]) for n in range(1, len(parts))}

    def _remove_empty(self, folder: str) -> None:
        while "/" in folder and not self.items(folder):
            self.folders.discard(folder)
            folder = folder.rpartition("/")[0]

    def _stamp(self, size: int) -> Stamp:
        self._ticks += 1
        return Stamp(size, self._ticks, self._ticks, self._ticks)

    @staticmethod
    def _children(prefix: str, paths: Iterable[str]) -> list[str]:
        names = (path[len(prefix) :] for path in paths if path.startswith(prefix))
        return sorted(name for name in names if name and "/" not in name)
