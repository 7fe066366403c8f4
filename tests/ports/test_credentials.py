"""The CredentialSource port: what each place gives, to whom, and what it hears of it."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.credentials import SimpleCredential

from tests.servers import git
from vaultkit.core.credentials import Credentials, Given, LookNoFurther, Place, hidden
from vaultkit.credentials import usual_credentials
from vaultkit.effects.credentials import GitHelpers, InOrder, Keyring, NetrcFile, Prompt
from vaultkit.ports import CredentialSource

PLACE = Place("https", "notes.example.org", 8443, "desk.git")
PASSWORD = secrets.token_hex(12)
ADA = Credentials("ada", PASSWORD)


class MemoryKeyring(KeyringBackend):
    """A keyring that can only be asked for a user by name."""

    priority = 9

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class TalkativeKeyring(MemoryKeyring):
    """A keyring that also tells who has a password for a service."""

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        for (at, user), password in self.kept.items():
            if at == service and username in (None, user):
                return SimpleCredential(user, password)
        return None


class BrokenKeyring(MemoryKeyring):
    """A keyring that is locked, and says so in its own way."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(PASSWORD)


@pytest.fixture
def use_keyring() -> Iterator[Callable[[MemoryKeyring], MemoryKeyring]]:
    before = keyring.get_keyring()

    def use(backend: MemoryKeyring) -> MemoryKeyring:
        keyring.set_keyring(backend)
        return backend

    yield use
    keyring.set_keyring(before)


class Helpers:
    """Git credential helpers as shell scripts in a folder, which log what they are asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "gitconfig"
        self.log = folder / "log"

    def add(self, name: str, *answer: str) -> Path:
        script = self.folder / f"git-credential-{name}"
        lines = "\\n".join(answer)
        script.write_text(
            f'#!/bin/sh\n{{ echo "{name} $*"; pwd; cat; }} >> {self.log}\n'
            f"case \"$*\" in *get) printf '{lines}\\n';; esac\n"
        )
        script.chmod(0o755)
        return script

    def configure(self, text: str) -> GitHelpers:
        self.config.write_text(text)
        return GitHelpers([self.config])

    def heard(self) -> str:
        return self.log.read_text() if self.log.exists() else ""


@pytest.fixture
def helpers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helpers:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return Helpers(tmp_path)


ANSWER = ("username=ada", f"password={PASSWORD}")


def netrc(folder: Path, text: str, mode: int = 0o600) -> NetrcFile:
    (folder / ".netrc").write_text(text)
    (folder / ".netrc").chmod(mode)
    return NetrcFile(folder)


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


# Git's helpers


def test_a_helper_hears_the_question_and_what_became_of_the_answer(helpers: Helpers) -> None:
    """It is asked with git's lines, and told `store` or `erase` with everything it had answered."""
    helpers.add("mine", *ANSWER, "password_expiry_utc=99999999999", "unknown=thing")
    source = helpers.configure("[credential]\n\thelper = mine --quick\n\tuseHttpPath = true\n")
    assert list(source.find(PLACE)) == [ADA]
    question = f"protocol=https\nhost={PLACE.netloc}\npath=desk.git\n"
    home = f"{Path.home()}\n"
    assert helpers.heard() == f"mine --quick get\n{home}{question}\n"
    told = f"{question}username=ada\npassword={PASSWORD}\npassword_expiry_utc=99999999999\n\n"
    source.worked(PLACE, ADA)
    assert helpers.heard().endswith(f"mine --quick store\n{home}{told}")
    source.refused(PLACE, ADA)
    assert helpers.heard().endswith(f"mine --quick erase\n{home}{told}")
    source.refused(PLACE, ADA)
    assert helpers.heard().count("erase") == 1


