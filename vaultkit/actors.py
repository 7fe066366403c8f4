"""Several programs that work as one agent in one vault: a task that one of them claimed is only its own.

To the other machines they are one agent. Here the note's `actor` tells them apart; the stock hook `claim`
stamps it with the claim, and where it did not (a person's drag was the claim), whoever asks first writes it.
"""

from __future__ import annotations

from vaultkit.core.history.fold import policy_at
from vaultkit.core.text.note import BrokenFrontmatter, read_meta, set_values
from vaultkit.desk import Desk
from vaultkit.errors import AlreadyClaimed, VaultError
from vaultkit.finding import read_note
from vaultkit.report import Cycle

KEY = "actor"


def keep_for_actor(desk: Desk, cycle: Cycle, path: str) -> None:
    """Make the claimed task at `path` this program's, if it has a name.

    The caller holds the vault's lock. Raises AlreadyClaimed if another of this agent's programs has it.
    """
    actor = desk.identity.actor
    if not actor:
        return
    before = read_note(desk, policy_at(desk.objects, desk.head_tree()), path)
    try:
        holder = str(read_meta(before).get(KEY) or "")
        after = before if holder else set_values(before, {KEY: actor})
    except BrokenFrontmatter as error:
        hint = "Mend the frontmatter, or claim without an actor's name."
        raise VaultError(f"{path}: who claimed it cannot be noted: {error}", hint=hint, note=path) from error
    if holder and holder != actor:
        raise AlreadyClaimed(path, holder)
    if after != before:
        if desk.disk.replace(path, before, after) is None:
            raise VaultError(f"{path} is being edited", hint="Try again.", note=path)
        cycle(frozenset([path]), f"claim {path}")
