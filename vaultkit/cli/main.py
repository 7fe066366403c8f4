"""The command line: one verb, one module. This one holds what they share: options, errors, exit codes."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import click

from vaultkit.cli.hush import hush, remember_arguments
from vaultkit.cli.login import credentials
from vaultkit.cli.output import Complaints, complain, complain_of_usage, say
from vaultkit.errors import VaultError
from vaultkit.vault import Vault

EXIT_CODES = """\b
Exit codes:
  0   done                              12  wrong credentials
  1   error                             13  remote unreachable
  2   wrong usage                       14  no repository at that address
  3   done, something needs a person    15  rejected by the remote's rules
  4   refused by the policy             16  others were first
  10  not a vault, or a broken policy   17  the remote's history was rewritten
  11  another process is at work here   70  bug (the log's path is shown)
  130 interrupted
"""
NEEDS_A_PERSON = 3
BUG = 70
INTERRUPTED = 130


class Verbs(click.Group):
    """Loads each verb's module only when it is used."""

    modules: ClassVar[dict[str, str]] = {
        "init": "make_vault",
        "join": "make_vault",
        "sync": "sync",
        "watch": "watch",
        "status": "status",
        "dashboard": "dashboard",
        "tasks": "tasks",
        "claim": "claim",
        "release": "claim",
        "approve": "move",
        "reject": "move",
        "done": "move",
        "agents": "agents",
        "violations": "violations",
        "log": "log",
        "show": "show",
        "undo": "undo",
        "restore": "restore",
        "conflicts": "conflicts",
        "resolve": "resolve",
        "audit": "audit",
        "hooks": "hooks",
        "demo": "demo",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = self.modules.get(cmd_name)
        if module is None:
            return None
        from importlib import import_module

        command = getattr(import_module(f"vaultkit.cli.{module}"), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=Verbs, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C", "--vault", "path", default=".", metavar="PATH", help="The vault; default: the one around here."
)
@click.option(
    "--actor",
    metavar="NAME",
    default="",
    envvar="VAULTKIT_ACTOR",
    help="Who this is, among several programs.",
)
@click.version_option(package_name="obsidian-vaultkit", prog_name="vaultkit")
@click.pass_context
def vaultkit(context: click.Context, path: str, actor: str) -> None:
    """A safe desk for you and your agents, in your Obsidian vault."""
    context.obj = path
    context.meta["actor"] = actor


def key_home() -> Path | None:
    """Where new private keys go, if the person has said so."""
    home = os.environ.get("VAULTKIT_HOME")
    return Path(home).expanduser() if home else None


def with_vault(work: Callable[..., None]) -> Callable[..., None]:
    """Hand a command the open vault, and close it afterwards."""
    from functools import wraps

    @wraps(work)
    @click.pass_obj
    def command(path: str, /, *arguments: object, **options: object) -> None:
        actor = click.get_current_context().meta["actor"]
        with Vault.open(path, actor=actor, credentials=credentials()) as vault:
            work(vault, *arguments, **options)

    return command


def tidy_up(vault: Vault, *, published: bool = True) -> None:
    """After a change by command: say if it has not left yet, run what it calls for, and show it to git."""
    if not published:
        say("Not published yet; the next sync does that.")
    for problem in vault.run_jobs().problems:
        complain(problem)
    vault.refresh_git()


def run() -> None:
    """The program's entry: every error ends here, as words and an exit code."""
    logging.getLogger("vaultkit").addHandler(Complaints(logging.WARNING))
    remember_arguments(sys.argv[1:])
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        result = vaultkit.main(arguments, prog_name="vaultkit", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except VaultError as error:
        complain(error.message, error.hint)
        return error.exit_code
    except click.ClickException as error:
        complain_of_usage(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        complain(f"{place}{error.strerror or error}", "Nothing was lost. Check the disk and its permissions.")
        return 1
    except Exception as error:
        complain(f"this is a bug in vaultkit: {error!r}", f"Please report it with {_write_log(arguments)}")
        return BUG


def _write_log(arguments: list[str]) -> Path:
    """The traceback goes to a file: a person can do nothing with it."""
    handle, name = tempfile.mkstemp(prefix="vaultkit-bug-", suffix=".log")
    verb = next((word for word in arguments if word in Verbs.modules), "?")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"verb": verb, "python": sys.version}, file)
        file.write("\n" + hush(traceback.format_exc()))
    return Path(name)


if __name__ == "__main__":
    run()
