"""A task moved to `In_Progress/<agent>/` is claimed: stamp who holds it since when."""

from vaultkit import Draft, HookMove, on_status, utc


@on_status("*", "in_progress", again=True)
def claim(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    if move.before == "done" and meta.get("owner") in (None, move.holder):
        return  # taken back, not claimed anew
    meta["status"] = "in_progress"
    if move.holder:
        meta["owner"] = move.holder
    meta["claimed_at"] = utc(move.time)
    if move.actor:
        meta["actor"] = move.actor
    else:
        meta.pop("actor", None)


@on_status("in_progress", "needs_action", again=True)
def release(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "needs_action"
    meta.pop("owner", None)
    meta.pop("claimed_at", None)
    meta.pop("actor", None)
