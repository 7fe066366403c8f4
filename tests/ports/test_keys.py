"""The Keys port: one suite for memory, key files and the keyring; then what files and keyrings do wrong."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from keyring.backend import KeyringBackend

from vaultkit.core.git.sshsig import raw_key
from vaultkit.effects.keys import StoredKeys, make_key
from vaultkit.errors import KeyUnusable
from vaultkit.memory.keys import MemoryKeys
from vaultkit.ports import Keys


class Ring(KeyringBackend):
    """A keyring in memory: the package's own interface for the operating systems' ones."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    ring = Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture(params=["memory", "file", "keyring"])
def keys(request: pytest.FixtureRequest, tmp_path: Path, ring: Ring) -> Keys:
    if request.param == "memory":
        return MemoryKeys("newer", "older")
    in_keyring = request.param == "keyring"
    places = [make_key(tmp_path, name, in_keyring=in_keyring)[0] for name in ("newer", "older")]
    return StoredKeys(lambda: places)


def test_each_public_key_has_its_private_half(keys: Keys) -> None:
    """What is signed with a key verifies with its public half, and with no other."""
    for key in keys.public():
        Ed25519PublicKey.from_public_bytes(raw_key(key)).verify(keys.sign(key, b"data"), b"data")
    assert len(set(keys.public())) == 2
    assert keys.sign(keys.public()[0], b"data") != keys.sign(keys.public()[1], b"data")


def test_a_key_that_is_not_here_signs_nothing(keys: Keys) -> None:
    """Somebody else's key is a KeyError."""
    with pytest.raises(KeyError):
        keys.sign(MemoryKeys("somebody").public()[0], b"data")


def test_the_newest_key_comes_first_and_a_new_one_is_noticed(tmp_path: Path) -> None:
    """When another process makes a key, the next question finds it, in front."""
    first, one = make_key(tmp_path, "me")
    places = [first]
    stored = StoredKeys(lambda: places)
    assert stored.public() == (one,)
    second, two = make_key(tmp_path, "me")
    places.insert(0, second)
    assert stored.public() == (two, one)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    """The file is made unreadable for others; one that others may read is refused with what to do."""
    place, _ = make_key(tmp_path / "home", "me")
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(tmp_path / "home" / "keys").st_mode) == 0o700
    os.chmod(place, 0o644)
    with pytest.raises(KeyUnusable, match="others may read") as caught:
        StoredKeys(lambda: [place]).public()
    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_a_file_that_holds_no_key_is_said_so(tmp_path: Path, content: bytes) -> None:
    """A damaged key file is an error with its path and a hint, not a machine without a key."""
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(KeyUnusable, match=str(file)):
        StoredKeys(lambda: [str(file)]).public()
    with pytest.raises(KeyUnusable, match="cannot be read"):
        StoredKeys(lambda: [str(tmp_path / "none")]).public()


def test_a_keyring_that_lost_the_key_is_said_so(tmp_path: Path, ring: Ring) -> None:
    """A key that is no longer in the keyring, or is nonsense there, is an error with a hint."""
    place, _ = make_key(tmp_path, "me", in_keyring=True)
    assert place.startswith("keyring:me-")
    assert not list(tmp_path.iterdir())
    for nonsense in ("", "zz", "00"):
        for entry in ring.kept:
            ring.kept[entry] = nonsense
        with pytest.raises(KeyUnusable, match="holds no key"):
            StoredKeys(lambda: [place]).public()
    ring.kept.clear()
    with pytest.raises(KeyUnusable):
        StoredKeys(lambda: [place]).public()
