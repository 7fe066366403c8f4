"""The attacker: holds Cloud's key, may write to the remote, and builds objects byte by byte.

Nothing here goes through vaultkit's own writers, which would not write such things.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vaultkit.core.git.message import add_trailer
from vaultkit.core.git.sshsig import armored, digest_of, to_be_signed
from vaultkit.core.git.tree import Oid
from vaultkit.core.rules.identity import CHANGE
from vaultkit.ports import Keys

FILE, FOLDER, LINK, MODULE, PROGRAM = "100644", "40000", "120000", "160000", "100755"

Put = Callable[[str, bytes], Oid]
"""Stores an object of a kind, whatever its content, and gives its hash."""


@dataclass(frozen=True)
class Item:
    """One line of a folder as it is to be written: mode, name and hash, none of which need be sane."""

    mode: str
    name: bytes
    oid: Oid


def plant_in(repository: Path) -> Put:
    """Store loose objects in a bare repository."""

    def put(kind: str, content: bytes) -> Oid:
        data = b"%s %d\0" % (kind.encode(), len(content)) + content
        oid = Oid(hashlib.sha1(data, usedforsecurity=False).hexdigest())
        path = repository / "objects" / oid[:2] / oid[2:]
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(data, 1))
        return oid

    return put


@dataclass
class Forge:
    """Builds trees and commits on top of the published head.

    `root` and `folders` are the lines of the published tree and of its folders. `marker` is the name of
    the honest note that each attack brings along, and that must arrive whatever else is in the tree.
    `policy` is the published policy's text, `persons` a commit that the person's machine really made.
    """

    put: Put
    keys: dict[str, Keys]
    head: Oid
    root: Sequence[Item]
    folders: Mapping[bytes, Sequence[Item]]
    marker: str
    policy: str
    persons: bytes
    time: int = 1_800_000_000

    # Objects

    def blob(self, data: bytes | str) -> Oid:
        return self.put("blob", data.encode() if isinstance(data, str) else data)

    def folder(self, *items: Item) -> Oid:
        """A folder with these lines in git's order, as far as there is one."""
        lines = sorted(items, key=lambda i: i.name + (b"/" if i.mode == FOLDER else b""))
        return self.raw_folder(*lines)

    def raw_folder(self, *items: Item) -> Oid:
        """A folder with these lines in this order."""
        lines = (i.mode.encode() + b" " + i.name + b"\0" + bytes.fromhex(i.oid) for i in items)
        return self.put("tree", b"".join(lines))

    def note(self, name: bytes | str, text: bytes | str = "evil\n", mode: str = FILE) -> Item:
        return Item(mode, name.encode() if isinstance(name, str) else name, self.blob(text))

    def into(self, name: bytes | str, *items: Item) -> Item:
        """A folder of that name with these lines."""
        return Item(FOLDER, name.encode() if isinstance(name, str) else name, self.folder(*items))

    # Trees: the published one, the honest marker, and the attack

    def tree(self, *root: Item, **folders: Sequence[Item]) -> Oid:
        """The published tree with the marker, more lines at the root, and more lines in some folders.

        A line takes the place of a published one of the same name.
        """
        added = {name.encode(): list(items) for name, items in folders.items()}
        added.setdefault(b"Updates", []).append(self.note(f"{self.marker}.md", f"{self.marker}\n"))
        lines = {i.name: i for i in self.root}
        for name, items in added.items():
            there = {i.name: i for i in self.folders.get(name, ())}
            kept = [i for i in there.values() if i.name not in {new.name for new in items}]
            lines[name] = self.into(name, *kept, *items)
        taken = {i.name for i in root}
        return self.folder(*(i for i in lines.values() if i.name not in taken), *root)

    # Commits

    def commit(
        self,
        tree: Oid,
        *,
        by: str | None = "cloud",
        parents: Sequence[Oid] | None = None,
        message: str = "an attack",
        vaultkit: bool = True,
        author: str = "local_agent <local_agent@vaultkit.invalid>",
        headers: Sequence[bytes] = (),
    ) -> Oid:
        """A commit in Local's name, signed with the key `by` (None: with none)."""
        text = add_trailer(message, CHANGE, f"{self.marker}-{self.time}") if vaultkit else f"{message}\n"
        self.time += 10
        lines = [b"tree " + tree.encode()]
        lines += [b"parent " + oid.encode() for oid in ([self.head] if parents is None else parents)]
        lines += [f"{word} {author} {self.time} +0000".encode() for word in ("author", "committer")]
        head = b"\n".join([*lines, *headers])
        return self.put("commit", self.signed(head, text.encode("utf-8", "surrogateescape"), by))

    def borrowed(self, tree: Oid) -> bytes:
        """A commit with the signature that the person's machine made for another one."""
        start = self.persons.index(b"\ngpgsig ")
        signature = self.persons[start : self.persons.index(b"\n\n")]
        who = b"local_agent <local_agent@vaultkit.invalid> 1800000000 +0000"
        head = b"tree " + tree.encode() + b"\nparent " + self.head.encode()
        return head + b"\nauthor " + who + b"\ncommitter " + who + signature + b"\n\napprove draft.md\n"

    def signed(self, head: bytes, message: bytes, by: str | None) -> bytes:
        """A commit's bytes with the signature of `by` over what it is."""
        plain = head + b"\n\n" + message
        if by is None:
            return plain
        keys = self.keys[by]
        key = keys.public()[0]
        made = armored(key, "git", keys.sign(key, to_be_signed("git", digest_of(plain))))
        return head + b"\ngpgsig " + made.replace(b"\n", b"\n ") + b"\n\n" + message
