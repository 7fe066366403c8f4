"""The vault's folder on a real disk."""

from vaultkit.effects.files.disk import VaultFiles

__all__ = ["VaultFiles"]
