"""The vault's history: an ordinary git repository's objects and the two refs vaultkit moves."""

from vaultkit.effects.objects.store import GitObjects

__all__ = ["GitObjects"]
