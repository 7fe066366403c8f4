"""A vault's folder in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from vaultkit.ports import Item, Kind, Stamp


@dataclass(slots=True)
class MemoryFile:
    """What stands at a path; `data` is None for something that is no file (a link, a pipe)."""

    data: bytes | None
    stamp: Stamp


@dataclass
class MemoryDisk:
    """The Disk port in memory. `before_write` is called between comparing and writing, to interfere;
    `after_write` as soon as a note is written. `now` is the time (UTC seconds) that files are stamped with.
    `witness` sees each write of the port: the path, what was there, and what is now (b"": no file).

    What other programs write is durable once `flush` is called, what the port writes as the port says;
    `power_cut` decides by chance, path by path, what becomes of the rest.
    """

    files: dict[str, MemoryFile] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    before_write: Callable[[str], None] | None = None
    after_write: Callable[[str], None] | None = None
    now: Callable[[], float] = lambda: 0.0
    witness: Callable[[str, bytes, bytes], None] | None = None
    _ticks: int = 0
    _durable: dict[str, bytes | None] = field(default_factory=dict)
    _volatile: dict[str, None] = field(default_factory=dict)
    _in_bulk: bool = False

    # What a person does

    def put(self, path: str, data: bytes | None) -> None:
        """Write a file in place, as another program would (None: something that is no file)."""
        self._make_folders(path)
        inode = self.files[path].stamp.inode if path in self.files else 0
        self.files[path] = MemoryFile(data, self._stamp(len(data or b""), inode))
        self._volatile[path] = None

    def take(self, path: str) -> bytes | None:
        """Remove a file as another program would; what it held."""
        self._volatile[path] = None
        return self.files.pop(path).data

    def move(self, src: str, dst: str) -> None:
        """Rename a file as another program would: over whatever is there, and wholly or not at all."""
        self._make_folders(dst)
        self.files[dst] = self.files.pop(src)
        self._keep(src, dst)

    def make_folder(self, path: str) -> None:
        self._make_folders(f"{path}/x")

    # What becomes of it

    def flush(self) -> None:
        """All that was written is durable from now on."""
        self._keep(*self._volatile)

    def power_cut(self, chance: Random) -> None:
        """What was not durable is there, as it was before, or (half a file) torn, each path for itself."""
        for path in self._volatile:
            fate = chance.choice(("kept", "lost", "torn"))
            file = self.files.get(path)
            if fate == "torn" and file and file.data:
                self.files[path] = MemoryFile(file.data[: chance.randrange(len(file.data))], self._stamp(0))
            elif fate != "kept":
                self._bring_back(path)
        self.flush()

    def _bring_back(self, path: str) -> None:
        if path not in self._durable:
            self.files.pop(path, None)
        elif path not in self.files or self.files[path].data != self._durable[path]:
            self.put(path, self._durable[path])

    def _keep(self, *paths: str) -> None:
        for path in paths:
            self._volatile.pop(path, None)
            if path in self.files:
                self._durable[path] = self.files[path].data
            else:
                self._durable.pop(path, None)

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
        if self.witness:
            self.witness(path, expected or b"", new)
        self._make_folders(path)
        self.files[path] = MemoryFile(new, self._stamp(len(new)))
        self._written(path)
        stamp = self.files[path].stamp
        if self.after_write:
            self.after_write(path)
        return stamp

    def remove(self, path: str, expected: bytes) -> bool:
        if not self._holds(path, expected):
            return False
        if self.witness:
            self.witness(path, expected, b"")
        del self.files[path]
        self._written(path)
        self._remove_empty(path.rpartition("/")[0])
        return True

    def rename(self, src: str, dst: str) -> bool:
        if src not in self.files or self.files[src].data is None or self.item(dst) or self._blocked(dst):
            return False
        self.move(src, dst)
        return True

    def clear(self, folder: str, items: Iterable[Item]) -> bool:
        """Nothing is ever left here: a write in memory is done at once."""
        return False

    @contextmanager
    def bulk(self) -> Iterator[None]:
        self._in_bulk = True
        try:
            yield
            self.flush()
        finally:
            self._in_bulk = False

    # Small things

    def _written(self, *paths: str) -> None:
        if self._in_bulk:
            self._volatile |= dict.fromkeys(paths)
        else:
            self._keep(*paths)

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

    def _stamp(self, size: int, inode: int = 0) -> Stamp:
        self._ticks += 1
        time = int(self.now() * 1e9) + self._ticks
        return Stamp(size, time, time, inode or self._ticks)

    @staticmethod
    def _children(prefix: str, paths: Iterable[str]) -> list[str]:
        names = (path[len(prefix) :] for path in paths if path.startswith(prefix))
        return sorted(name for name in names if name and "/" not in name)
