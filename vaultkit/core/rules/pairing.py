"""The pairing line: an agent's name and public key in one short line that a person carries over.

`cloud_agent:` and the 32 bytes of the key with a checksum, in base64. It is no secret. Whoever trusts
it says: what this key signs, this agent did.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from vaultkit.core.git.sshsig import public_key, raw_key, read_public_key

CHECK_BYTES = 4


class Pairing(NamedTuple):
    """An agent's name and its public key."""

    name: str
    key: str


def write_pairing(pairing: Pairing) -> str:
    """The line for the other machine."""
    raw = raw_key(pairing.key)
    text = base64.urlsafe_b64encode(raw + _check(pairing.name, raw)).decode()
    return f"{pairing.name}:{text.rstrip('=')}"


def read_pairing(line: str) -> Pairing:
    """The agent that a pairing line, or `NAME ssh-ed25519 AAAA...`, names; ValueError says what is wrong."""
    text = " ".join(line.split())
    name, _, rest = text.partition(" ")
    if rest:
        return Pairing(name.rstrip(":"), read_public_key(rest))
    name, _, code = text.partition(":")
    raw = _decode(code)
    if not name or len(raw) != 32 + CHECK_BYTES:
        raise ValueError("it is no pairing line; `vaultkit agents show` prints one on the other machine")
    if _check(name, raw[:32]) != raw[32:]:
        raise ValueError("a character of the pairing line is wrong or missing; copy it once more")
    return Pairing(name, public_key(raw[:32]))


def _check(name: str, raw: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\0" + raw).digest()[:CHECK_BYTES]


def _decode(code: str) -> bytes:
    try:
        return base64.b64decode(code + "=" * (-len(code) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
