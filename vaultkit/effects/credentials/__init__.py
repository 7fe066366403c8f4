"""Where credentials for an http(s) remote are looked for, each place a source of its own."""

from vaultkit.effects.credentials.git_helpers import GitHelpers
from vaultkit.effects.credentials.in_order import InOrder
from vaultkit.effects.credentials.netrc_file import NetrcFile
from vaultkit.effects.credentials.os_keyring import Keyring
from vaultkit.effects.credentials.prompt import Ask, Keep, Prompt

__all__ = ["Ask", "GitHelpers", "InOrder", "Keep", "Keyring", "NetrcFile", "Prompt"]
