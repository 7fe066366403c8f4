"""The CredentialSource port: what each place gives, to whom, and what it hears of it.

One suite for all of them. There is none in memory: `Given`, which holds what it was given, is as good as
one, and what a keyring or a git helper is to the system is a real one of each here.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keyring
import pytest

from tests.sources import (
    ADA,
    ANSWER,
    PASSWORD,
    PLACE,
    BrokenKeyring,
    Helpers,
    MemoryKeyring,
    TalkativeKeyring,
    netrc,
)
from vaultkit.core.git.credentials import Credentials, Given, Place, hidden
from vaultkit.credentials import usual_credentials
from vaultkit.effects.credentials import InOrder, Keyring, NetrcFile, Prompt
from vaultkit.ports import CredentialSource

# Every source


LOOKING_UP = ("keyring", "talkative keyring", "helper", "path", "snippet", "netrc")


@pytest.fixture(params=[*LOOKING_UP, "given", "prompt", "order"])
def source(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    helpers: Helpers,
    use_keyring: Callable[[MemoryKeyring], MemoryKeyring],
) -> CredentialSource:
    """A source that has Ada's password for PLACE, of each kind."""
    host = PLACE.origin
    script = helpers.add("mine", *ANSWER)
    if request.param in ("keyring", "talkative keyring"):
        use_keyring(MemoryKeyring() if request.param == "keyring" else TalkativeKeyring())
        Keyring().keep(PLACE, ADA)
    sources: dict[str, Callable[[], CredentialSource]] = {
        "given": lambda: Given(ADA),
        "helper": lambda: helpers.configure(f'[credential "{host}"]\n\thelper = mine\n'),
        "path": lambda: helpers.configure(f'[credential "{host}"]\n\thelper = {script}\n'),
        "snippet": lambda: helpers.configure(f'[credential "{host}"]\n\thelper = "!exec {script}"\n'),
        "netrc": lambda: netrc(tmp_path, f"machine {PLACE.host} login ada password {PASSWORD}\n"),
        "prompt": lambda: Prompt(lambda place, again: None if again else ADA),
        "order": lambda: InOrder([Given(None), Given(ADA)]),
    }
    return sources.get(request.param, Keyring)()


def test_each_source_gives_what_it_has_and_hears_what_became_of_it(source: CredentialSource) -> None:
    """The credentials come out; a source can be told of them; its name and its looks hold no value."""
    assert list(source.find(PLACE)) == [ADA]
    source.worked(PLACE, ADA)
    source.refused(PLACE, ADA)
    assert PASSWORD not in f"{source.name} {source!r} {vars(source)!r}"


@pytest.mark.parametrize("source", LOOKING_UP, indirect=True)
def test_no_source_that_looks_things_up_gives_them_for_another_place(source: CredentialSource) -> None:
    """Another host, and (but for netrc, which knows no schemes) another scheme or port, gets nothing."""
    assert list(source.find(replace(PLACE, host="other.example.org"))) == []
    if not isinstance(source, NetrcFile):
        assert list(source.find(replace(PLACE, port=None))) == []
        assert list(source.find(replace(PLACE, scheme="http"))) == []


def test_where_the_user_is_known_only_that_users_credentials_count(source: CredentialSource) -> None:
    """Bob's place gets nothing of Ada's, from whatever source; Ada's place gets it."""
    chosen = InOrder([source])
    assert list(chosen.find(replace(PLACE, username="bob"))) == []
    assert list(InOrder([source], "bob").find(PLACE)) == []
    assert list(chosen.find(replace(PLACE, username="ada"))) == [ADA]


# The keyring


def test_what_is_kept_in_the_keyring_is_under_the_remotes_origin(
    use_keyring: Callable[[MemoryKeyring], MemoryKeyring],
) -> None:
    """The service names scheme, host and port, the password is nowhere else, and a later user wins."""
    backend = use_keyring(MemoryKeyring())
    bob = Credentials("bob", secrets.token_hex(12))
    assert Keyring().keep(PLACE, ADA)
    assert backend.kept[f"vaultkit:{PLACE.origin}", "ada"] == PASSWORD
    assert list(backend.kept.values()).count(PASSWORD) == 1
    assert Keyring().keep(PLACE, bob)
    assert list(Keyring().find(PLACE)) == [bob]
    assert list(Keyring().find(replace(PLACE, username="ada"))) == [ADA]


