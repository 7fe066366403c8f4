"""Git's own encoding of files, folders and commits; shared by the real and the memory object store."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from vaultkit.core.tree import FOLDER, Commit, Entry, Folder, Oid


def object_id(kind: str, data: bytes) -> Oid:
    """The hash git gives to an object."""
    return Oid(
        hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data, usedforsecurity=False).hexdigest()
    )


def encode_folder(folder: Folder) -> bytes:
    """A folder as git writes it: sorted by name, where a folder's name counts as ending in `/`."""
    lines = [(_encode_name(name), entry) for name, entry in folder.items()]
    lines.sort(key=lambda line: line[0] + b"/" if line[1].mode == FOLDER else line[0])
    return b"".join(b"%o %s\0%s" % (entry.mode, name, bytes.fromhex(entry.oid)) for name, entry in lines)


def decode_folder(data: bytes) -> dict[str, Entry]:
    """A folder's entries by name; ValueError for bytes that are no folder."""
    entries: dict[str, Entry] = {}
    at = 0
    while at < len(data):
        space, zero = data.index(b" ", at), data.index(b"\0", at)
        mode, name = int(data[at:space], 8), data[space + 1 : zero]
        if space > zero or zero + 21 > len(data):
            raise ValueError("a folder entry is cut off")
        at = zero + 21
        entries[_decode_name(name)] = Entry(mode, Oid(data[zero + 1 : at].hex()))
    return entries


def _encode_name(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _decode_name(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def encode_commit(commit: Commit) -> bytes:
    """A commit as git writes it; author and committer are the same, the time is UTC."""
    who = f"{commit.author} {commit.time} +0000"
    lines = [f"tree {commit.tree}", *(f"parent {oid}" for oid in commit.parents)]
    lines += [f"author {who}", f"committer {who}"]
    head = "\n".join(lines).encode()
    if commit.signature:
        head += b"\ngpgsig " + commit.signature.rstrip(b"\n").replace(b"\n", b"\n ")
    return head + b"\n\n" + commit.message.encode("utf-8", "surrogateescape")


def decode_commit(data: bytes) -> Commit:
    """A commit, by whatever program it was written; ValueError for bytes that are no commit."""
    head, _, message = data.partition(b"\n\n")
    fields = _header_fields(head)
    who = re.fullmatch(rb"(.*) (-?\d+) [-+]\d{4}", (fields.get(b"committer") or [b""])[0])
    if b"tree" not in fields or who is None:
        raise ValueError("a commit lacks its tree or its committer")
    author = (fields.get(b"author") or [who[1]])[0].rsplit(b" ", 2)[0]
    return Commit(
        tree=Oid(fields[b"tree"][0].decode("ascii")),
        parents=tuple(Oid(oid.decode("ascii")) for oid in fields.get(b"parent", [])),
        author=author.decode("utf-8", "replace"),
        time=int(who[2]),
        message=message.decode("utf-8", "surrogateescape"),
        signature=(fields.get(b"gpgsig") or [b""])[0],
    )


def _header_fields(head: bytes) -> Mapping[bytes, list[bytes]]:
    """Header lines by name; a line that begins with a space goes on with the one before."""
    fields: dict[bytes, list[bytes]] = {}
    name = b""
    for line in head.split(b"\n"):
        if line.startswith(b" ") and name:
            fields[name][-1] += b"\n" + line[1:]
        else:
            name, _, value = line.partition(b" ")
            fields.setdefault(name, []).append(value)
    return fields
