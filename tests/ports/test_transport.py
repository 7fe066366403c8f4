"""The Transport port: one suite for memory, a bare path, `git http-backend` and ssh; then their failures."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import GitHttpServer, SshServer, free_port, git, make_bare
from vaultkit.core.git.tree import Commit, Oid, with_edits
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.repository import create_repository
from vaultkit.effects.transport import Credentials, check_url, open_transport, split_credentials
from vaultkit.errors import (
    AuthenticationFailed,
    RemoteNotFound,
    RemoteUnreachable,
    UsageError,
    VaultError,
)
from vaultkit.memory.objects import MemoryObjects
from vaultkit.memory.remote import MemoryRemote, MemoryTransport
from vaultkit.ports import ObjectStore, Outcome, Transport


@dataclass
class Side:
    """One machine: its objects and its way to the shared remote."""

    objects: ObjectStore
    remote: Transport

    def commit(self, parent: Oid | None, **notes: str) -> Oid:
        tree = self.objects.commit(parent).tree if parent else None
        edits = {f"F/{name}.md": self.objects.put_blob(text.encode()) for name, text in notes.items()}
        time = 1_700_000_000 + (self.objects.commit(parent).time % 1_000_000 if parent else 0)
        value = Commit(
            with_edits(self.objects, tree, edits), (parent,) if parent else (), "a <a@b>", time, "say\n"
        )
        return self.objects.put_commit(value)

    def texts(self, head: Oid) -> dict[str, bytes]:
        from vaultkit.core.git.tree import walk

        commit = self.objects.commit(head)
        return {path: self.objects.blob(entry.oid) for path, entry in walk(self.objects, commit.tree)}


Make = Callable[[], Side]


@pytest.fixture(params=["memory", "path", "http", "ssh"])
def make(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    if request.param == "memory":
        remote = MemoryRemote()

        def in_memory() -> Side:
            objects = MemoryObjects()
            return Side(objects, MemoryTransport(remote, objects))

        yield in_memory
        return
    with ExitStack() as stack:
        bare = make_bare(tmp_path / "r.git")
        url = str(bare)
        if request.param == "http":
            url = stack.enter_context(GitHttpServer(tmp_path)).url("r.git")
        elif request.param == "ssh":
            server = stack.enter_context(SshServer(tmp_path / "ssh"))
            monkeypatch.setenv("PATH", f"{server.bin}:{os.environ['PATH']}")
            url = server.url(bare)
        numbers = iter(range(100))

        def real() -> Side:
            repo = create_repository(str(folder(tmp_path, next(numbers))))
            stack.callback(repo.close)
            objects = GitObjects(repo)
            transport = open_transport(objects, url, deadline=30)
            stack.callback(transport.close)
            return Side(objects, transport)

        yield real


def folder(root: Path, number: int) -> Path:
    path = root / f"side{number}"
    path.mkdir()
    return path


def test_a_remote_in_memory_that_lost_an_object_gives_nothing_in_part() -> None:
    """Also where an older commit's note is gone: no commit is stored whose past is not."""
    remote = MemoryRemote()
    one, two = (
        Side(objects, MemoryTransport(remote, objects)) for objects in (MemoryObjects(), MemoryObjects())
    )
    first = one.commit(None, a="1")
    second = one.commit(first, a="2")
    one.remote.push(None, second)
    kept = remote.objects.stored.pop(one.objects.put_blob(b"1"))
    with pytest.raises(RemoteUnreachable):
        two.remote.fetch(second, ())
    assert not two.objects.contains(first)
    assert not two.objects.contains(second)
    remote.objects.stored[one.objects.put_blob(b"1")] = kept
    two.remote.fetch(second, ())
    assert two.texts(first) == {"F/a.md": b"1"}


def test_an_empty_remote_has_no_head(make: Make) -> None:
    """Looking at a remote without the branch gives None."""
    assert make().remote.look() is None


def test_what_one_pushes_the_other_fetches_whole(make: Make) -> None:
    """After a push the head is seen, and a fetch brings every note of every commit."""
    one, two = make(), make()
    first = one.commit(None, a="1", b="2")
    second = one.commit(first, a="changed", c="3")
    assert one.remote.push(None, second).outcome is Outcome.ACCEPTED
    assert two.remote.look() == second
    two.remote.fetch(second, ())
    assert two.texts(second) == {"F/a.md": b"changed", "F/b.md": b"2", "F/c.md": b"3"}
    assert two.texts(first) == {"F/a.md": b"1", "F/b.md": b"2"}


