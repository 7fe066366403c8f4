"""A vault's folder in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from vaultkit.memory.platter import MemoryFile, Platter
from vaultkit.ports import Item, Kind, Stamp

TEMPORARY = ".vk-"


@dataclass
class MemoryDisk:
    """The Disk port in memory. `before_write` is called between comparing and writing, to interfere;
    `after_write` as soon as a note is written. `now` is the time (UTC seconds) that files are stamped with.
    `witness` sees each write of the port: the path, what was there, and what is now (b"": no file).

    What other programs write is durable once `flush` is called, what the port writes as the port says;
    `power_cut` decides by chance what becomes of the rest: kept, lost or torn.
    """

    files: dict[str, MemoryFile] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    before_write: Callable[[str], None] | None = None
    after_write: Callable[[str], None] | None = None
    now: Callable[[], float] = lambda: 0.0
    witness: Callable[[str, bytes, bytes], None] | None = None
    _ticks: int = 0
    _platter: Platter = field(default_factory=Platter)
    _in_bulk: bool = False

    # What a person does

    def put(self, path: str, data: bytes | None) -> None:
        """Write a file in place, as another program would (None: something that is no file)."""
        self._make_folders(path)
        old = self.files.get(path)
        stamp = self._stamp(len(data or b""), old.stamp.inode if old else 0)
        self.files[path] = MemoryFile(data, stamp, shared=bool(old and old.shared), typed=True)
        self._platter.risk(path)

    def share(self, path: str) -> None:
        """Give a file a second name outside the vault."""
        file = self.files[path]
        self.files[path] = MemoryFile(file.data, self._stamp(file.stamp.size, file.stamp.inode), shared=True)

    def take(self, path: str) -> bytes | None:
        """Remove a file as another program would; what it held."""
        self._platter.risk(path)
        return self.files.pop(path).data

    def move(self, src: str, dst: str) -> None:
        """Rename a file as another program would: over whatever is there, and wholly or not at all."""
        self._make_folders(dst)
        self.files[dst] = self.files.pop(src)
        self._platter.risk(src, dst)

    def make_folder(self, path: str) -> None:
        self._make_folders(f"{path}/x")

    # What becomes of it

    def flush(self) -> None:
        """All that was written is durable from now on."""
        self._platter.sync_all(self.files)

    def unsaved(self) -> bytes:
        """What other programs wrote and a power cut may still take: nobody can promise to keep that."""
        files = self.files.values()
        return b"".join(f.data for f in files if f.typed and f.data and not self._platter.has(f))

    def power_cut(self, chance: Random) -> None:
        """What was not durable is there, or as it was before, or there in part."""
        self._platter.power_cut(self.files, chance)

    # The port

    def items(self, folder: str) -> list[Item]:
        prefix = f"{folder}/" if folder else ""
        found = [Item(n, Kind.FOLDER, Stamp(0, 0, 0, 0)) for n in self._children(prefix, self.folders)]
        for name in self._children(prefix, self.files):
            file = self.files[prefix + name]
            found.append(Item(name, file.kind, file.stamp))
        return found

    def item(self, path: str) -> Item | None:
        folder, _, name = path.rpartition("/")
        return next((item for item in self.items(folder) if item.name == name), None)

    def read(self, path: str, most: int) -> tuple[bytes, Stamp] | None:
        file = self.files.get(path)
        if file is None or file.kind is not Kind.FILE or file.data is None or len(file.data) > most:
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
            self.witness(path, (before.data if before else None) or b"", new)
        self._make_folders(path)
        self.files[path] = MemoryFile(new, self._stamp(len(new)), whole=True)
        self._written(path)
        stamp = self.files[path].stamp
        if self.after_write:
            self.after_write(path)
        return stamp

    def remove(self, path: str, expected: bytes) -> bool:
        if not self._holds(path, expected):
            return False
        if self.witness:
            self.witness(path, self.files[path].data or b"", b"")
        del self.files[path]
        self._written(path)
        self._remove_empty(path.rpartition("/")[0])
        return True

    def rename(self, src: str, dst: str) -> bool:
        if src not in self.files or self.files[src].data is None or self.item(dst) or self._blocked(dst):
            return False
        self.move(src, dst)
        self._platter.sync(self.files, src, dst)
        return True

    def clear(self, folder: str, items: Iterable[Item]) -> bool:
        """A write in memory is done at once and leaves nothing; what is there by such a name goes."""
        files = [item.name for item in items if item.kind in (Kind.FILE, Kind.SHARED)]
        left = [name for name in files if name.startswith(TEMPORARY) and name.endswith(".tmp")]
        for name in left:
            self.files.pop(f"{folder}/{name}" if folder else name, None)
        return bool(left)

    @contextmanager
    def bulk(self, contents: Iterable[tuple[str, bytes]] = ()) -> Iterator[None]:
        self._in_bulk = True
        try:
            yield
            self.flush()
        finally:
            self._in_bulk = False

    def keep(self, paths: Iterable[str]) -> None:
        self._platter.sync(self.files, *paths)

    # Small things

    def _written(self, *paths: str) -> None:
        if self._in_bulk:
            self._platter.risk(*paths)
        else:
            self._platter.sync(self.files, *paths)

    def _holds(self, path: str, expected: bytes | None) -> bool:
        if self.item(path) is None or expected is None:
            return self.item(path) is None and expected is None
        file = self.files.get(path)
        return file is not None and file.kind is Kind.FILE and file.data == expected

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