@pytest.mark.parametrize(
    ("config", "answers", "found"),
    [
        ("[credential]\n\thelper = one\n\thelper = two\n", {"one": ANSWER, "two": ANSWER}, 2),
        ("[credential]\n\thelper = one\n\thelper =\n\thelper = two\n", {"one": ANSWER, "two": ()}, 0),
        ("[credential]\n\thelper = one\n\thelper = two\n", {"one": ("username=ada",), "two": ANSWER[1:]}, 1),
        ("[credential]\n\tusername = ada\n\thelper = one\n", {"one": ANSWER[1:]}, 1),
        ("[credential]\n\thelper = one\n", {"one": (*ANSWER, "password_expiry_utc=1000")}, 0),
        ("[credential]\n\thelper = one\n", {"one": (*ANSWER, "no proper line")}, 0),
        ("[credential]\n\thelper = one\n", {"one": ()}, 0),
        ("[credential]\n\thelper = none-such\n\thelper = /none/such\n\thelper = !exit 3\n", {}, 0),
        ("[credential\n\thelper = one\n", {"one": ANSWER}, 0),
        ('[credential "https://notes.example.org"]\n\thelper = one\n', {"one": ANSWER}, 0),
        ('[credential "https://notes.example.org:8443/else"]\n\thelper = one\n', {"one": ANSWER}, 0),
        ('[credential "https://notes.example.org:8443/desk.git"]\n\thelper = one\n', {"one": ANSWER}, 1),
    ],
)
def test_helpers_are_asked_as_git_asks_them(
    helpers: Helpers, config: str, answers: dict[str, tuple[str, ...]], found: int
) -> None:
    """In order, forgotten by an empty value, by address; expired or improper answers are none."""
    for name, answer in answers.items():
        helpers.add(name, *answer)
    assert list(helpers.configure(config).find(PLACE)) == [ADA] * found


def test_a_helper_that_says_quit_ends_the_search_everywhere(helpers: Helpers) -> None:
    """After `quit=1` neither another helper nor another source is asked."""
    helpers.add("one", "quit=1")
    helpers.add("two", *ANSWER)
    source = helpers.configure("[credential]\n\thelper = one\n\thelper = two\n")
    with pytest.raises(LookNoFurther):
        list(InOrder([source, Given(ADA)]).find(PLACE))
    assert "two" not in helpers.heard()


def test_an_address_with_a_line_break_asks_no_helper(helpers: Helpers) -> None:
    """A value that would add a line to the question is not sent."""
    helpers.add("one", *ANSWER)
    source = helpers.configure("[credential]\n\thelper = one\n\tuseHttpPath = true\n")
    for evil in ("x\nhost=bank.example.org", "x\rhost=y", "x\0"):
        assert list(source.find(replace(PLACE, path=evil))) == []
        assert list(source.find(replace(PLACE, username=evil))) == []
    assert helpers.heard() == ""


def test_a_vault_cannot_name_a_program_to_run(
    helpers: Helpers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a helper nor an alias in a vault's own .git/config is used, wherever the command runs."""
    vault, home = tmp_path / "vault", tmp_path / "home"
    home.mkdir()
    git("init", "-q", vault)
    evil = helpers.add("evil", *ANSWER)
    git("config", "credential.helper", str(evil), cwd=vault)
    git("config", "alias.credential-mine", f"!{evil}", cwd=vault)
    (home / ".gitconfig").write_text("[credential]\n\thelper = mine\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", str(vault / ".git"))
    monkeypatch.chdir(vault)
    assert list(GitHelpers().find(PLACE)) == []
    assert "evil" not in helpers.heard()
    helpers.add("mine", *ANSWER)
    assert list(GitHelpers().find(PLACE)) == [ADA]


def test_gits_own_store_answers_without_git_on_the_path_of_vaultkit_needing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`credential.helper = store`, which git brings along, is found through git where git is there."""
    (tmp_path / ".git-credentials").write_text(f"https://ada:{PASSWORD}@{PLACE.netloc}\n")
    (tmp_path / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert git("version")
    source = GitHelpers()
    assert list(source.find(PLACE)) == [ADA]
    source.refused(PLACE, ADA)
    assert list(GitHelpers().find(PLACE)) == []


# netrc


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (f"machine {PLACE.host} login ada password {PASSWORD}\n", 0o644, "chmod 600"),
        (f"machine {PLACE.host} login ada {PASSWORD}\n", 0o600, "cannot be understood"),
        (f"machine {PLACE.host} login ada password {PASSWORD}\n", 0o640, "can be read by others"),
    ],
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
