"""The way to a remote: a bare path, http(s) or ssh."""

from vaultkit.effects.transport.opening import open_transport
from vaultkit.effects.transport.url import Credentials, check_url, local_path, split_credentials

__all__ = ["Credentials", "check_url", "local_path", "open_transport", "split_credentials"]
