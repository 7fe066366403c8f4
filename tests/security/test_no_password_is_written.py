"""Credentials are used from every source by real commands, and afterwards are nowhere to be found."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import VAULTKIT, put, wait_until
from tests.security.marks import Mark, TokenMark, places_with
from tests.security.world import CTRL_C, World, at_terminal
from tests.servers import Answer, AnsweringServer, GitHttpServer
from vaultkit import Credentials, Vault, init_vault
from vaultkit.effects.credentials import NetrcFile


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, Mark())


@pytest.fixture
def server(world: World) -> Iterator[GitHttpServer]:
    with GitHttpServer(world.remotes, world.mark.username, world.mark.password) as started:
        yield started


def environment_of(mark: Mark) -> dict[str, str]:
    return {"VAULTKIT_USERNAME": mark.username, "VAULTKIT_PASSWORD": mark.password}


def make_two(world: World, server: GitHttpServer) -> None:
    """`init` and `join` with credentials inside the address."""
    inside = server.url("r.git", f"{world.mark.username}:{world.mark.quoted}")
    world.step("init", "Local", "--agent", "local_agent", "--human", "--remote", inside)
    world.step("join", inside, "Cloud", "--agent", "cloud_agent")
    line = world.step("-C", "Cloud", "agents", "show", "--line").strip()
    world.step("-C", "Local", "agents", "add", line, **environment_of(world.mark))
    world.step("-C", "Cloud", "sync", **environment_of(world.mark))
    assert f'remote: "{server.url("r.git")}"' in (world.root / "Local/.vaultkit/agent.yaml").read_text()


def test_the_search_finds_what_is_there(world: World, server: GitHttpServer) -> None:
    """The test's own tool works: in a file, a name, a database, a compressed object, each form is found."""
    make_two(world, server)
    world.check()
    forms = sorted(world.mark.forms())
    put(world.root / "Local/Notes/a.md", f"my password is {world.mark.password}\n")
    world.run("-C", "Local", "sync", **environment_of(world.mark))
    found = places_with([world.mark], world.root, [world.tests_own])
    assert [where for where in found if "Local/.git/objects" in where]
    for number, form in enumerate(forms):
        (world.root / f"leak{number}").write_bytes(b"x" + form)
    found = places_with([world.mark], world.root, [world.tests_own])
    assert {f"{world.root}/leak{number}" for number in range(len(forms))} <= set(found)


def test_every_source_by_command(world: World, server: GitHttpServer) -> None:
    """Address, environment, netrc, helper and keyring each let real commands in and leave no trace."""
    make_two(world, server)
    world.check()
    origin = server.url("").rstrip("/")
    put(world.root / "Cloud/Needs_Action/task.md", "Please.\n")
    world.run("-C", "Local", "sync", code=12)
    world.run("-C", "Cloud", "sync", **environment_of(world.mark))
    world.netrc(world.mark)
    world.run("-C", "Cloud", "claim", "task.md")
    (world.home / ".netrc").unlink()
    world.helper(world.mark)
    world.run("-C", "Local", "sync")
    assert "op=store" in (world.tests_own / "heard").read_text()
    (world.home / ".gitconfig").unlink()
    kept = world.keyring(origin, world.mark)
    world.run("-C", "Local", "sync", **kept)
    assert "task.md" in world.run("-C", "Local", "status", **kept)
    world.run("-C", "Local", "status", "--json", **kept)
    world.check()


