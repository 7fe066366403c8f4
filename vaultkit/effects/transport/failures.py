"""What went wrong at a remote, told apart. dulwich's exceptions have no common base; all are caught here."""

from __future__ import annotations

from dulwich.errors import NotGitRepository

from vaultkit.effects.transport.url import Address
from vaultkit.errors import (
    AuthenticationFailed,
    RemoteError,
    RemoteNotFound,
    RemoteUnreachable,
    VaultError,
)

_SAFE = "Your work is safe here and goes out later."
_WRONG_CREDENTIALS = (
    "permission denied",
    "authentication failed",
    "http resp 401",
    "http resp 403",
    "publickey",
)
_NO_REPOSITORY = (
    "does not appear to be a git repository",
    "repository not found",
    "not a git repository",
    "no such file or directory",
    "http resp 404",
    "repository does not exist",
)


def explain(error: BaseException, address: Address) -> VaultError:
    """The error to raise instead; it never holds a password, and always the address and a hint."""
    if isinstance(error, VaultError):
        return error
    words = _words(error)
    lowered = words.lower()
    if _is_unauthorized(error, address) or any(w in lowered for w in _WRONG_CREDENTIALS):
        return AuthenticationFailed(
            f"{address.clean} refused the credentials", hint=_credentials_hint(address)
        )
    if "host key verification failed" in lowered:
        hint = f"Connect once with `ssh {address.host}` and check the key it shows."
        return AuthenticationFailed(f"the host key of {address.host} is not known", hint=hint)
    if isinstance(error, NotGitRepository) or any(w in lowered for w in _NO_REPOSITORY):
        return RemoteNotFound(f"there is no git repository at {address.clean}", hint="Check the address.")
    return _unreachable(error, words, address)


def _is_unauthorized(error: BaseException, address: Address) -> bool:
    """The import is slow, and nothing new where it is http: explaining an error opens no file."""
    if address.kind != "http":
        return False
    from dulwich.client import HTTPProxyUnauthorized, HTTPUnauthorized

    return isinstance(error, HTTPUnauthorized | HTTPProxyUnauthorized)


def _unreachable(error: BaseException, words: str, address: Address) -> RemoteError:
    if isinstance(error, FileNotFoundError) and address.kind == "ssh":
        return RemoteUnreachable("there is no `ssh` program here", hint="Install an OpenSSH client.")
    return RemoteUnreachable(f"{address.clean} cannot be used: {words}", hint=_SAFE)


def _credentials_hint(address: Address) -> str:
    if address.kind == "ssh":
        return "Check the ssh key and its agent: `ssh` must reach the host without asking."
    return "Check the user name and the password or token (VAULTKIT_USERNAME, VAULTKIT_PASSWORD)."


def _words(error: BaseException) -> str:
    """One line, without what urllib3 says about its own objects."""
    text = " ".join(str(error).split()) or type(error).__name__
    for marker in ("(Caused by ", "Caused by "):
        text = text.partition(marker)[2].rstrip(")") or text
    return text.rpartition(">: ")[2] if ">: " in text else text[:300]
