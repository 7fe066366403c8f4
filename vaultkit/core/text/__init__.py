"""Texts: a note, its lines and its frontmatter; reading, editing and merging them."""
