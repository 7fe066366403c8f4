"""Getting in: a call to a remote, made again with other credentials while these are refused.

The first try goes without credentials, or with those that worked last. Refused, the source is asked
for candidates one by one, in the caller's thread: a person who types, or a helper that opens a
window, takes no time away from the call's own deadline. It is bounded: so many tries a call, and
after a search in vain none again for a while, each time longer, so that a daemon neither knocks at
the door all day nor waits for a restart once a person has put things right.

What is raised, or handed on as the server's words, is searched for the credentials first: a server
may repeat what it was sent.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import NoReturn, TypeVar, cast

from dulwich.client import HTTPProxyUnauthorized, HTTPUnauthorized

from vaultkit.core.git.credentials import Credentials, LookNoFurther, hidden
from vaultkit.effects.transport.failures import explain
from vaultkit.effects.transport.url import Address, place_of
from vaultkit.errors import AuthenticationFailed, VaultError
from vaultkit.ports import CredentialSource, Pushed

T = TypeVar("T")
MOST_TRIES = 12
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 1800.0


class Login:
    """What lets calls to one remote in. `use` is told what the next request goes with."""

    def __init__(
        self, address: Address, source: CredentialSource | None, use: Callable[[Credentials | None], None]
    ) -> None:
        self._address = address
        self._place = place_of(address)
        self._source = source
        self._use = use
        self._worked: Credentials | None = None
        self._failure: tuple[str, str] | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._resume_at = 0.0
        self._lock = threading.RLock()

    def run(self, call: Callable[[], T]) -> T:
        """What `call` returns once it is let in; AuthenticationFailed if nothing lets it in."""
        with self._lock:
            tried: list[Credentials | None] = []
            for credentials in self._to_try(tried):
                tried.append(credentials)
                self._use(credentials)
                try:
                    result = call()
                except Exception as error:
                    self._check_refused(error, credentials)
                else:
                    self._let_in(credentials)
                    return _without_secrets(result, credentials)
            raise self._turned_away(tried)

    def _to_try(self, tried: list[Credentials | None]) -> Iterator[Credentials | None]:
        yield self._worked
        if None not in tried:
            yield None
        if self._source is None or time.monotonic() < self._resume_at:
            return
        self._failure = None
        with suppress(LookNoFurther):
            for credentials in islice(self._source.find(self._place), MOST_TRIES):
                if credentials not in tried:
                    yield credentials
        self._resume_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def _let_in(self, credentials: Credentials | None) -> None:
        if credentials and credentials != self._worked:
            self._worked, self._pause = credentials, FIRST_PAUSE_SECONDS
            if self._source:
                self._source.worked(self._place, credentials)

    def _check_refused(self, error: Exception, credentials: Credentials | None) -> None:
        """Return if it was the credentials that were refused; raise what else it was."""
        if not self._is_refusal(error):
            _raise_hidden(error, credentials, self._address)
        if isinstance(error, HTTPUnauthorized) and credentials:
            self._worked = None if credentials == self._worked else self._worked
            if self._source:
                self._source.refused(self._place, credentials)

    def _is_refusal(self, error: Exception) -> bool:
        """A 403 is one too: another user may be allowed. A proxy's is not: that has its own credentials."""
        if isinstance(error, VaultError | HTTPProxyUnauthorized):
            return False
        if isinstance(error, HTTPUnauthorized) and "basic" not in (error.www_authenticate or "basic").lower():
            hint = "Use another address of the same repository, such as ssh."
            raise AuthenticationFailed(
                f"{self._address.clean} wants a kind of login that vaultkit does not know", hint=hint
            ) from None
        return isinstance(explain(error, self._address), AuthenticationFailed)

    def _turned_away(self, tried: list[Credentials | None]) -> AuthenticationFailed:
        """The same words until the search is taken up again: a daemon tells a state once."""
        if self._failure is None:
            did = "refused the credentials" if any(tried) else "wants credentials, and none were found"
            looked = f"Looked at {self._source.name}." if self._source else "None were given."
            hint = f"{looked} The README tells where credentials can be kept."
            self._failure = f"{self._address.clean} {did}", hint
        message, hint = self._failure
        return AuthenticationFailed(message, hint=hint)


def _without_secrets(result: T, credentials: Credentials | None) -> T:
    if isinstance(result, Pushed) and credentials:
        return cast("T", result._replace(reason=hidden(result.reason, credentials)))
    return result


def _raise_hidden(error: Exception, credentials: Credentials | None, address: Address) -> NoReturn:
    """Raise the error, or if its text or that of a cause holds a secret, one that does not."""
    text = "".join(traceback.format_exception(error))
    if credentials is None or hidden(text, credentials) == text:
        raise error
    told = explain(error, address)
    message, hint = hidden(told.message, credentials), hidden(told.hint, credentials)
    raise type(told)(message, hint=hint) from None
