"""New notes from the templates that ship with vaultkit."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from vaultkit.bundled import bundled
from vaultkit.core.text.note import Value, body, set_values, with_body


def fill_note(template: str, meta: Mapping[str, Value], **words: str) -> str:
    """The text of a new note: `meta` goes into the frontmatter (quoted as need be), `words` into the body.

    `template` is a name in `templates/notes/`: `task_email`, `email_reply` or `signal`.
    """
    data = bundled(f"templates/notes/{template}.md").read_bytes()
    text = Template(body(data).decode()).safe_substitute(words)
    return set_values(with_body(data, text.encode()), meta).decode()
