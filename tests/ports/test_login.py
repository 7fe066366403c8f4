"""The transport and credentials: when they are looked for, who is told, where they go, what is said."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers import AnsweringServer, GitHttpServer, make_bare
from tests.sources import ADA, PASSWORD, WANTS_BASIC, WRONG, Diary, first_commit, opened, told
from vaultkit.core.git.credentials import Credentials, Given, Place
from vaultkit.effects.credentials import InOrder
from vaultkit.effects.objects import GitObjects
from vaultkit.effects.transport import check_url, open_transport, split_credentials
from vaultkit.errors import AuthenticationFailed, RemoteNotFound, RemoteUnreachable, UsageError
from vaultkit.ports import Outcome


def test_a_refused_candidate_is_passed_over_and_each_outcome_told_once(
    repo: GitObjects, tmp_path: Path
) -> None:
    """The first request goes without, then one candidate after another; what worked goes with the rest."""
    make_bare(tmp_path / "r.git")
    diary = Diary(WRONG, ADA, WRONG)
    with GitHttpServer(tmp_path, "ada", PASSWORD) as server:
        transport = opened(repo, server.url("r.git"), diary)
        assert transport.look() is None
        assert server.asked == [None, f"Basic {WRONG.basic()}", f"Basic {ADA.basic()}"]
        assert transport.push(None, first_commit(repo)).outcome is Outcome.ACCEPTED
        assert transport.look() is not None
        assert set(server.asked[3:]) == {f"Basic {ADA.basic()}"}
    assert diary.heard == [("gave", WRONG), ("refused", WRONG), ("gave", ADA), ("worked", ADA)]
    assert diary.places[0].path == "r.git"


def test_a_remote_that_anybody_may_read_wants_them_only_for_a_push(repo: GitObjects, tmp_path: Path) -> None:
    """Looking sends none and asks no source; the push does, and what worked stays."""
    make_bare(tmp_path / "r.git")
    diary = Diary(WRONG, ADA)
    head = first_commit(repo)
    with GitHttpServer(tmp_path, "ada", PASSWORD, anyone_reads=True) as server:
        transport = opened(repo, server.url("r.git"), diary)
        assert transport.look() is None
        assert (set(server.asked), diary.heard) == ({None}, [])
        assert transport.push(None, head).outcome is Outcome.ACCEPTED
        assert transport.look() == head
        transport.fetch(head, ())
    assert diary.heard[-1] == ("worked", ADA)


def test_without_the_right_ones_the_error_says_where_was_looked_and_shows_none(
    repo: GitObjects, tmp_path: Path
) -> None:
    """AuthenticationFailed names the places and no value, and is bounded: the next call does not search."""
    make_bare(tmp_path / "r.git")
    diary = Diary(WRONG, Credentials(secrets.token_hex(12)))
    source = InOrder([Given(None, "the environment"), diary])
    with GitHttpServer(tmp_path, "ada", PASSWORD) as server:
        transport = opened(repo, server.url("r.git"), source)
        words = set()
        for _ in range(3):
            with pytest.raises(AuthenticationFailed, match="refused the credentials") as caught:
                transport.look()
            words.add(f"{caught.value} {caught.value.hint}")
            assert "the environment, a diary" in caught.value.hint
            for given in diary.candidates:
                assert not any(spelling in told(caught.value) for spelling in given.spellings())
        assert len(words) == 1
        assert len(server.asked) == 3 + 2
        with pytest.raises(AuthenticationFailed, match="none were found"):
            opened(repo, server.url("r.git"), None).look()


def test_credentials_that_stop_working_are_told_and_others_found(repo: GitObjects, tmp_path: Path) -> None:
    """A password changed at the server, or a token that ran out, is replaced without a restart."""
    make_bare(tmp_path / "r.git")
    diary = Diary(ADA)
    allowed = [ADA]
    with GitHttpServer(tmp_path) as git_server:

        def answer(path: str, given: str | None) -> tuple[int, dict[str, str], bytes]:
            if given != f"Basic {allowed[0].basic()}":
                return WANTS_BASIC
            return 307, {"Location": f"{git_server.url('')}{path[1:]}"}, b""

        with AnsweringServer(answer) as server:
            transport = opened(repo, f"{server.origin}/r.git", diary)
            assert transport.look() is None
            allowed[0] = WRONG
            diary.candidates = (ADA, WRONG)
            assert transport.look() is None
    assert diary.heard[:4] == [("gave", ADA), ("worked", ADA), ("refused", ADA), ("gave", ADA)]
    assert diary.heard[4:] == [("gave", WRONG), ("worked", WRONG)]


def test_not_allowed_is_not_the_same_as_wrong(repo: GitObjects) -> None:
    """A 403 tries the next candidate, but calls nobody's credentials wrong."""
    diary = Diary(WRONG, ADA)

    def answer(path: str, given: str | None) -> tuple[int, dict[str, str], bytes]:
        return (403, {}, b"") if given != f"Basic {ADA.basic()}" else (404, {}, b"")

    with AnsweringServer(answer) as server, pytest.raises(RemoteNotFound):
        opened(repo, f"{server.origin}/r.git", diary).look()
    assert diary.heard == [("gave", WRONG), ("gave", ADA)]


