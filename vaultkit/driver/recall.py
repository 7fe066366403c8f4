"""What this machine knew when a cycle begins: read from the state file and the branch, and from nowhere else.

Another process may have moved on since the last cycle, or been killed in the middle of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from vaultkit.core.cycle.held_notes import waiting_among
from vaultkit.core.cycle.protocol import Replica
from vaultkit.core.git.tree import Oid
from vaultkit.core.rules.staying import LOCAL
from vaultkit.desk import Desk
from vaultkit.driver.branch import Branch
from vaultkit.driver.brought import Brought
from vaultkit.driver.recovery import recover
from vaultkit.rewrite import put_back


def recall(desk: Desk, branch: Branch, brought: Brought) -> Replica:
    """What the engine has to know; what a killed process left half done is finished or taken back first."""
    branch.find()
    put_back(desk)
    recover(desk, branch.ref)
    if desk.state.get("began") is None:
        desk.state.put(began=str(desk.clock.now()))
    get = desk.state.get
    head, base = oid_in(get("head")), oid_in(get("base"))
    made_here = desk.objects.made_here()
    pending, held = desk.state.pending(), desk.state.held()
    _clear_away(desk, pending)
    return Replica(
        head=head,
        base=base,
        tree=oid_in(get("tree")),
        arrived=brought.commits(branch.ref, frozenset(oid for oid in (head, base) if oid), made_here),
        made_here=made_here,
        sighted={path: Oid(oid) for path, oid in json.loads(get("sighted") or "{}").items()},
        pending={path: one.new for path, one in pending.items()},
        done=frozenset(path for path, one in pending.items() if one.done),
        held={one.path: one.base for one in held},
        stays=frozenset(one.path for one in held if one.rule == LOCAL),
        waits=waiting_among((one.path, one.rule) for one in held),
        has_remote=desk.remote is not None,
    )


def oid_in(text: str | None) -> Oid | None:
    """The object that the state names, if it names one."""
    return Oid(text) if text else None


def _clear_away(desk: Desk, pending: Iterable[str]) -> None:
    """What a killed write left is another name of its note, which somebody may have dragged away."""
    for folder in {path.rpartition("/")[0] for path in pending}:
        desk.disk.clear(folder, desk.disk.items(folder))
