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
    """The first line, if whoever rejected the draft put it there; else it is the drafter's own.

    So is one that stood there when the draft came to wait: what was before that need not be looked through.
    """
    first, by = first_line(draft), ""
    try:
        for entry in vault.history(move.path):
            if first_line(Note(move.path, vault.content(move.path, entry.commit))) != first:
                return first if by == move.agent else ""
            by = entry.signer
            if any(deed.kind in ("submit", "add") for deed in entry.deeds):
                break
    except VaultError:
        return first
    return "" if by else first


def first_line(note: Note) -> str:
    lines = (line.strip() for line in note.body.splitlines())
    return next((line for line in lines if line), "")


def named(draft: Note, name: str) -> str:
    try:
        value = draft.get(name)
    except BrokenFrontmatter:
        return ""
    return " ".join(str(value).split()) if value else ""
