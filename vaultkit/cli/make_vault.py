"""`vaultkit init` and `vaultkit join`."""

from __future__ import annotations

from pathlib import Path

import click

from vaultkit.cli.login import credentials
from vaultkit.cli.main import key_home
from vaultkit.cli.output import say
from vaultkit.cli.progress import Progress
from vaultkit.errors import UsageError
from vaultkit.setup import KeyPlace, init_vault, join_vault
from vaultkit.vault import Vault

IN_KEYRING = click.option(
    "--in-keyring", is_flag=True, help="Keep the private key in the system's keyring, not in a file."
)


@click.command()
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--agent", required=True, metavar="NAME", help="Who this machine is, such as local_agent.")
@click.option("--human", is_flag=True, help="The person who decides sits at this machine.")
@click.option("--remote", metavar="URL", help="A git remote: a path, https://, ssh:// or user@host:path.")
@IN_KEYRING
def init(path: str, agent: str, human: bool, remote: str | None, in_keyring: bool) -> None:
    """Make a vault, or put a folder or git repository that exists under sync."""
    with Progress() as progress:
        vault = init_vault(
            _folder(path),
            agent,
            human=human,
            remote=remote,
            credentials=credentials(),
            keys=KeyPlace(key_home(), in_keyring),
            tell=progress.tell,
            progress=progress.show,
        )
    vault.close()
    say(f"Ready. Open {vault.root} in Obsidian, and keep `vaultkit watch` running there.")


@click.command()
@click.argument("url")
@click.argument("path")
@click.option("--agent", required=True, metavar="NAME", help="Who this machine is, such as cloud_agent.")
@click.option("--expect", default="", metavar="FINGERPRINT", help="Join only the vault that has it.")
@IN_KEYRING
def join(url: str, path: str, agent: str, expect: str, in_keyring: bool) -> None:
    """Make another machine's copy of the vault at URL in PATH.

    It prints the line by which the person's machine comes to trust this one, and the fingerprint of
    the vault's policy, to be compared with what `vaultkit agents list` shows there before that.
    """
    with Progress() as progress:
        vault = join_vault(
            url,
            _folder(path),
            agent,
            expect=expect,
            credentials=credentials(),
            keys=KeyPlace(key_home(), in_keyring),
            tell=progress.tell,
            progress=progress.show,
        )
    with vault:
        _tell_pairing(vault, is_compared=bool(expect))
    say(f"Ready. Keep `vaultkit watch` running in {vault.root}.")


def _tell_pairing(vault: Vault, *, is_compared: bool) -> None:
    """To trust a key changes the policy, and its fingerprint: whoever compares must do so before."""
    if vault.is_trusted():
        return
    say("\nNothing this machine does counts until the person's machine trusts its key. There, run:\n")
    if not is_compared:
        say("  vaultkit agents list\n")
        say("and, if it shows the fingerprints above (the next command changes the policy's):\n")
    say(f"  vaultkit agents add {vault.pairing_line()}\n")


def _folder(path: str) -> Path:
    """The folder; an address in its place would become the name of one, with all that is in it."""
    if "://" in path:
        raise UsageError("that is an address, not a folder", hint="See --help for the order of the words.")
    return Path(path)
