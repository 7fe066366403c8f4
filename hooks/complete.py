"""A note moved to `Done/` is done: stamp when."""

from vaultkit import Draft, HookMove, on_status, utc


@on_status("*", "done", again=True)
def complete(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    meta["status"] = "done"
    meta["completed_at"] = utc(move.time)
