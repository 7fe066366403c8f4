"""vaultkit: a safe desk for a person and their agents, over an Obsidian vault."""
