"""A rejected draft goes back to whoever drafts, as a task that nobody holds yet, with the reason.

The reason is the draft's `reason:`, or else the first line, if it was typed above what the drafter wrote. One
rejection is one task, however often this runs: its key names the rejection.
"""

from vaultkit import BrokenFrontmatter, HookMove, Note, Vault, VaultError, after_status


@after_status("pending_approval", "rejected", again=True)
def send_back(move: HookMove, vault: Vault) -> None:
    draft = vault.moved_note(move)
    name = move.path.rpartition("/")[2].removesuffix(".md")
    meta = {"draft": move.path, "rejected_by": move.agent}
    reason, task = named(draft, "reason") or typed_above(draft, move, vault), named(draft, "task")
    if task:
        meta["task"] = task
    vault.create_task(
        key=f"rejected {move.key}"[:400],
        title=f"{name} was rejected",
        text=f"{reason or 'No reason was given.'}\n\nThe draft: [[{move.path.removesuffix('.md')}]]\n",
        domain=vault.policy.workflow.rest_of(move.path).rpartition("/")[0],
        meta={**meta, **({"reason": reason} if reason else {})},
    )


def typed_above(draft: Note, move: HookMove, vault: Vault) -> str:
    """The first line, unless it is the drafter's own: it stood there before anybody rejected the draft."""
    first = first_line(draft)
    try:
        written = as_drafted(move, vault)
    except VaultError:
        return first
    return first if written is None or first != first_line(written) else ""


def as_drafted(move: HookMove, vault: Vault) -> Note | None:
    """The draft as somebody else left it, or as it was first; None if it came with the rejection."""
    for entry in vault.history(move.path):
        is_new = any(deed.kind == "add" for deed in entry.deeds)
        if entry.signer != move.agent or is_new:
            return Note(move.path, vault.content(move.path, entry.commit))
    return None


def first_line(note: Note) -> str:
    lines = (line.strip() for line in note.body.splitlines())
    return next((line for line in lines if line), "")


def named(draft: Note, name: str) -> str:
    try:
        value = draft.get(name)
    except BrokenFrontmatter:
        return ""
    return " ".join(str(value).split()) if value else ""
