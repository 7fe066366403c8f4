"""`vaultkit demo`: shows the whole thing working, in a temporary folder."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from vaultkit.cli.output import say
from vaultkit.demo import Demo, Stage


@click.command()
@click.option("--keep", is_flag=True, help="Leave it running afterwards, to look at in Obsidian.")
def demo(keep: bool) -> None:
    """Show two vaults, one remote and one person at work, in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="vaultkit-demo-"))
    stage, rows = Stage(folder), []

    def tell(title: str, seconds: float, problem: str) -> None:
        rows.append((title, seconds, problem))
        say(
            f"{'FAILED' if problem else 'ok    '}  {seconds:6.2f} s  {title}"
            + (f": {problem}" if problem else "")
        )

    say(f"A demonstration, in {folder}\n")
    try:
        worked = Demo(stage, tell).run()
        _print_table(rows)
        if keep and worked:
            _keep_running(stage)
    finally:
        stage.stop_all()
    _clean_up(folder, keep=keep or not worked)
    sys.exit(0 if worked else 1)


def _print_table(rows: list[tuple[str, float, str]]) -> None:
    table = Table(title="vaultkit demo")
    for name, justify in (("step", "left"), ("seconds", "right"), ("", "left")):
        table.add_column(name, justify="right" if justify == "right" else "left")
    for title, seconds, problem in rows:
        table.add_row(title, f"{seconds:.2f}", problem or "ok")
    table.add_row("in all", f"{sum(row[1] for row in rows):.2f}", "")
    Console(width=None if sys.stdout.isatty() else 100).print(table)


def _keep_running(stage: Stage) -> None:
    say(f"\nStill running. Open {stage.local} as a vault in Obsidian, and drag notes about.")
    say(f"The other machine's copy is {stage.cloud}; drop .eml files into {stage.inbox}.")
    say("Ctrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        say("Ended.")


def _clean_up(folder: Path, *, keep: bool) -> None:
    if keep:
        say(f"Everything is left in {folder}.")
    else:
        shutil.rmtree(folder, ignore_errors=True)
