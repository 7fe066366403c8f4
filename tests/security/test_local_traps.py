"""Traps on the person's own disk: what is no note is held and named; nothing of outside leaves.

Another program, or somebody with an account on this machine, puts them into the vault's folder.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import git
from vaultkit import KeyPlace, Vault, init_vault
from vaultkit.effects.files import VaultFiles

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices as POSIX has them")

SECRET = b"only outside the vault\n"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.md").write_bytes(SECRET)
    keys = KeyPlace(tmp_path / "home")
    remote = str(tmp_path / "r.git")
    with init_vault(tmp_path / "v", "local_agent", human=True, remote=remote, keys=keys) as vault:
        (vault.root / "Notes").mkdir()
        (vault.root / "Notes/real.md").write_text("a note\n")
        vault.sync()
        yield vault


def link_to_file(vault: Vault) -> str:
    (vault.root / "Notes/link.md").symlink_to(vault.root.parent / "outside/secret.md")
    return "Notes/link.md"


def link_to_itself(vault: Vault) -> str:
    (vault.root / "Notes/loop.md").symlink_to("loop.md")
    return "Notes/loop.md"


def link_to_nothing(vault: Vault) -> str:
    (vault.root / "Notes/dangling.md").symlink_to("/nowhere/at/all.md")
    return "Notes/dangling.md"


def linked_folder(vault: Vault) -> str:
    (vault.root / "Linked").symlink_to(vault.root.parent / "outside")
    return "Linked"


def linked_folder_to_itself(vault: Vault) -> str:
    (vault.root / "Notes/again").symlink_to(vault.root)
    return "Notes/again"


def hard_link(vault: Vault) -> str:
    os.link(vault.root.parent / "outside/secret.md", vault.root / "Notes/hard.md")
    return "Notes/hard.md"


def pipe(vault: Vault) -> str:
    os.mkfifo(vault.root / "Notes/pipe.md")
    return "Notes/pipe.md"


def unix_socket(vault: Vault) -> str:
    here = os.getcwd()
    os.chdir(vault.root / "Notes")  # the name of a socket may not be long
    try:
        socket.socket(socket.AF_UNIX).bind("socket.md")
    finally:
        os.chdir(here)
    return "Notes/socket.md"


def device(vault: Vault) -> str:
    try:
        os.mknod(vault.root / "Notes/zero.md", 0o020644, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")
    return "Notes/zero.md"


def sparse_giant(vault: Vault) -> str:
    with open(vault.root / "Notes/giant.md", "wb") as file:
        file.truncate(1 << 40)
    return "Notes/giant.md"


def line_feed_in_name(vault: Vault) -> str:
    (vault.root / "Notes/a\nb.md").write_text("x\n")
    return "Notes/a\nb.md"


def name_that_is_no_text(vault: Vault) -> str:
    with open(os.fsencode(vault.root) + b"/Notes/a\xff.md", "wb") as file:
        file.write(b"x\n")
    return "Notes/a\udcff.md"


def decomposed_name(vault: Vault) -> str:
    (vault.root / "Notes/e\u0301.md").write_text("x\n")
    return "Notes/e\u0301.md"


def zero_bytes(vault: Vault) -> str:
    (vault.root / "Notes/zeros.md").write_bytes(b"a\0b")
    return "Notes/zeros.md"


def look_alike(vault: Vault) -> str:
    (vault.root / "\u0410pproved").mkdir()
    (vault.root / "\u0410pproved/pay.md").write_text("x\n")
    return "\u0410pproved"


TRAPS: dict[str, Callable[[Vault], str]] = {
    trap.__name__: trap
    for trap in (
        link_to_file,
        link_to_itself,
        link_to_nothing,
        linked_folder,
        linked_folder_to_itself,
        hard_link,
        pipe,
        unix_socket,
        device,
        sparse_giant,
        line_feed_in_name,
        name_that_is_no_text,
        decomposed_name,
        zero_bytes,
        look_alike,
    )
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_what_is_no_note_is_named_and_the_notes_go_on(vault: Vault, trap: Callable[[Vault], str]) -> None:
    """The trap is held with a reason, nothing of outside leaves, and an honest note beside it goes."""
    path = trap(vault)
    (vault.root / "Notes/beside.md").write_text("an honest note\n")
    report = vault.sync()
    assert report.in_step
    assert path in {held.path for held in vault.status().held}
    listed = git("ls-tree", "-r", "--name-only", "-z", "main", cwd=vault.root.parent / "r.git").split("\0")
    assert "Notes/beside.md" in listed
    assert [p for p in listed if p.startswith(("Notes/", "Linked", "\u0410"))] == [
        "Notes/beside.md",
        "Notes/real.md",
    ]
    assert (vault.root.parent / "outside/secret.md").read_bytes() == SECRET


def test_a_folder_called_like_a_note_is_a_folder(vault: Vault) -> None:
    """A folder may end in .md; what is in it syncs, and it never stands in the way of the others."""
    (vault.root / "Notes/folder.md").mkdir()
    (vault.root / "Notes/folder.md/inner.md").write_text("inner\n")
    assert vault.sync().in_step
    listed = git("ls-tree", "-r", "--name-only", "main", cwd=vault.root.parent / "r.git").splitlines()
    assert "Notes/folder.md/inner.md" in listed


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_a_note_that_may_not_be_read_is_an_error_with_its_name(vault: Vault) -> None:
    """Permissions that keep vaultkit out are told; nothing else is lost."""
    (vault.root / "Notes/real.md").chmod(0)
    with pytest.raises(PermissionError):
        vault.sync()


@contextmanager
def while_running(work: Callable[[], None]) -> Iterator[None]:
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_note_that_changes_under_the_read_is_never_read_torn(tmp_path: Path) -> None:
    """Whoever writes it in place meanwhile, a read is one whole version, or nothing.

    Only a writer that the system stopped in the middle of a write, for longer than vaultkit waits, could
    show half of it; such writes are told apart by their length.
    """
    note, turn = tmp_path / "a.md", iter(range(1 << 30))
    versions = [bytes([65 + n]) * 200_000 for n in range(4)]
    note.write_bytes(versions[0])
    writes: list[tuple[float, float]] = []

    def write() -> None:
        began = time.monotonic()
        with open(note, "r+b") as file:
            file.write(versions[next(turn) % 4])
        writes.append((began, time.monotonic()))
        time.sleep(0.003)

    disk, torn = VaultFiles(str(tmp_path)), []
    with while_running(write):
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            began = time.monotonic()
            found = disk.read("a.md", 1 << 20)
            if found and len(set(found[0])) > 1:
                torn.append((began, time.monotonic()))
    stalled = [(start, stop) for start, stop in writes if stop - start > 0.015]
    assert [t for t in torn if not any(start < t[1] and t[0] < stop for start, stop in stalled)] == []
    found = disk.read("a.md", 1 << 20)
    assert found is not None
    assert found[0] in versions


SWAP = """
import ctypes, os, sys
os.chdir(sys.argv[1])
libc, here, exchange = ctypes.CDLL(None, use_errno=True), -100, 2
print("swapping" if libc.renameat2(here, b"Folder", here, b"Link", exchange) == 0 else "cannot", flush=True)
while libc.renameat2(here, b"Folder", here, b"Link", exchange) == 0:
    pass
