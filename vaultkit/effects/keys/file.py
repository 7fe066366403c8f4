"""Key files as OpenSSH writes them, readable by their owner alone."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from vaultkit.durable import make_folders, sync
from vaultkit.errors import KeyUnusable

MOST_BYTES = 64 * 1024
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_key_file(folder: Path, name: str, key: Ed25519PrivateKey) -> str:
    """Store a private key under a fresh name in `folder`, durably; returns the path."""
    make_folders(str(folder))
    folder.chmod(0o700)
    path = folder / f"{name}-{secrets.token_hex(4)}"
    data = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync(str(folder))
    return str(path)


def read_key_file(path: Path) -> Ed25519PrivateKey:
    """The private key in a file. KeyUnusable if there is none, or others may read it."""
    try:
        with open(path, "rb") as file:
            _refuse_readable(path, os.fstat(file.fileno()))
            data = file.read(MOST_BYTES)
    except OSError as error:
        hint = "Restore it from a backup, or make a new one: `vaultkit agents rotate`."
        raise KeyUnusable(f"the key file {path} cannot be read: {error.strerror}", hint=hint) from error
    try:
        key = load_ssh_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path)
    return key


def _no_key(path: Path) -> KeyUnusable:
    hint = "It must be an unencrypted Ed25519 key as `ssh-keygen -t ed25519` writes it."
    return KeyUnusable(f"the file {path} holds no key that vaultkit can use", hint=hint)


def _refuse_readable(path: Path, info: os.stat_result) -> None:
    if os.name == "posix" and info.st_mode & OTHERS:
        raise KeyUnusable(f"others may read the key file {path}", hint=f"Run `chmod 600 {path}`.")
