"""Where a vault's credentials for its http(s) remote come from, put together.

In this order: those given (by the caller, the environment as a face read it, or inside the address),
the system's keyring, git's credential helpers, `~/.netrc`, and last a person, if a face can ask one.
They are looked for only when the remote wants some, sent only to its own scheme, host and port, and
kept in memory only. An address is stored without what was inside it; as long as the process lives,
the user it named is the only one whose credentials count.
"""

from __future__ import annotations

from pathlib import Path

from vaultkit.core.git.credentials import Credentials, Given, Place
from vaultkit.effects.credentials import Ask, GitHelpers, InOrder, Keep, Keyring, NetrcFile, Prompt
from vaultkit.effects.transport import check_url, split_credentials
from vaultkit.ports import CredentialSource

__all__ = [
    "CredentialSource",
    "Credentials",
    "CredentialsFrom",
    "Given",
    "Place",
    "keep_apart",
    "usual_credentials",
]

CredentialsFrom = Credentials | CredentialSource | None
"""How a caller says where credentials come from: these and no others, this source, or None: as usual."""


def usual_credentials(
    given: CredentialSource | None = None,
    *,
    username: str | None = None,
    ask: Ask | None = None,
    keep: Keep | None = None,
    home: Path | None = None,
) -> CredentialSource:
    """The usual places, in order. `given` is asked first, `ask` last; without it nobody is asked.

    `username` names the only user whose credentials count. `keep` is asked whether what a person
    typed is to be kept in the keyring. `home` is where `.netrc` and `.gitconfig` are looked for.
    """
    keyring = Keyring()
    files = [home / ".config/git/config", home / ".gitconfig"] if home else None
    sources: list[CredentialSource] = [keyring, GitHelpers(files), NetrcFile(home)]
    if given:
        sources.insert(0, given)
    if ask:
        sources.append(Prompt(ask, keep, keyring))
    return InOrder(sources, username)


def keep_apart(url: str | None, login: CredentialsFrom) -> tuple[str | None, CredentialSource]:
    """The address without credentials, and where to find some: inside the address first.

    Raises UsageError for an address that is not used.
    """
    source = usual_credentials() if login is None else login
    source = Given(source) if isinstance(source, Credentials) else source
    if url is None:
        return None, source
    clean, inside = split_credentials(url)
    check_url(clean)
    if inside:
        source = InOrder([Given(inside, "the address"), source], inside.username or None)
    return clean, source