def test_watching(world: World, server: GitHttpServer) -> None:
    """A daemon that is let in, and one that is not, write nothing: while they run, and afterwards."""
    make_two(world, server)
    wrong = Mark()
    world.marks.append(wrong)
    words = {"Local": "received Needs_Action/new.md", "Cloud": "refused the credentials"}
    logs = {name: world.root / f"{name}.log" for name in words}
    watchers = []
    for name, mark in (("Local", world.mark), ("Cloud", wrong)):
        with logs[name].open("wb") as log:
            command = [*VAULTKIT, "-C", str(world.root / name), "watch"]
            environment = world.environment(**environment_of(mark))
            watchers.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
    try:
        wait_until(lambda: words["Cloud"] in logs["Cloud"].read_text(), "the wrong one is refused")
        put(world.root / "Cloud/Needs_Action/new.md", "new\n")
        world.run("-C", "Cloud", "sync", **environment_of(world.mark))
        wait_until(lambda: words["Local"] in logs["Local"].read_text(), "the right one is let in")
        world.check()
    finally:
        for watcher in watchers:
            watcher.send_signal(signal.SIGTERM)
    assert [watcher.wait(90) for watcher in watchers] == [0, 0]
    assert "Traceback" not in logs["Local"].read_text() + logs["Cloud"].read_text()
    world.check()


def test_what_fails_and_what_is_called_wrongly(world: World, server: GitHttpServer) -> None:
    """Wrong passwords, redirects, echoes, dead hosts, bugs and mistyped commands say nothing secret."""
    make_two(world, server)
    mark, wrong = world.mark, Mark()
    world.marks.append(wrong)
    inside = server.url("r.git", f"{mark.username}:{mark.quoted}")
    there = ("--agent", "local_agent", "--human")
    world.run("-C", "Local", "sync", code=12, **environment_of(wrong))
    said = world.run("-C", "Local", "sync", code=12)
    assert all(word in said for word in ("VAULTKIT_PASSWORD", "keyring", "git's credential", "netrc"))
    world.run("init", "n1", *there, "--remote", inside.replace("r.git", "none.git"), code=14)

    def echo(path: str, given: str | None) -> Answer:
        if path.startswith("/away") and given:
            return 302, {"Location": server.url("r.git") + path.removeprefix("/away.git")}, b""
        return 401 if not given else 500, {"WWW-Authenticate": "Basic"}, str(given).encode()

    with AnsweringServer(echo) as other:
        address = other.origin.replace("://", f"://{mark.username}:{mark.quoted}@")
        world.run("init", "n2", *there, "--remote", f"{address}/echo.git", code=13)
        world.run("init", "n3", *there, "--remote", f"{address}/away.git", code=12)
        assert other.asked[-1][1] is not None
    world.run("init", "n4", *there, "--remote", f"{address}/dead.git", code=13)
    given = environment_of(mark)
    world.run("init", "n5", *there, "--remote", inside, code=13, BREAK="connection")
    assert "no luck" in world.run("-C", "Local", "sync", code=13, BREAK="connection", **given)
    assert "no luck" in world.run("-C", "Local", "status", "--json")
    assert "bug" in world.run("init", "n6", *there, "--remote", inside, code=70, BREAK="repository", **given)
    assert list((world.root / "tmp").glob("vaultkit-bug-*.log"))
    for words in (
        ("init", inside, *there),
        ("init", "n7", *there, inside),
        ("join", inside),
        ("clone", inside),
        ("-C", inside, "status"),
        ("join", inside.replace(mark.quoted, mark.password), "n8", "--agent", "a"),
        ("join", f"ssh://ada:{mark.password}@host/r.git", "n8", "--agent", "a"),
        ("join", inside, "Local", "--agent", "local_agent", "--no-such-option"),
    ):
        world.run(*words, code=(2, 10))
    world.check()


def test_an_address_that_a_person_wrote_with_a_password_into_the_file(
    world: World, server: GitHttpServer
) -> None:
    """It works, is not shown, and repeating `init` takes it out of the file."""
    make_two(world, server)
    machine = world.root / "Local/.vaultkit/agent.yaml"
    inside = server.url("r.git", f"{world.mark.username}:{world.mark.quoted}")
    machine.write_text(machine.read_text().replace(server.url("r.git"), inside))
    assert "in step" in world.run("-C", "Local", "sync")
    assert f"In step with {server.url('r.git')}" in world.run("-C", "Local", "status")
    world.run("-C", "Local", "status", "--json")
    world.run("init", "Local", "--agent", "local_agent", "--human")
    world.check()


