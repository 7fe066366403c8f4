"""`vaultkit watch`: keep the vault in step until told to stop."""

from __future__ import annotations

import logging
import signal
import sys
from logging.handlers import RotatingFileHandler

import click

from vaultkit.cli.hush import hush
from vaultkit.cli.main import with_vault
from vaultkit.cli.output import name
from vaultkit.cli.terminal import terminal
from vaultkit.daemon import Daemon, watch_vault
from vaultkit.opening import PRIVATE
from vaultkit.vault import Vault

LOG_BYTES = 1_000_000


@click.command()
@click.option(
    "--poll", type=float, default=1.0, metavar="SECONDS", help="How often to ask the remote when busy."
)
@click.option("-q", "--quiet", is_flag=True, help="Tell only what needs attention.")
@with_vault
def watch(vault: Vault, poll: float, quiet: bool) -> None:
    """Keep this vault in step: react to every change here and at the remote."""
    _ask_while_somebody_is_there(vault)
    _set_up_log(vault, quiet)
    daemon = watch_vault(vault, fastest=poll)
    _stop_when_asked(daemon)
    log = logging.getLogger("vaultkit.watch")
    daemon.run(lambda: log.info("watching %s as %s; Ctrl-C stops", vault.root, vault.agent))
    log.info("stopped")


def _stop_when_asked(daemon: Daemon) -> None:
    """Asked once, it ends after the write in hand; asked again, at once: a hook in it may never end."""

    def stop(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        daemon.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _ask_while_somebody_is_there(vault: Vault) -> None:
    """If the remote wants credentials, a person can type them now; later nobody is asked."""
    if terminal.is_there():
        vault.reach()
        terminal.leave()


def _set_up_log(vault: Vault, quiet: bool) -> None:
    """State changes go to standard error and, with dates, to a log file of bounded size."""
    folder = vault.root / PRIVATE / "logs"
    folder.mkdir(exist_ok=True)
    file = RotatingFileHandler(folder / "watch.log", maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8")
    file.setFormatter(_Hushed("%(asctime)s %(levelname)s %(message)s"))
    screen = logging.StreamHandler(sys.stderr)
    screen.setFormatter(_OneLine("%(asctime)s %(message)s", "%H:%M:%S"))
    screen.setLevel(logging.WARNING if quiet else logging.INFO)
    log = logging.getLogger("vaultkit")
    log.setLevel(logging.INFO)
    log.handlers[:] = [file, screen]


class _Hushed(logging.Formatter):
    """No password: a traceback holds whatever another library put into its error."""

    def format(self, record: logging.LogRecord) -> str:
        return hush(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        """A note's name may hold line breaks and worse; it must not pass for a line of ours."""
        record.message = name(record.message)
        return super().formatMessage(record)


class _OneLine(_Hushed):
    """No traceback on the screen: it is in the log file."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - the standard library's name
        return "(the details are in .vaultkit/logs/watch.log)"