def test_later_fetches_and_pushes_go_on_from_what_is_known(make: Make) -> None:
    """Commits made in turns on both sides arrive on the other one."""
    one, two = make(), make()
    head = one.commit(None, a="0")
    one.remote.push(None, head)
    two.remote.fetch(head, ())
    for turn in range(1, 5):
        giver, taker = (one, two) if turn % 2 else (two, one)
        new = giver.commit(head, a=str(turn), **{f"n{turn}": "x"})
        assert giver.remote.push(head, new).outcome is Outcome.ACCEPTED
        assert taker.remote.look() == new
        taker.remote.fetch(new, (head,))
        head = new
    assert one.texts(head) == two.texts(head)


def test_of_two_pushes_from_one_base_one_is_lost_and_changes_nothing(make: Make) -> None:
    """A push is a compare-and-swap: the second is told that it lost, and the first one stands."""
    one, two = make(), make()
    base = one.commit(None, a="0")
    one.remote.push(None, base)
    two.remote.fetch(base, ())
    mine, theirs = one.commit(base, a="mine"), two.commit(base, a="theirs")
    assert one.remote.push(base, mine).outcome is Outcome.ACCEPTED
    assert two.remote.push(base, theirs).outcome is Outcome.LOST
    assert one.remote.look() == mine
    two.remote.fetch(mine, (base,))
    again = two.commit(mine, a="theirs")
    assert two.remote.push(mine, again).outcome is Outcome.ACCEPTED


def test_two_first_pushes_have_one_winner(make: Make) -> None:
    """Also while the remote is empty, the second push is told that it lost."""
    one, two = make(), make()
    assert one.remote.push(None, one.commit(None, a="1")).outcome is Outcome.ACCEPTED
    assert two.remote.push(None, two.commit(None, a="2")).outcome is Outcome.LOST


def test_many_notes_at_once_come_over(make: Make) -> None:
    """A large change goes and comes like a small one."""
    one, two = make(), make()
    head = one.commit(None, **{f"n{n}": f"note {n}" for n in range(600)})
    assert one.remote.push(None, head).outcome is Outcome.ACCEPTED
    two.remote.fetch(head, ())
    assert len(two.texts(head)) == 600


def test_a_push_of_what_is_there_already_changes_nothing(make: Make) -> None:
    """Whoever was not heard may say it again: the head stays, and the answer is no refusal."""
    side = make()
    head = side.commit(None, a="1")
    assert side.remote.push(None, head).outcome is Outcome.ACCEPTED
    assert side.remote.push(head, head).outcome is Outcome.ACCEPTED
    assert side.remote.look() == head


def test_a_push_from_another_base_than_the_head_is_lost(make: Make) -> None:
    """Not only what is older: any other expectation is wrong, and nothing changes."""
    side = make()
    first = side.commit(None, a="1")
    second, beside = side.commit(first, a="2"), side.commit(first, b="3")
    assert side.remote.push(None, second).outcome is Outcome.ACCEPTED
    for expected in (None, first, beside):
        assert side.remote.push(expected, beside).outcome is Outcome.LOST
        assert side.remote.look() == second


def test_what_the_remote_does_not_have_is_unreachable_and_leaves_nothing(make: Make) -> None:
    """A head that nobody ever pushed cannot be fetched; afterwards the real one can."""
    one, two = make(), make()
    head = one.commit(None, a="1")
    one.remote.push(None, head)
    unknown = one.commit(head, a="2")
    with pytest.raises(RemoteUnreachable):
        two.remote.fetch(unknown, ())
    assert not two.objects.contains(unknown)
    assert not two.objects.contains(head) or two.texts(head)
    two.remote.fetch(head, ())
    assert two.texts(head) == {"F/a.md": b"1"}


def test_after_an_interrupt_every_call_is_unreachable(make: Make) -> None:
    """Whoever interrupts is leaving: nothing that comes later reaches the remote any more."""
    side, other = make(), make()
    head = side.commit(None, a="1")
    assert side.remote.push(None, head).outcome is Outcome.ACCEPTED
    side.remote.interrupt()
    new = side.commit(head, a="2")
    calls: list[Callable[[], object]] = [
        side.remote.look,
        lambda: side.remote.fetch(head, ()),
        lambda: side.remote.push(head, new),
        side.remote.look,
    ]
    for call in calls:
        with pytest.raises(RemoteUnreachable):
            call()
    assert other.remote.look() == head


# What goes wrong


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[GitObjects]:
    path = tmp_path / "mine"
    path.mkdir()
    opened = create_repository(str(path))
    yield GitObjects(opened)
    opened.close()


