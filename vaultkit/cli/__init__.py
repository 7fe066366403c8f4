"""The command line: one small module per verb, over the public API only."""