@pytest.mark.parametrize("password", ["", "x-oauth-basic"])
def test_a_token_given_as_the_user_name(world: World, password: str) -> None:
    """`http://TOKEN@host` works, and the token is as secret as a password, also in a refusal."""
    token, wrong = TokenMark(password), TokenMark(password)
    world.marks = [token, wrong]
    tail = f":{password}" if password else ""
    there = ("--agent", "local_agent", "--human")
    with GitHttpServer(world.remotes, token.core, password) as server:
        world.run("init", "Local", *there, "--remote", server.url("r.git", token.core + tail))
        world.run("init", "Other", *there, "--remote", server.url("r.git", wrong.core + tail), code=12)
        world.run("-C", "Local", "sync", code=12)
        world.run("-C", "Local", "status", "--json")
    world.check()


def test_a_person_types_it_and_it_is_kept_after_a_yes(world: World, server: GitHttpServer) -> None:
    """On a real terminal: name and password are asked, kept only after a yes; `watch` asks at its start."""
    make_two(world, server)
    mark = world.mark
    keyring = {"PYTHON_KEYRING_BACKEND": "test_keyring.FileKeyring"}
    question = ["User name", "ada", "Password", mark.password]
    for answer, kept in (("n", False), ("y", True)):
        said = at_terminal(world, ["-C", "Local", "sync"], [*question, "Keep it", answer], keyring)
        assert "in step" in said
        assert (world.tests_own / "keyring.json").exists() is kept
    assert "in step" in world.run("-C", "Local", "sync", **keyring)
    (world.tests_own / "keyring.json").unlink()
    join = ["join", server.url("r.git"), "Third", "--agent", "cloud_agent"]
    assert "joined as cloud_agent" in at_terminal(world, join, [*question, "Keep it", ""], keyring)
    wrong = Mark()
    world.marks.append(wrong)
    again = ["User name", "ada", "Password", wrong.password, "refused", "ada", "Password", mark.password]
    said = at_terminal(world, ["-C", "Local", "watch"], [*again, "Keep it", "n", "watching", CTRL_C], keyring)
    assert "stopped" in said
    given_up = at_terminal(world, ["-C", "Local", "sync"], ["User name", CTRL_C], keyring, code=(130,))
    assert "Traceback" not in given_up
    world.check()


def everything_about(thing: object) -> str:
    """How an object shows itself and the objects it is made of."""
    parts = list(vars(thing).values()) if hasattr(thing, "__dict__") else []
    return " ".join([str(thing), *map(repr, [thing, *parts])])


def test_objects_errors_and_debug_logs(
    world: World, server: GitHttpServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No repr, no error's text or traceback, and no debug log of any library holds what was used."""
    monkeypatch.setenv("HOME", str(world.home))
    world.helper(wrong := Mark())
    monkeypatch.setenv("PATH", f"{world.tests_own}/bin:{os.environ['PATH']}")
    world.netrc(world.mark)
    world.marks.append(wrong)
    url, given = server.url("r.git"), Credentials("ada", wrong.password)
    texts = []
    with caplog.at_level(logging.DEBUG):
        for name in ("urllib3", "vaultkit", "dulwich"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        init_vault(world.root / "Local", "local_agent", human=True, remote=url).close()
        with Vault.open(world.root / "Local", credentials=given) as vault:
            report = vault.sync()
            assert report.error
            assert report.error.exit_code == 12
            texts += [
                "".join(traceback.format_exception(report.error)),
                repr(report),
                str(vars(report.error)),
            ]
        with Vault.open(world.root / "Local") as vault:
            assert vault.sync().in_step
            remote = vault._desk.remote
            things = [vault, vault.machine, vault._desk, remote, given, NetrcFile(), vars(remote)["_wire"]]
            things += [vars(things[-1])["_login"], vars(things[-1])["_login"]._source]
            texts += map(everything_about, things)
    assert "urllib3" in caplog.text
    world.outputs += [*texts, caplog.text]
    world.check()
