"""What this machine has observed, in one SQLite file."""

from vaultkit.effects.state.file import StateFile

__all__ = ["StateFile"]
