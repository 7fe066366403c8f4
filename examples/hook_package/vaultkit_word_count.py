"""Drafts tell how many words they have, so that a long one is seen in a table before it is opened."""

from vaultkit import Draft, HookChange, HookMove, on_change, on_create, on_status


@on_create("Pending_Approval/**")
@on_change("Pending_Approval/**")
def count(change: HookChange, draft: Draft) -> None:
    write_count(draft, change.path)


@on_status("*", "pending_approval")
def count_moved(move: HookMove, draft: Draft) -> None:
    write_count(draft, move.path)


def write_count(draft: Draft, path: str) -> None:
    note = draft[path]
    note.meta["words"] = len(note.body.split())