"""


def test_a_folder_swapped_for_a_link_in_mid_walk_leads_nowhere(tmp_path: Path) -> None:
    """While another process swaps a folder with a link to outside, nothing outside is read or written."""
    root, outside = tmp_path / "v", tmp_path / "outside"
    (root / "Folder").mkdir(parents=True)
    outside.mkdir()
    (outside / "note.md").write_bytes(SECRET)
    (root / "Folder/note.md").write_bytes(b"inside\n")
    (root / "Link").symlink_to(outside)
    disk = VaultFiles(str(root))
    swapping = subprocess.Popen([sys.executable, "-c", SWAP, str(root)], stdout=subprocess.PIPE)
    assert swapping.stdout
    if swapping.stdout.readline() != b"swapping\n":
        pytest.skip("this file system cannot exchange two names")
    reads = writes = 0
    try:
        end = time.monotonic() + 2.0
        while time.monotonic() < end:
            found = disk.read("Folder/note.md", 1000)
            reads += found is not None
            assert found is None or found[0] == b"inside\n"
            writes += disk.replace("Folder/new.md", None, b"new\n") is not None
            disk.remove("Folder/new.md", b"new\n")
            assert {item.name for item in disk.items("Folder")} <= {"note.md", "new.md"}
        assert swapping.poll() is None, "it swapped until the end"
    finally:
        swapping.kill()
        swapping.communicate()
    assert [p.name for p in outside.iterdir()] == ["note.md"]
    assert (outside / "note.md").read_bytes() == SECRET
    assert reads
    assert writes


def test_a_link_in_the_way_of_what_arrives_is_not_written_through(vault: Vault, tmp_path: Path) -> None:
    """A note that arrives where somebody put a link, or below a linked folder, does not land outside."""
    from vaultkit import join_vault

    keys, remote = KeyPlace(tmp_path / "home"), str(tmp_path / "r.git")
    with join_vault(remote, tmp_path / "Cloud", "cloud_agent", keys=keys) as cloud:
        vault.trust(cloud.pairing_line())
        cloud.sync()
        for name in ("Updates/a.md", "Updates/sub/b.md"):
            (cloud.root / name).parent.mkdir(parents=True, exist_ok=True)
            (cloud.root / name).write_text("arrives\n")
        cloud.sync()
    (vault.root / "Updates").mkdir(exist_ok=True)
    (vault.root / "Updates/a.md").symlink_to(tmp_path / "outside/secret.md")
    (vault.root / "Updates/sub").symlink_to(tmp_path / "outside")
    for _ in range(2):
        vault.sync()
    assert sorted(p.name for p in (tmp_path / "outside").iterdir()) == ["secret.md"]
    assert (tmp_path / "outside/secret.md").read_bytes() == SECRET
