"""A draft dragged to `Approved/` is approved: stamp by whom and when. Dragged back: it is pending again."""

from vaultkit import Draft, HookMove, on_move, utc


@on_move("Pending_Approval/**", "Approved/**")
def approve(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "approved"
    meta["approved_by"] = move.agent
    meta["approved_at"] = utc(move.time)


@on_move("Approved/**", "Pending_Approval/**")
def withdraw(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "pending_approval"
    meta.pop("approved_by", None)
    meta.pop("approved_at", None)
