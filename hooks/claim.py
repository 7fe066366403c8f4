"""A task moved to `In_Progress/<agent>/` is claimed: stamp who holds it since when, and which claim it is.

`claim_epoch` only grows, also when the task is released and claimed again: by that a worker which slept can
tell its own claim from a later one.
"""

from vaultkit import Draft, HookMove, on_status, utc


@on_status("*", "in_progress", again=True)
def claim(move: HookMove, draft: Draft) -> None:
    meta = draft[move.path].meta
    if move.before == "done" and meta.get("owner") in (None, move.holder):
        return  # taken back, not claimed anew
    meta["status"] = "in_progress"
    if not move.holder:  # it came into no agent's folder, so nobody has claimed it
        if move.held_before:
            give_up(draft, move.path)
        return
    meta["owner"] = move.holder
    meta["claimed_at"] = utc(move.time)
    meta["claim_epoch"] = next_epoch(meta.get("claim_epoch"))
    if move.actor:
        meta["actor"] = move.actor
    else:
        meta.pop("actor", None)


@on_status("in_progress", "needs_action", again=True)
def release(move: HookMove, draft: Draft) -> None:
    draft[move.path].meta["status"] = "needs_action"
    give_up(draft, move.path)


def give_up(draft: Draft, path: str) -> None:
    meta = draft[path].meta
    meta.pop("owner", None)
    meta.pop("claimed_at", None)
    meta.pop("actor", None)


def next_epoch(last: object) -> int:
    return last + 1 if isinstance(last, int) and 0 <= last < 2**31 else 1
