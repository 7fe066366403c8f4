"""A draft dragged to `Rejected/` is rejected: stamp by whom and when. Dragged back: it is pending again."""

from vaultkit import Draft, HookMove, on_status, utc


@on_status("pending_approval", "rejected", again=True)
def reject(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "rejected"
    meta["rejected_by"] = move.agent
    meta["rejected_at"] = utc(move.time)


@on_status("rejected", "pending_approval", again=True)
def reconsider(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "pending_approval"
    meta.pop("rejected_by", None)
    meta.pop("rejected_at", None)
