"""`python -m vaultkit` is the `vaultkit` command."""

from vaultkit.cli.main import run

run()