def test_a_keyring_that_is_missing_or_broken_is_no_source(
    use_keyring: Callable[[MemoryKeyring], MemoryKeyring], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the package, without a keyring, or with one that fails, nothing is found and nothing raised."""
    use_keyring(BrokenKeyring())
    assert list(Keyring().find(PLACE)) == []
    keyring.set_keyring(keyring.backends.fail.Keyring())
    assert list(Keyring().find(PLACE)) == []
    assert (Keyring().kind(), Keyring().keep(PLACE, ADA)) == (None, False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert list(Keyring().find(PLACE)) == []
    assert "obsidian-vaultkit[keyring]" in Keyring().name


# netrc


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (f"machine {PLACE.host} login ada password {PASSWORD}\n", 0o644, "chmod 600"),
        (f"machine {PLACE.host} login ada {PASSWORD}\n", 0o600, "cannot be understood"),
        (f"machine {PLACE.host} login ada password {PASSWORD}\n", 0o640, "can be read by others"),
    ],
    ids=["by everybody", "no netrc", "by the group"],
)
def test_a_bad_netrc_is_told_once_by_name_and_never_by_content(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, mode: int, words: str
) -> None:
    """A malformed file, or one that others can read, is not used, and one warning says which and why."""
    source = netrc(tmp_path, text, mode)
    with caplog.at_level(logging.DEBUG):
        assert [*source.find(PLACE), *source.find(PLACE)] == []
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("vaultkit.credentials", "WARNING")
    assert str(tmp_path / ".netrc") in record.getMessage()
    assert words in record.getMessage()
    assert PASSWORD not in caplog.text


def test_netrc_is_read_under_both_its_names_and_its_default_is_left_alone(tmp_path: Path) -> None:
    """`_netrc` counts too; the entry for any host is not for this one."""
    netrc(tmp_path, f"default login ada password {PASSWORD}\n")
    assert list(NetrcFile(tmp_path).find(PLACE)) == []
    (tmp_path / "_netrc").write_text(f"machine {PLACE.host} login ada password {PASSWORD}\n")
    (tmp_path / "_netrc").chmod(0o600)
    assert list(NetrcFile(tmp_path).find(PLACE)) == [ADA]
    assert list(NetrcFile(tmp_path / "none").find(PLACE)) == []


# A person


def test_a_person_is_asked_again_a_few_times_and_what_worked_is_kept_after_a_yes(
    use_keyring: Callable[[MemoryKeyring], MemoryKeyring],
) -> None:
    """Three questions at most, no offer without a keyring, no keeping without a yes, a yes keeps it."""
    asked: list[bool] = []
    offers: list[str] = []

    def ask(place: Place, again: bool) -> Credentials:
        asked.append(again)
        return ADA

    def keep(place: Place, kind: str) -> bool:
        offers.append(kind)
        return len(offers) > 1

    person = Prompt(ask, keep, Keyring())
    assert list(person.find(PLACE)) == [ADA] * 3
    assert asked == [False, True, True]
    keyring.set_keyring(keyring.backends.fail.Keyring())
    person.worked(PLACE, ADA)
    assert offers == []
    backend = use_keyring(MemoryKeyring())
    person.worked(PLACE, ADA)
    assert (len(offers), backend.kept) == (1, {})
    person.worked(PLACE, ADA)
    assert backend.kept[f"vaultkit:{PLACE.origin}", "ada"] == PASSWORD


# Together


def test_the_order_is_given_keyring_helper_netrc_person(
    tmp_path: Path, helpers: Helpers, use_keyring: Callable[[MemoryKeyring], MemoryKeyring]
) -> None:
    """The usual places are asked lazily, one after the other, each only when those before were refused."""
    names = ("given", "keyring", "helper", "netrc", "person")
    all_of_them = [Credentials(name, secrets.token_hex(12)) for name in names]
    given, kept, helped, noted, typed = all_of_them
    use_keyring(MemoryKeyring())
    Keyring().keep(PLACE, kept)
    helpers.add("mine", f"username={helped.username}", f"password={helped.password}")
    (tmp_path / ".gitconfig").write_text("[credential]\n\thelper = mine\n")
    netrc(tmp_path, f"machine {PLACE.host} login {noted.username} password {noted.password}\n")
    asked: list[Place] = []

    def ask(place: Place, again: bool) -> Credentials | None:
        asked.append(place)
        return None if again else typed

    source = usual_credentials(Given(given), ask=ask, home=tmp_path)
    found = source.find(PLACE)
    assert [next(found), next(found)] == [given, kept]
    assert (helpers.heard(), asked) == ("", [])
    assert list(found) == [helped, noted, typed]


def test_what_worked_is_given_first_the_next_time_and_told_once(helpers: Helpers) -> None:
    """Within one process the search is over once something worked, until that is refused."""
    helpers.add("mine", *ANSWER)
    wrong = Credentials("ada", secrets.token_hex(12))
    source = InOrder([Given(wrong), helpers.configure("[credential]\n\thelper = mine\n")])
    found = source.find(PLACE)
    assert next(found) == wrong
    source.refused(PLACE, wrong)
    assert next(found) == ADA
    source.worked(PLACE, ADA)
    source.worked(PLACE, ADA)
    assert helpers.heard().count("store") == 1
    assert next(source.find(PLACE)) == ADA
    source.refused(PLACE, ADA)
    assert helpers.heard().count("erase") == 1
    assert next(source.find(PLACE)) == wrong


def test_credentials_know_every_spelling_of_their_secret() -> None:
    """The password, and a token given as user name, are found in plain, quoted and base64 form."""
    odd = Credentials("ada", f"{PASSWORD}/+ \N{SNOWMAN}")
    token = Credentials(PASSWORD, "x-oauth-basic")
    for credentials in (odd, token, Credentials(PASSWORD)):
        text = " ".join(sorted(credentials.spellings()))
        assert PASSWORD not in hidden(text, credentials)
        assert hidden(f"told {credentials.basic()}", credentials) == "told ***"
        assert PASSWORD not in f"{credentials!r} {replace(PLACE, username=credentials.username)!r}"
    assert hidden("ada may", odd) == "ada may"
