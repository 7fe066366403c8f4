"""The vault's folder: looking, and writing by compare-and-set."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from enum import Enum
from typing import NamedTuple, Protocol


class Stamp(NamedTuple):
    """What `stat` says about a file; an equal stamp means unread content need not be read again."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Kind(Enum):
    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"  # a link, a pipe, a device: never followed, never opened
    SHARED = "shared"  # a file that has another name too, who knows where: never read


class Item(NamedTuple):
    """One name in a folder of the vault."""

    name: str
    kind: Kind
    stamp: Stamp


class Disk(Protocol):
    """The vault's folder. Paths are relative, with `/`; links are never followed.

    Raises OSError where the system does (a full or read-only disk, no permission), after leaving
    the old content whole: a path holds an old or a new content, never a torn or an empty one.
    """

    def items(self, folder: str) -> list[Item]:
        """What is directly in `folder` ("" is the vault); empty if there is no such folder.

        A name that is not UTF-8 comes with surrogates in it.
        """

    def item(self, path: str) -> Item | None:
        """The item at `path`, None if there is none or a folder on the way is a link."""

    def read(self, path: str, most: int) -> tuple[bytes, Stamp] | None:
        """The content, read while it was not changing, with its stamp.

        None if it is no file of one name, is larger than `most` bytes, vanished, or kept changing.
        """

    def replace(self, path: str, expected: bytes | None, new: bytes) -> Stamp | None:
        """Write `new` where `expected` (None: nothing) was; None and no change if it was not.

        The new content appears at once and whole (hidden temporary file, sync, rename); folders on
        the way are made. Returns the new file's stamp.
        """

    def remove(self, path: str, expected: bytes) -> bool:
        """Remove the file if it holds `expected`, and then folders that became empty below the vault's
        own top-level folders; False and no change if it holds something else, or nothing any more."""

    def clear(self, folder: str, items: Iterable[Item]) -> bool:
        """Remove what killed writes left in `folder`, among its `items`; True if there was something.

        Only for a caller that holds the vault's lock: then no write is under way.
        """

    def bulk(self, contents: Iterable[tuple[str, bytes]] = ()) -> AbstractContextManager[object]:
        """While it lasts, what is written need not stay; all of it does when it ends without an error.

        Meanwhile a power cut leaves at each path its whole old content or its whole new one. `contents`
        says what will be written where: so it can be made durable together, before the first is in place.
        """

    def keep(self, paths: Iterable[str]) -> None:
        """No power cut takes back what is at `paths` now, nor that nothing is there, whoever did it."""

    def rename(self, src: str, dst: str) -> bool:
        """Move a file without ever overwriting; False if `src` is gone or `dst` exists."""
