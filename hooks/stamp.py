"""A note put among the tasks or the drafts, wherever from, says so: `status`, and a draft since when."""

from vaultkit import Draft, HookMove, on_status, utc


@on_status("*", "needs_action", again=True)
def to_do(move: HookMove, draft: Draft) -> None:
    draft[move.path].meta["status"] = "needs_action"


@on_status("*", "pending_approval", again=True)
def submit(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "pending_approval"
    if move.before not in ("approved", "rejected"):
        meta["submitted_at"] = utc(move.time)
