"""The effects: one real implementation of each port. They do not know each other."""
