"""A task moved to `In_Progress/<agent>/` is claimed: stamp who holds it since when."""

from vaultkit import Draft, HookMove, on_move, utc


@on_move("Needs_Action/**", "In_Progress/**")
def claim(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "in_progress"
    meta["owner"] = move.dst.split("/")[1]
    meta["claimed_at"] = utc(move.time)
    if move.actor:
        meta["actor"] = move.actor
    else:
        meta.pop("actor", None)


@on_move("In_Progress/**", "Needs_Action/**")
def release(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "needs_action"
    meta.pop("owner", None)
    meta.pop("claimed_at", None)
    meta.pop("actor", None)
