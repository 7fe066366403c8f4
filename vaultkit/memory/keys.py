"""Private keys that a test decides."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vaultkit.core.git.sshsig import public_key


class MemoryKeys:
    """The Keys port in memory: one key for each name, the newest name first; the same name, the same key."""

    def __init__(self, *names: str) -> None:
        self._keys = {public_key(key.public_key().public_bytes_raw()): key for key in map(_key, names)}

    def public(self) -> tuple[str, ...]:
        return tuple(self._keys)

    def sign(self, key: str, data: bytes) -> bytes:
        return self._keys[key].sign(data)


def _key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
