"""The Keys port over what `.vaultkit/agent.yaml` names: key files, or entries of the OS keyring.

A key that cannot be read is an error with words, not a key less: otherwise a machine would go silent
without saying why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from platformdirs import user_config_path

from vaultkit.core.git.sshsig import public_key
from vaultkit.effects.keys.file import read_key_file, write_key_file
from vaultkit.effects.keys.ring import RING, read_ring, write_ring


class StoredKeys:
    """The keys at the places that `places` names now, the newest first.

    Raises KeyUnusable for one that cannot be read.
    """

    def __init__(self, places: Callable[[], Sequence[str]]) -> None:
        self._places = places
        self._read: tuple[str, ...] = ()
        self._keys: dict[str, Ed25519PrivateKey] = {}

    def public(self) -> tuple[str, ...]:
        return tuple(self._current())

    def sign(self, key: str, data: bytes) -> bytes:
        return self._current()[key].sign(data)

    def _current(self) -> dict[str, Ed25519PrivateKey]:
        """Another process may have made a new key meanwhile."""
        places = tuple(self._places())
        if places != self._read:
            self._keys = {_public(key): key for key in map(_read, places)}
            self._read = places
        return self._keys


def default_home() -> Path:
    """Where this person's keys are, unless VAULTKIT_HOME says otherwise (a face reads that)."""
    return user_config_path("vaultkit", appauthor=False)


def make_key(home: Path, name: str, *, in_keyring: bool = False) -> tuple[str, str]:
    """A new key, stored where only its owner reads it. Returns its place and its public half."""
    key = Ed25519PrivateKey.generate()
    place = write_ring(name, key) if in_keyring else write_key_file(home / "keys", name, key)
    return place, _public(key)


def _read(place: str) -> Ed25519PrivateKey:
    return read_ring(place) if place.startswith(RING) else read_key_file(Path(place))


def _public(key: Ed25519PrivateKey) -> str:
    return public_key(key.public_key().public_bytes_raw())