def test_a_wrong_password_is_told_apart_and_never_shown(objects: GitObjects, tmp_path: Path) -> None:
    """Wrong or missing credentials are AuthenticationFailed, right ones work, and no text holds them."""
    make_bare(tmp_path / "r.git")
    with GitHttpServer(tmp_path, "ada", "right-one") as server:
        for given in (None, Credentials("ada", "wrong-one")):
            with pytest.raises(AuthenticationFailed) as caught:
                open_transport(objects, server.url("r.git"), credentials=given).look()
            assert "wrong-one" not in f"{caught.value} {caught.value.hint}"
        assert (
            open_transport(objects, server.url("r.git"), credentials=Credentials("ada", "right-one")).look()
            is None
        )
        assert open_transport(objects, server.url("r.git", "ada:right-one")).look() is None
    assert "right-one" not in repr(Credentials("ada", "right-one"))
    assert split_credentials("https://ada:right-one@h/r") == ("https://h/r", Credentials("ada", "right-one"))


def test_a_wrong_address_is_not_found(objects: GitObjects, tmp_path: Path) -> None:
    """No repository at a path or behind a server that answers is RemoteNotFound."""
    with GitHttpServer(tmp_path) as server:
        for url in (str(tmp_path / "none.git"), server.url("none.git")):
            with pytest.raises(RemoteNotFound):
                open_transport(objects, url).look()


def test_a_server_that_is_not_there_or_never_answers_is_unreachable(objects: GitObjects) -> None:
    """A closed port fails at once, a silent server at the deadline, both as RemoteUnreachable."""
    with pytest.raises(RemoteUnreachable):
        open_transport(objects, f"http://127.0.0.1:{free_port()}/r.git").look()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/r.git"
        with pytest.raises(RemoteUnreachable, match="no answer"):
            open_transport(objects, url, deadline=0.5).look()


def test_an_interrupt_ends_a_call_under_way(objects: GitObjects) -> None:
    """A process that has to stop does not wait for a silent server."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = open_transport(objects, f"http://127.0.0.1:{silent.getsockname()[1]}/r.git", deadline=300)
        transport.interrupt()
        with pytest.raises(RemoteUnreachable):
            transport.look()


def test_garbage_is_unreachable_not_a_crash(objects: GitObjects, tmp_path: Path) -> None:
    """A repository that is damaged in any way is an error of ours, with the address in it."""
    bare = make_bare(tmp_path / "r.git")
    (bare / "refs/heads/main").write_text("not a hash\n")
    with pytest.raises(VaultError):
        open_transport(objects, str(bare)).fetch(Oid("1" * 40), ())


@pytest.mark.parametrize("kind", ["http", "ssh"])
def test_a_hook_that_refuses_is_told_with_its_words(
    kind: str,
    objects: GitObjects,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A push that the server's own rules refuse is REJECTED, with what the hook said."""
    bare = make_bare(tmp_path / "r.git")
    hook = bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'only on weekdays' >&2\nexit 1\n")
    hook.chmod(0o755)
    with ExitStack() as stack:
        if kind == "http":
            url = stack.enter_context(GitHttpServer(tmp_path)).url("r.git")
        else:
            server = stack.enter_context(SshServer(tmp_path / "ssh"))
            monkeypatch.setenv("PATH", f"{server.bin}:{os.environ['PATH']}")
            url = server.url(bare)
        transport = open_transport(objects, url, deadline=30)
        side = Side(objects, transport)
        pushed = transport.push(None, side.commit(None, a="1"))
        transport.close()
    assert pushed.outcome is Outcome.REJECTED
    assert "only on weekdays" in pushed.reason


def test_an_ssh_key_that_is_not_welcome_is_told_apart(
    objects: GitObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not know our key is AuthenticationFailed."""
    bare = make_bare(tmp_path / "r.git")
    with SshServer(tmp_path / "ssh") as server:
        (tmp_path / "ssh/authorized").write_text("")
        monkeypatch.setenv("PATH", f"{server.bin}:{os.environ['PATH']}")
        with pytest.raises(AuthenticationFailed):
            open_transport(objects, server.url(bare), deadline=30).look()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch",
        "-oProxyCommand=x:repo",
        "ssh://-oProxyCommand=x/repo",
        "git://host/repo",
        "ftp://host/x",
        "user@-host:repo",
        "host:-repo",
        "",
        "a\nb",
    ],
)
def test_addresses_that_could_run_something_are_refused(url: str) -> None:
    """Only the known kinds of address are used, and none that could be taken for an option."""
    with pytest.raises(UsageError):
        check_url(url)


def test_git_agrees_with_what_was_pushed(objects: GitObjects, tmp_path: Path) -> None:
    """`git fsck --strict` finds nothing wrong with what vaultkit sent."""
    bare = make_bare(tmp_path / "r.git")
    transport = open_transport(objects, str(bare))
    side = Side(objects, transport)
    transport.push(None, side.commit(side.commit(None, a="1"), b="2"))
    git("fsck", "--strict", "--full", cwd=bare)
    assert git("log", "--format=%s", "main", cwd=bare).split() == ["say", "say"]
