"""Keys in the operating system's keyring, through the optional package `keyring`."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vaultkit.errors import KeyUnusable

if TYPE_CHECKING:
    from types import ModuleType

RING = "keyring:"
SERVICE = "vaultkit key"
HINT = "Install `obsidian-vaultkit[keyring]` and unlock the keyring, or use a key file."


def write_ring(name: str, key: Ed25519PrivateKey) -> str:
    """Store a private key in the keyring; returns the place to write into `agent.yaml`."""
    entry = f"{name}-{secrets.token_hex(4)}"
    try:
        _keyring().set_password(SERVICE, entry, key.private_bytes_raw().hex())
    except Exception as error:  # every backend has errors of its own
        raise KeyUnusable(f"the keyring takes no key: {error}", hint=HINT) from error
    return RING + entry


def read_ring(place: str) -> Ed25519PrivateKey:
    """The private key at `place`. KeyUnusable if the keyring has none, or does not open."""
    try:
        text = _keyring().get_password(SERVICE, place.removeprefix(RING))
    except Exception as error:
        raise KeyUnusable(f"the keyring cannot be read: {error}", hint=HINT) from error
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text or ""))
    except ValueError as error:
        raise KeyUnusable(f"the keyring holds no key {place}", hint=HINT) from error


def _keyring() -> ModuleType:
    try:
        import keyring
    except ImportError as error:
        raise KeyUnusable("the package keyring is not installed", hint=HINT) from error
    return keyring
