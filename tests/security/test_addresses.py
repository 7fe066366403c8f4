"""Addresses of remotes: the few kinds that are used, and none that runs a program or hides an option."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import run
from vaultkit.effects.transport import check_url
from vaultkit.errors import UsageError

HOSTILE = [
    "ext::sh -c 'touch /tmp/vaultkit-outside'",
    "ext::%S /tmp/x",
    "fd::17/foo",
    "transport::address",
    "EXT::sh -c x",
    "ftp://host/r.git",
    "git://host/r.git",
    "javascript:alert(1)",
    "gopher://host/",
    "file+ssh://host/r.git",
    "-oProxyCommand=touch x",
    "--upload-pack=touch x",
    "ssh://-oProxyCommand=touch/r.git",
    "ssh://-l@host/r.git",
    "-oProxyCommand=x:r.git",
    "host:-x",
    "-user@host:r.git",
    "ssh://host/r.git;touch x",
    "host:r'; touch x; '.git",
    "host:$(touch x).git",
    "ssh://host/`x`.git",
    "ssh://user:password@host/r.git",
    "ssh://host",
    "http://",
    "https:///r.git",
    "http://host:port/r.git",
    "https://[::1/r.git",
    "http:/host/r.git",
    "https://host/r.git\n--x",
    "https://host/%0aurl=x",
    "file:///tmp/%00r.git",
    "file:///tmp/%0Ar.git",
    "a\x1b[2Jb",
    "",
    "\u202ehttps://host/r.git",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_before_anything_is_tried(url: str) -> None:
    """Each is refused in words, with the kinds that may be used instead."""
    check_refused(url)


def check_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_url(url)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.org/ada/desk.git", "http"),
        ("http://127.0.0.1:8080/r.git", "http"),
        ("ssh://git@example.org:2222/ada/desk.git", "ssh"),
        ("ssh://example.org/~ada/desk.git", "ssh"),
        ("git@example.org:ada/my desk.git", "ssh"),
        ("/srv/desk.git", "path"),
        ("../desk.git", "path"),
        ("file:///srv/my%20desk.git", "path"),
        ("C:/desk.git", "path"),
    ],
)
def test_the_kinds_that_are_used(url: str, kind: str) -> None:
    """http(s), ssh in both spellings, and paths."""
    assert check_url(url).kind == kind


@pytest.mark.parametrize("url", HOSTILE[:4])
def test_no_command_runs_a_program_for_an_address(tmp_path: Path, url: str) -> None:
    """`init` and `join` refuse it with exit code 2, and nothing was started or made."""
    for words in (
        ("init", "v", "--agent", "a", "--human", "--remote", url),
        ("join", url, "v", "--agent", "a"),
    ):
        done = run(tmp_path, *words)
        assert done.returncode == 2
        assert not (tmp_path / "v" / ".git").exists()
    assert not Path("/tmp/vaultkit-outside").exists()
