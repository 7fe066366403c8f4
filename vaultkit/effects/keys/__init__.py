"""The private keys of this machine's agent: outside the vault, in files of the owner's or the OS keyring."""

from vaultkit.effects.keys.store import StoredKeys, default_home, make_key

__all__ = ["StoredKeys", "default_home", "make_key"]
