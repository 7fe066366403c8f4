"""History as it counts: commits folded to a tree, where trust begins, and what became of notes."""
