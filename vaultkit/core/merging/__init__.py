"""Two histories to one: what was done here, replayed on what is published."""
