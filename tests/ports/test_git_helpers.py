"""Git's credential helpers: which are asked, what they hear, and who may not name one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.servers import git
from tests.sources import ADA, ANSWER, PASSWORD, PLACE, Helpers
from vaultkit.core.git.credentials import Given, LookNoFurther
from vaultkit.effects.credentials import GitHelpers, InOrder


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
