"""Git's values and formats: trees, commits, packs, and what changed from one tree to another."""
