"""A draft dragged to `Approved/` is approved: stamp by whom and when. Dragged back: it is pending again."""

from vaultkit import Draft, HookMove, on_status, utc


@on_status("pending_approval", "approved", again=True)
def approve(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "approved"
    meta["approved_by"] = move.agent
    meta["approved_at"] = utc(move.time)


@on_status("approved", "pending_approval", again=True)
def withdraw(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "pending_approval"
    meta.pop("approved_by", None)
    meta.pop("approved_at", None)
