"""The parts of `vaultkit.Vault`, one idea each; the whole of it is the class to use."""
