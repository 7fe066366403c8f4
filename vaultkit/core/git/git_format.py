"""Git's own encoding of files, folders and commits; shared by the real and the memory object store.

Anybody may push anything, so reading is strict where a value would be wrong (ValueError) and forgiving
where only a detail is: a commit without a readable time is from 1970, one of the year 30,000 from 9892.

What git would refuse to write comes with lone surrogates in its name, which no real name has: a `/`
inside a name, an empty name, and a name that was there already. So the name rules see and refuse it,
and it can never be taken for what it pretends to be.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

from vaultkit.core.git.bounds import LARGEST, LARGEST_SIGNED_COMMIT
from vaultkit.core.git.tree import FOLDER, Commit, Entry, Folder, Oid
from vaultkit.errors import VaultError


def object_id(kind: str, data: bytes) -> Oid:
    """The hash git gives to an object."""
    digest = object_hash(kind, len(data))
    digest.update(data)
    return Oid(digest.hexdigest())


def storable_id(kind: str, data: bytes) -> Oid:
    """The hash of an object to be stored; VaultError for one so large that it could never be read again."""
    if len(data) > LARGEST[kind]:
        what = "a folder with so many notes directly in it" if kind == "tree" else f"a {kind} this large"
        hint = "Spread the notes over several folders." if kind == "tree" else ""
        raise VaultError(f"{what} cannot be kept: it takes {len(data)} bytes", hint=hint)
    return object_id(kind, data)


def object_hash(kind: str, size: int) -> hashlib._Hash:
    """The hash of an object of `size` bytes, before its content is added."""
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), size), usedforsecurity=False)


SLASH, NO_NAME = "\udc2f", "\udc00"
"""Stand for a `/` inside a name, and for a name that is empty or was there already."""

TOO_LARGE = b"too large to be looked at"
MOST_SUMMARY = 1000

LATEST = 250_000_000_000
"""The latest time a commit is read as having: later ones overflow calendars and databases."""

_ENTRY = re.compile(rb"([0-7]{1,7}) ([^\0]*)\0(.{20})", re.DOTALL)
_OID = re.compile(rb"[0-9a-f]{40}")
_WHO = re.compile(rb"(.*?)(?: (-?\d{1,18}) [-+]?\d{1,6})?", re.DOTALL)


def encode_folder(folder: Folder) -> bytes:
    """A folder as git writes it: sorted by name, where a folder's name counts as ending in `/`."""
    lines = [(_encode_name(name), entry) for name, entry in folder.items()]
    lines.sort(key=lambda line: line[0] + b"/" if line[1].mode == FOLDER else line[0])
    return b"".join(b"%o %s\0%s" % (entry.mode, name, bytes.fromhex(entry.oid)) for name, entry in lines)


def decode_folder(data: bytes) -> dict[str, Entry]:
    """A folder's entries by name, the first where two have one; ValueError for bytes that are no folder."""
    entries: dict[str, Entry] = {}
    at = 0
    while at < len(data):
        line = _ENTRY.match(data, at)
        if line is None:
            raise ValueError("a folder entry is malformed")
        at = line.end()
        name = _decode_name(line[2])
        while name in entries:
            name += NO_NAME
        entries[name] = Entry(int(line[1], 8), Oid(line[3].hex()))
    return entries


def _encode_name(name: str) -> bytes:
    return name.replace(SLASH, "/").replace(NO_NAME, "").encode("utf-8", "surrogateescape")


def _decode_name(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape").replace("/", SLASH) or NO_NAME


def encode_commit(commit: Commit) -> bytes:
    """A commit as git writes it; author and committer are the same, the time is UTC."""
    author = " ".join(commit.author.replace("\0", " ").split("\n"))
    who = f"{author} {commit.time} +0000"
    lines = [f"tree {commit.tree}", *(f"parent {oid}" for oid in commit.parents)]
    lines += [f"author {who}", f"committer {who}"]
    head = "\n".join(lines).encode("utf-8", "replace")
    if commit.signature:
        head += b"\ngpgsig " + commit.signature.rstrip(b"\n").replace(b"\n", b"\n ")
    return head + b"\n\n" + commit.message.replace("\0", " ").encode("utf-8", "surrogateescape")


def decode_commit(data: bytes) -> Commit:
    """A commit, by whatever program it was written; ValueError for bytes that are no commit.

    Of one larger than any signed commit only the beginning is read, and nobody signed it.
    """
    if len(data) > LARGEST_SIGNED_COMMIT:
        start = decode_commit(data[: LARGEST_SIGNED_COMMIT // 2])
        return replace(start, message=start.message[:MOST_SUMMARY], signature=TOO_LARGE, payload=b"")
    head, _, message = data.partition(b"\n\n")
    fields = _header_fields(head)
    oids = [*fields.get(b"tree", [])[:1], *fields.get(b"parent", [])]
    if b"tree" not in fields or not all(_OID.fullmatch(oid) for oid in oids):
        raise ValueError("a commit lacks its tree, or names what is no object")
    tree, *parents = (Oid(oid.decode("ascii")) for oid in oids)
    committer = _WHO.fullmatch(fields.get(b"committer", [b""])[0])
    author = _WHO.fullmatch(fields.get(b"author", [b""])[0])
    return Commit(
        tree=tree,
        parents=tuple(parents),
        author=author[1].decode("utf-8", "replace") if author else "",
        time=min(max(int(committer[2] or 0), 0), LATEST) if committer else 0,
        message=message.decode("utf-8", "surrogateescape"),
        signature=b"\n".join(fields.get(b"gpgsig", [])),
        payload=_without_signatures(head) + data[len(head) :],
    )


def _without_signatures(head: bytes) -> bytes:
    """The header as its signer saw it; git leaves out every field whose name begins like this."""
    return b"\n".join(line for line in _lines(head) if not line.startswith(b"gpgsig"))


def _lines(head: bytes) -> list[bytes]:
    return re.split(rb"\n(?! )", head)


def _header_fields(head: bytes) -> Mapping[bytes, list[bytes]]:
    """Header lines by name; a line that begins with a space goes on with the one before."""
    fields: dict[bytes, list[bytes]] = {}
    for line in _lines(head):
        name, _, value = line.partition(b" ")
        fields.setdefault(name, []).append(value.replace(b"\n ", b"\n"))
    return fields
