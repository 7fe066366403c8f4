"""`vaultkit init` and `vaultkit join`."""

from __future__ import annotations

from pathlib import Path

import click

from vaultkit.cli.main import credentials
from vaultkit.cli.output import say
from vaultkit.cli.progress import Progress
from vaultkit.setup import init_vault, join_vault


@click.command()
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--agent", required=True, metavar="NAME", help="Who this machine is, such as local_agent.")
@click.option("--human", is_flag=True, help="The person who decides sits at this machine.")
@click.option("--remote", metavar="URL", help="A git remote: a path, https://, ssh:// or user@host:path.")
def init(path: str, agent: str, human: bool, remote: str | None) -> None:
    """Make a vault, or put a folder or git repository that exists under sync."""
    with Progress() as progress:
        vault = init_vault(
            Path(path),
            agent,
            human=human,
            remote=remote,
            credentials=credentials(),
            tell=progress.tell,
            progress=progress.show,
        )
    vault.close()
    say(f"Ready. Open {vault.root} in Obsidian, and keep `vaultkit watch` running there.")


@click.command()
@click.argument("url")
@click.argument("path")
@click.option("--agent", required=True, metavar="NAME", help="Who this machine is, such as cloud_agent.")
def join(url: str, path: str, agent: str) -> None:
    """Make another machine's copy of the vault at URL in PATH."""
    with Progress() as progress:
        vault = join_vault(
            url, Path(path), agent, credentials=credentials(), tell=progress.tell, progress=progress.show
        )
    vault.close()
    say(f"Ready. Keep `vaultkit watch` running in {vault.root}.")
