"""Redirects and credentials: they stay with the scheme, host and port they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import AnsweringServer, GitHttpServer, make_bare, make_certificate
from tests.sources import ADA, PASSWORD, WANTS_BASIC, Diary, opened
from vaultkit.core.git.credentials import Given
from vaultkit.effects.objects import GitObjects
from vaultkit.errors import AuthenticationFailed, RemoteUnreachable


def test_a_redirect_to_another_host_takes_no_credentials_along(repo: GitObjects, tmp_path: Path) -> None:
    """The other host gets none, its refusal erases none, and the error names it."""
    make_bare(tmp_path / "r.git")
    diary = Diary(ADA)
    with GitHttpServer(tmp_path, "ada", PASSWORD) as other:

        def answer(path: str, given: str | None) -> tuple[int, dict[str, str], bytes]:
            return (302, {"Location": other.url(path[1:])}, b"") if given else WANTS_BASIC

        with AnsweringServer(answer) as server:
            with pytest.raises(AuthenticationFailed, match="redirects to") as caught:
                opened(repo, f"{server.origin}/r.git", diary).look()
            assert server.asked[-1][1] == f"Basic {ADA.basic()}"
        assert set(other.asked) == {None}
        assert other.url("").strip("/") in str(caught.value)
    assert diary.heard == [("gave", ADA)]


def test_a_redirect_on_the_same_host_keeps_them(repo: GitObjects, tmp_path: Path) -> None:
    """A repository that was renamed at its server is reached with the same credentials."""
    make_bare(tmp_path / "r.git")
    with GitHttpServer(tmp_path, "ada", PASSWORD) as git_server:
        seen: list[str | None] = []

        def answer(path: str, given: str | None) -> tuple[int, dict[str, str], bytes]:
            seen.append(given)
            if given is None:
                return WANTS_BASIC
            if path.startswith("/old.git"):
                return 301, {"Location": path.replace("/old.git", "/new.git")}, b""
            return 307, {"Location": git_server.url("r.git") + path.removeprefix("/new.git")}, b""

        with AnsweringServer(answer) as server, pytest.raises(AuthenticationFailed):
            opened(repo, f"{server.origin}/old.git", Given(ADA)).look()
    assert seen == [None, f"Basic {ADA.basic()}", f"Basic {ADA.basic()}"]
    assert set(git_server.asked) == {None}


def test_a_redirect_from_https_to_http_is_not_followed(
    repo: GitObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a real TLS connection: the plain server is never asked, with credentials or without."""
    certificate, key = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with AnsweringServer(lambda *_: (200, {}, b"")) as plain:

        def answer(path: str, given: str | None) -> tuple[int, dict[str, str], bytes]:
            return (302, {"Location": plain.origin + path}, b"") if given else WANTS_BASIC

        with AnsweringServer(answer, (certificate, key)) as server:
            with pytest.raises(RemoteUnreachable, match="redirects to plain http"):
                opened(repo, f"{server.origin}/r.git", Given(ADA)).look()
            assert [given for _, given in server.asked] == [None, f"Basic {ADA.basic()}"]
        assert plain.asked == []
