"""SSH signatures: ours are ssh-keygen's, theirs are ours, and nothing else counts."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import require
from vaultkit.core.git.sshsig import (
    BadSignature,
    armored,
    check_signature,
    digest_of,
    fingerprint,
    public_key,
    raw_key,
    read_public_key,
    to_be_signed,
)
from vaultkit.memory.keys import MemoryKeys

KEYS = MemoryKeys("someone")
KEY = KEYS.public()[0]
MESSAGE = b"the words that are signed\n"


def sign(message: bytes = MESSAGE, namespace: str = "git") -> bytes:
    return armored(KEY, namespace, KEYS.sign(KEY, to_be_signed(namespace, digest_of(message))))


def test_a_signature_tells_the_key_and_the_namespace() -> None:
    """What was signed with a key is known as that key's, for the purpose it was made for."""
    assert check_signature(sign(), digest_of(MESSAGE)) == (KEY, "git")
    assert check_signature(sign(namespace="file"), digest_of(MESSAGE)) == (KEY, "file")


def test_ssh_keygen_verifies_what_we_sign(tmp_path: Path) -> None:
    """`ssh-keygen -Y verify`, which git runs, takes our signature and refuses it for another message."""
    (tmp_path / "signers").write_text(f'someone namespaces="git" {KEY}\n')
    (tmp_path / "sig").write_bytes(sign())
    verify = [require("ssh-keygen"), "-Y", "verify", "-n", "git", "-I", "someone"]
    verify += ["-f", str(tmp_path / "signers"), "-s", str(tmp_path / "sig")]
    assert subprocess.run(verify, input=MESSAGE, capture_output=True, check=False).returncode == 0
    assert subprocess.run(verify, input=MESSAGE + b"!", capture_output=True, check=False).returncode != 0


def test_we_verify_what_ssh_keygen_signs(tmp_path: Path) -> None:
    """A signature made by the OpenSSH program is known as its key's, and its fingerprint is the same."""
    keygen = require("ssh-keygen")
    file = tmp_path / "key"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f", str(file)], check=True)
    signing = [keygen, "-Y", "sign", "-n", "git", "-f", str(file)]
    made = subprocess.run(signing, input=MESSAGE, capture_output=True, check=True).stdout
    key = read_public_key((tmp_path / "key.pub").read_text())
    assert check_signature(made, digest_of(MESSAGE)) == (key, "git")
    shown = subprocess.run([keygen, "-l", "-f", str(file)], capture_output=True, check=True, text=True).stdout
    assert fingerprint(key) in shown


def test_other_kinds_of_keys_are_not_taken(tmp_path: Path) -> None:
    """A good signature by an RSA or ECDSA key is still none that is used here."""
    keygen = require("ssh-keygen")
    for kind in ("rsa", "ecdsa"):
        file = tmp_path / kind
        subprocess.run([keygen, "-q", "-t", kind, "-N", "", "-f", str(file)], check=True)
        signing = [keygen, "-Y", "sign", "-n", "git", "-f", str(file)]
        made = subprocess.run(signing, input=MESSAGE, capture_output=True, check=True).stdout
        with pytest.raises(BadSignature):
            check_signature(made, digest_of(MESSAGE))
        with pytest.raises(ValueError, match="ssh-ed25519"):
            read_public_key(file.with_suffix(".pub").read_text())


@given(st.data())
def test_no_changed_character_leaves_a_signature_good(data: st.DataObject) -> None:
    """Whatever single character of the text is changed, it is no signature of this key any more."""
    text = bytearray(sign())
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] ^= data.draw(st.integers(1, 255))
    try:
        found = check_signature(bytes(text), digest_of(MESSAGE))
    except BadSignature:
        return
    assert found == (KEY, "git"), "at most the line breaks or the padding of the same bytes"
    body = b"".join(bytes(text).split(b"\n")[1:-1])
    assert base64.b64decode(body) == base64.b64decode(b"".join(sign().split(b"\n")[1:-1]))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----",
        b"-----BEGIN SSH SIGNATURE-----\n\n-----END SSH SIGNATURE-----",
        b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----",
        sign() + b"\n" + sign(),
        b"x" + sign(),
        sign()[:-5],
        b"-----BEGIN SSH SIGNATURE-----\n" + b"A" * 100_000 + b"\n-----END SSH SIGNATURE-----",
    ],
)
def test_what_is_no_signature_is_refused(text: bytes) -> None:
    """Nothing, another kind, something cut short, twice, or without end: each is refused in words."""
    with pytest.raises(BadSignature):
        check_signature(text, digest_of(MESSAGE))


def test_what_is_left_over_is_refused() -> None:
    """Bytes after the last field would be a second way to write the same signature."""
    blob = base64.b64decode(b"".join(sign().split(b"\n")[1:-1]))
    longer = base64.b64encode(blob + b"\0").decode()
    with pytest.raises(BadSignature):
        check_signature(
            f"-----BEGIN SSH SIGNATURE-----\n{longer}\n-----END SSH SIGNATURE-----".encode(),
            digest_of(MESSAGE),
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519",
        "ssh-rsa AAAA",
        "ssh-ed25519 AAAA",
        f"{KEY[:-3]}",
        "ssh-ed25519 " + "A" * 5000,
        KEY[12:],
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """Each text that is no whole Ed25519 key is refused in the same words."""
    with pytest.raises(ValueError, match="it is no `ssh-ed25519 AAAA"):
        read_public_key(text)


def test_a_key_has_one_form() -> None:
    """Comments and spaces around a key do not make another one of it."""
    assert read_public_key(f"  {KEY}   me@home\n") == KEY
    assert public_key(raw_key(KEY)) == KEY


def test_openssh_reads_the_private_key_file(tmp_path: Path) -> None:
    """The file vaultkit writes is one `ssh-keygen` and git can use as well."""
    key = Ed25519PrivateKey.generate()
    file = tmp_path / "key"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    file.chmod(0o600)
    shown = subprocess.run(
        [require("ssh-keygen"), "-y", "-f", str(file)], capture_output=True, check=True, text=True
    )
    assert read_public_key(shown.stdout) == public_key(key.public_key().public_bytes_raw())
