"""SSH keys and signatures (Ed25519), as git and `ssh-keygen -Y` have them.

The format is OpenSSH's PROTOCOL.sshsig: what is signed is not the message but a small record with
its hash and a *namespace*, so that a signature made for one purpose says nothing in another. Text
from elsewhere is parsed strictly: one key type, one way to write each signature, nothing left over.

Checking a signature is arithmetic, so it lives in the core; holding a private key is an effect.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_TYPE = b"ssh-ed25519"
MAGIC = b"SSHSIG"
VERSION = 1
HASH = "sha512"
MOST_TEXT = 2048
LINE = 70
_ARMOR = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+?)\n?-----END SSH SIGNATURE-----\n?", re.DOTALL
)


class BadSignature(ValueError):
    """The text is no signature that counts; the words say why."""


class Signed(NamedTuple):
    """A signature whose arithmetic is right: by which public key, for which namespace."""

    key: str
    namespace: str


def public_key(raw: bytes) -> str:
    """The text of a public key, `ssh-ed25519 AAAA...`, from its 32 bytes."""
    return f"{KEY_TYPE.decode()} {base64.b64encode(_string(KEY_TYPE) + _string(raw)).decode()}"


def read_public_key(text: str) -> str:
    """A public key in its one proper form, without a comment; ValueError if it is none."""
    parts = text.split()
    try:
        if len(text) > MOST_TEXT or parts[0] != KEY_TYPE.decode():
            raise ValueError(text)
        canonical = public_key(_raw_of(_decode(parts[1].encode())))
    except (ValueError, IndexError) as error:
        raise ValueError("it is no `ssh-ed25519 AAAA...` key") from error
    if canonical != " ".join(parts[:2]):
        raise ValueError("it is no `ssh-ed25519 AAAA...` key")
    return canonical


def raw_key(key: str) -> bytes:
    """The 32 bytes of a public key in its proper form."""
    return _raw_of(_decode(key.split()[1].encode()))


def fingerprint(key: str) -> str:
    """What a person compares: `SHA256:...`, as `ssh-keygen -l` shows it."""
    return sha256(_decode(key.split()[1].encode()))


def sha256(data: bytes) -> str:
    """The SHA-256 of `data` as ssh programs write it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def digest_of(message: bytes) -> bytes:
    """What stands for `message` in a signature: its SHA-512."""
    return hashlib.sha512(message).digest()


def to_be_signed(namespace: str, digest: bytes) -> bytes:
    """The record that the private key signs."""
    return MAGIC + _string(namespace.encode()) + _string(b"") + _string(HASH.encode()) + _string(digest)


def armored(key: str, namespace: str, signature: bytes) -> bytes:
    """The signature as text, from the 64 bytes the private key gave for `to_be_signed`."""
    blob = MAGIC + VERSION.to_bytes(4) + _string(_decode(key.split()[1].encode()))
    blob += _string(namespace.encode()) + _string(b"") + _string(HASH.encode())
    text = base64.b64encode(blob + _string(_string(KEY_TYPE) + _string(signature))).decode()
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----"]).encode()


def check_signature(text: bytes, digest: bytes) -> Signed:
    """Who signed the message with that `digest` by `text`. BadSignature if nobody did."""
    found = _ARMOR.fullmatch(text) if len(text) <= MOST_TEXT else None
    if found is None:
        raise BadSignature("its signature is not an SSH signature")
    try:
        raw, namespace, signature = _parse(_decode(found[1].replace(b"\n", b"")))
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, to_be_signed(namespace, digest))
    except InvalidSignature as error:
        raise BadSignature("its signature does not fit its content") from error
    except BadSignature:
        raise
    except ValueError as error:
        raise BadSignature("its signature is malformed") from error
    return Signed(public_key(raw), namespace)


def _parse(blob: bytes) -> tuple[bytes, str, bytes]:
    """The raw key, the namespace and the raw signature."""
    if not blob.startswith(MAGIC + VERSION.to_bytes(4)):
        raise ValueError("no SSHSIG")
    key, namespace, reserved, algorithm, signature = _strings(blob[len(MAGIC) + 4 :], 5)
    kind, raw_signature = _strings(signature, 2)
    if algorithm != HASH.encode() or reserved or kind != KEY_TYPE:
        raise BadSignature("its signature is of a kind that is not used here")
    return _raw_of(key), namespace.decode("ascii"), raw_signature


def _raw_of(blob: bytes) -> bytes:
    kind, raw = _strings(blob, 2)
    if kind != KEY_TYPE or len(raw) != 32:
        raise BadSignature("only ssh-ed25519 keys are used here")
    return raw


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def _strings(data: bytes, count: int) -> list[bytes]:
    """Exactly `count` length-prefixed strings."""
    found, at = [], 0
    for _ in range(count):
        size = int.from_bytes(data[at : at + 4])
        if at + 4 + size > len(data):
            raise ValueError("cut short")
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if at != len(data):
        raise ValueError("something is left over")
    return found


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
