"""Memory implementations of the ports, for tests of vaultkit and of hooks. First-class: held to the real ones by tests/ports."""
