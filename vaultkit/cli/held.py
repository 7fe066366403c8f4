"""Words for a change that is held: what can be done about it."""

from __future__ import annotations

import shlex

from vaultkit.cli.output import name
from vaultkit.core.rules.staying import STAYING, WORDS_TO_STAY


def way_out(path: str, rule: str, detail: str, *, is_shared: bool) -> str:
    """How to take the change back, where others have the note; "" where there is nothing to go back to.

    What stands where a note was, and is none (a link, say), has to be moved away first.
    """
    stays = rule in STAYING or detail.startswith(WORDS_TO_STAY)
    if stays or not is_shared or rule == "not-a-file":
        return ""
    return f"`vaultkit restore {shlex.quote(name(path))}` takes it back, to what all others have"
