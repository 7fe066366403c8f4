"""Writing several notes as one: all of them hold what they should, or none was changed.

Each write says what it replaces, so what somebody types this moment is never overwritten; then the
writes before it are taken back. They are recorded first as writes under way: after a kill in the middle
the next cycle takes them back before it looks at anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from vaultkit.core.git.tree import Change, Changes, find_file
from vaultkit.desk import Desk, many_writes
from vaultkit.errors import VaultError
from vaultkit.ports import Pending


def rewrite_notes(
    desk: Desk, edits: Changes, and_then: Callable[[], None] = lambda: None, *, as_written: bool = False
) -> None:
    """Make each path hold its `new` where it holds its `old`; `and_then` runs once all do.

    `as_written`: what is written comes from history, so whoever commits it, after a kill even, moves nothing.
    The caller holds the vault's lock. VaultError, and no change, if something else is there.
    """
    if desk.state.pending():
        raise VaultError(
            "a sync was interrupted in the middle of its writes",
            hint="Run `vaultkit sync` until it is in step, then try again.",
        )
    back = {path: change.new for path, change in edits.items() if change.new} if as_written else {}
    desk.state.put(rewriting="yes", written_back=json.dumps(back) if back else None)
    desk.state.expect(Pending(path, change.new) for path, change in edits.items())
    with many_writes(desk, len(edits), ((path, change.new) for path, change in edits.items())):
        _write_all(desk, edits)
    and_then()
    desk.state.settle(rewriting=None)


def put_back(desk: Desk) -> None:
    """After a kill in the middle: each note as history has it, where nobody has touched it since."""
    if desk.state.get("rewriting") is None:
        return
    tree = desk.head_tree()
    for path, pending in desk.state.pending().items():
        _write(desk, path, Change(pending.new, find_file(desk.objects, tree, path)))
    desk.state.settle(rewriting=None)


def is_written_back(desk: Desk) -> bool:
    """Did one who was killed write notes back from history which are not committed yet?"""
    text = desk.state.get("written_back")
    tree, back = desk.head_tree(), json.loads(text) if text else {}
    left = any(
        find_file(desk.objects, tree, path) != oid and desk.holds(path, oid) for path, oid in back.items()
    )
    if back and not left:
        desk.state.put(written_back=None)
    return left


def _write_all(desk: Desk, edits: Changes) -> None:
    done: list[str] = []
    try:
        for path in _in_order(edits):
            if not _write(desk, path, edits[path]):
                hint = "Nothing was changed. `vaultkit sync` commits what was typed; then try again."
                raise VaultError(f"{path} is being edited, or something else is there", hint=hint, note=path)
            done.append(path)
    except BaseException:
        for path in reversed(done):
            _write(desk, path, Change(edits[path].new, edits[path].old))
        desk.state.settle(rewriting=None)
        raise


def _in_order(edits: Changes) -> Iterable[str]:
    """Removals first: they make room where names differ only in case, and a folder becomes a note."""
    return sorted(edits, key=lambda path: edits[path].new is not None)


def _write(desk: Desk, path: str, change: Change) -> bool:
    old = desk.objects.blob(change.old) if change.old else None
    if change.new:
        return desk.disk.replace(path, old, desk.objects.blob(change.new)) is not None
    if old is None:
        return desk.disk.item(path) is None
    return desk.disk.item(path) is not None and desk.disk.remove(path, old)
