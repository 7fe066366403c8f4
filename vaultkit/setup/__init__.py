"""Making a vault: `init` and `join`. Both can be repeated: what is there already is left alone.

Each step looks before it acts, so an interrupted run is completed by running it again. Notes that
exist are never touched; the first cycle puts them under sync like any other change.
"""

from vaultkit.effects.keys import default_home as default_key_home
from vaultkit.setup.beginning import init_vault
from vaultkit.setup.joining import join_vault
from vaultkit.setup.machine import KeyPlace

__all__ = ["KeyPlace", "default_key_home", "init_vault", "join_vault"]
