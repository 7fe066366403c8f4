"""What vaultkit promises, as checks on a simulated world. Each says what is broken, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vaultkit.core.git.git_format import object_id
from vaultkit.core.history.fold import policy_at
from vaultkit.core.telling.board import DASHBOARD
from vaultkit.testing.machine import Machine
from vaultkit.testing.people import EVIL, People, lines_of, note_id

MARKERS = (b"<<<<<<<", b">>>>>>>")


def before_it_is_replaced(machine: Machine, people: People, path: str, old: bytes, new: bytes) -> str:
    """What was typed is committed before anything is written over it; "" if that and more holds.

    What keeps all the typed words, as a stamp does, may be written before its own commit counts.
    """
    if not (lines_of(old) <= lines_of(new) or machine.has_committed(object_id("blob", old))):
        return f"{machine.agent} wrote over what nobody had committed in {path}: {old!r}"
    if any(mark in new for mark in MARKERS):
        return f"{machine.agent} wrote conflict markers into {path}"
    return _slipped_in(machine, people, path, new)


def _slipped_in(machine: Machine, people: People, path: str, data: bytes) -> str:
    """An approved note holds nothing of others that the person did not see when they approved it."""
    seen = people.approved.get(note_id(data))
    if not path.startswith("Approved/") or seen is None:
        return ""
    late = {line for line in lines_of(data) - seen if b" by local_agent" not in line}
    return f"{machine.agent} let {sorted(late)} slip into the approved {path}" if late else ""


def nothing_evil_where_it_may_not_be(machine: Machine) -> str:
    """With Cloud's key one reaches Cloud's zones and nothing else; signals are quoted, and filed away."""
    policy, notes = policy_at(machine.objects, machine.tree), machine.notes()
    telling = (DASHBOARD, "Done/Updates/") if DASHBOARD in notes else ()
    for path, data in notes.items():
        if EVIL in data and not (path.startswith(telling) or policy.may("cloud_agent", path, adds=True)):
            return f"{machine.agent} has an attacker's words in {path}"
    return ""


def in_the_end(machines: list[Machine]) -> Iterator[str]:
    """Once faults are over: the same notes everywhere, on the disks as in history, each in one place."""
    if len({machine.tree for machine in machines}) > 1:
        yield f"the trees differ: {_difference(machines)}"
    for machine in machines:
        held = {one.path for one in machine.state.held()}
        synced = machine.synced()
        wrong = [path for path in synced if not machine.holds(path) and path not in held]
        extra = machine.notes().keys() - synced.keys() - held
        if wrong or extra:
            yield f"{machine.agent}'s disk is not what its history says: {wrong}, {sorted(extra)}"


def _difference(machines: list[Machine]) -> str:
    one, other = (machines[n].synced() for n in (0, -1))
    paths = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    return ", ".join(sorted(paths))


def in_one_place(machine: Machine) -> Iterator[str]:
    """A note is in one place: it was claimed once, and a moved draft is not where it was.

    Two versions of it that could not be merged may both stand. That is no reason for two owners. One that is
    held is the person's to settle, and the status says so.
    """
    held = {one.path for one in machine.state.held()}
    places: dict[tuple[bytes, ...], list[str]] = {}
    for path, data in machine.notes().items():
        if note_id(data) and not path.startswith("Conflicts/") and path not in held:
            places.setdefault((note_id(data), *sorted(lines_of(data))), []).append(path)
            if path.startswith("In_Progress/"):
                places.setdefault((b"claimed", note_id(data)), []).append(path)
    yield from (f"one note is at {sorted(at)}" for at in places.values() if len(at) > 1)


def every_line_is_there(machines: Iterable[Machine], people: People) -> Iterator[str]:
    """Each line that nobody took out is in some note."""
    kept = b"".join(data for machine in machines for data in machine.notes().values())
    left = [line for line in people.written if line not in people.removed]
    yield from (f"lost: {line!r}" for line in left if line.strip() not in kept)
