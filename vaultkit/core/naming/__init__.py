"""Names: which are the same note on every machine, and which look as if they were."""
