"""Git's credential helpers: what `git push` would use, vaultkit uses.

They are asked in the order of the configuration until one gives both a user name and a password.
As git does, all of them hear which credentials worked (`store`) and which were refused (`erase`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vaultkit.core.git.credentials import Credentials, LookNoFurther, Place
from vaultkit.effects.credentials.git_config import Helping, read_helping
from vaultkit.effects.credentials.git_helper import Operation, can_be_sent, run_helper

KEPT = ("password_expiry_utc", "oauth_refresh_token")
TRUE = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True, repr=False)
class Answered:
    """Whom to tell about credentials, and in which words."""

    helpers: tuple[str, ...]
    words: dict[str, str]


class GitHelpers:
    """The helpers in git's configuration; `files` to read other ones, the most general first."""

    name = "git's credential helpers"

    def __init__(self, files: Sequence[Path] | None = None) -> None:
        self._files = files
        self._given: dict[Credentials, Answered] = {}

    def find(self, place: Place) -> Iterator[Credentials]:
        helping = read_helping(place, self._files)
        asked = _description(place, helping)
        for helper in helping.helpers if can_be_sent(asked) else ():
            answer = run_helper(helper, "get", asked) or {}
            if answer.get("quit", "").lower() in TRUE:
                raise LookNoFurther
            username = answer.get("username") or asked.get("username", "")
            if username != (place.username or username):
                continue
            if _is_good(answer) and username:
                yield self._remember(helping, asked, answer, username)
            elif username:
                asked = {**asked, "username": username}

    def _remember(
        self, helping: Helping, asked: dict[str, str], answer: dict[str, str], username: str
    ) -> Credentials:
        """What is said of these credentials later is said with everything that came with them."""
        found = Credentials(username, answer["password"])
        words = {**asked, "username": username, "password": found.password}
        words |= {key: answer[key] for key in KEPT if key in answer}
        self._given[found] = Answered(helping.helpers, words)
        return found

    def worked(self, place: Place, credentials: Credentials) -> None:
        self._tell("store", self._given.get(credentials))

    def refused(self, place: Place, credentials: Credentials) -> None:
        self._tell("erase", self._given.pop(credentials, None))

    def _tell(self, operation: Operation, given: Answered | None) -> None:
        for helper in given.helpers if given else ():
            run_helper(helper, operation, given.words if given else {})


def _description(place: Place, helping: Helping) -> dict[str, str]:
    words = {"protocol": place.scheme, "host": place.netloc}
    if helping.with_path:
        words["path"] = place.path
    username = place.username or helping.username
    return {**words, "username": username} if username else words


def _is_good(answer: dict[str, str]) -> bool:
    """Is there a password, and has it not expired?"""
    expiry = answer.get("password_expiry_utc", "")
    is_over = expiry.isdecimal() and int(expiry) < time.time()
    return bool(answer.get("password")) and not is_over