def test_a_person_who_types_slowly_is_not_cut_off_by_the_deadline(repo: GitObjects) -> None:
    """The search takes no time away from the call: only the remote's own answers have to come in time."""

    class Slow(Diary):
        def find(self, place: Place) -> Iterator[Credentials]:
            time.sleep(2.2)
            yield from super().find(place)

    with AnsweringServer(lambda _, given: (404, {}, b"") if given else WANTS_BASIC) as server:
        slow = open_transport(repo, f"{server.origin}/r.git", credentials=Slow(ADA), deadline=2)
        with pytest.raises(RemoteNotFound):
            slow.look()


def test_calls_from_several_threads_search_once(repo: GitObjects, tmp_path: Path) -> None:
    """Of calls at the same time one searches, and the others go with what it found."""
    make_bare(tmp_path / "r.git")
    diary = Diary(WRONG, ADA)
    with GitHttpServer(tmp_path, "ada", PASSWORD) as server, ThreadPoolExecutor(6) as threads:
        transport = opened(repo, server.url("r.git"), diary)
        assert list(threads.map(lambda _: transport.look(), range(6))) == [None] * 6
    assert [what for what, _ in diary.heard] == ["gave", "refused", "gave", "worked"]


def test_a_login_of_another_kind_is_told_and_nothing_sent(repo: GitObjects) -> None:
    """A server that takes only what vaultkit does not know gets no password."""
    diary = Diary(ADA)
    with AnsweringServer(lambda *_: (401, {"WWW-Authenticate": "Negotiate"}, b"")) as server:
        with pytest.raises(AuthenticationFailed, match="does not know"):
            opened(repo, f"{server.origin}/r.git", diary).look()
        assert [given for _, given in server.asked] == [None]
    assert diary.heard == []


def test_a_server_that_repeats_what_it_was_sent_does_not_get_it_onto_the_screen(repo: GitObjects) -> None:
    """Whatever form a server puts a password into its error, it is blacked out in ours."""

    def answer(path: str, given: str | None) -> tuple[int, dict[str, str], bytes]:
        if given is None:
            return WANTS_BASIC
        plain = base64.b64decode(given.removeprefix("Basic ")).decode()
        words = f"ERR bad {given}, that is {plain}\n".encode()
        body = b"001e# service=git-upload-pack\n0000" + f"{len(words) + 4:04x}".encode() + words
        return 200, {"Content-Type": "application/x-git-upload-pack-advertisement"}, body

    with AnsweringServer(answer) as server, pytest.raises(RemoteUnreachable, match="bad Basic") as caught:
        opened(repo, f"{server.origin}/r.git", Given(ADA)).look()
    assert not any(spelling in told(caught.value) for spelling in ADA.spellings())


def test_what_a_hook_repeats_is_blacked_out_too(repo: GitObjects, tmp_path: Path) -> None:
    """The words of a push that was rejected are a server's words like any other."""
    bare = make_bare(tmp_path / "r.git")
    hook = bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho 'not with {PASSWORD}' >&2\nexit 1\n")
    hook.chmod(0o755)
    with GitHttpServer(tmp_path, "ada", PASSWORD) as server:
        pushed = opened(repo, server.url("r.git"), Given(ADA)).push(None, first_commit(repo))
    assert "not with ***" in pushed.reason


@pytest.mark.parametrize("name", ["ada", "\N{SNOWMAN} caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_any_text_can_be_a_password(repo: GitObjects, tmp_path: Path, name: str) -> None:
    """Names and passwords go out as UTF-8, as git sends them, also from inside an address."""
    from urllib.parse import quote

    make_bare(tmp_path / "r.git")
    password = f"{PASSWORD}/@:#\N{SNOWMAN}"
    with GitHttpServer(tmp_path, name, password) as server:
        inside = server.url("r.git", f"{quote(name)}:{quote(password, safe='')}")
        assert split_credentials(inside) == (server.url("r.git"), Credentials(name, password))
        assert open_transport(repo, inside).look() is None


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:{}/x@host/r.git",
        "https://ada:{}#x@host/r.git",
        "https://ada:{}?x@host/r.git",
        "https://{}/x@host/r.git",
        "https://ada:12/{}@host/r.git",
        "https://ada:{}@[host/r.git",
        "https://ada:{}@host:port/r.git",
        "https://ada%0ahost=x:{}@host/r.git",
        "https://host/r%0ahost=x{}.git",
        "https://host/r.git?private_token={}",
        "https:/ada:{}@host/r.git",
        "https:ada:{}@host/r.git",
        "https//ada:{}@host/r.git",
        "ssh://ada:{}@host/r.git",
        "ssh://ada:{}@[host/r.git",
    ],
)
def test_an_address_that_is_not_understood_is_not_repeated(url: str) -> None:
    """A password may be in any part of a broken address, so the error holds none of it."""
    with pytest.raises(UsageError) as caught:
        check_url(url.format(PASSWORD))
    assert PASSWORD not in told(caught.value)
