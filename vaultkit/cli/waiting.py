"""Words for deletions of many notes at once, which wait for a person's answer."""

from __future__ import annotations

from vaultkit.cli.output import name

ANSWER = "If that was meant: `vaultkit resolve --deletions allow`; if not, `--deletions restore`."
FEW = 3


def words_for(told: str, paths: list[str]) -> str:
    """Whose doing, and some of the notes."""
    return f"{told}: {', '.join(map(name, paths[:FEW]))}{' ...' if len(paths) > FEW else ''}"


def gone_here(paths: list[str]) -> str:
    """The same for those that disappeared from this disk."""
    return words_for(f"{len(paths)} notes disappeared here at once", paths)
