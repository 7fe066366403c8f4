"""The ports in memory, for tests of vaultkit and of hooks; held to the real ones by tests/ports."""
