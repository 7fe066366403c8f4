"""Writing notes by compare-and-set: a note that holds something unexpected is left to whoever typed it."""

from __future__ import annotations

from collections.abc import Iterator

from vaultkit.core.cycle.protocol import Write, WriteStep
from vaultkit.core.git.tree import Oid
from vaultkit.desk import BATCH, MANY_WRITES, Desk, many_writes
from vaultkit.ports import Pending, Seen

TELL_EVERY = 500

Sightings = list[tuple[str, Seen | None]]
"""What was written, as the state remembers it: each path, and what it holds now (None: nothing)."""


class Checkout:
    """Writes at one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def write(self, action: Write) -> frozenset[str]:
        """Write all steps; the paths where nothing was changed, for something unexpected is there."""
        if not all(self._fits(step) for step in action.steps):
            return frozenset(step.path for step in action.steps)
        if action.resumable:
            self._desk.state.expect(Pending(step.path, step.new) for step in action.steps)
        return self._write_steps(action.steps, resumable=action.resumable)

    def _fits(self, step: WriteStep) -> bool:
        """Does the note hold something that may be replaced? One that does not keeps all from being written:
        what others did is then taken in first, and nothing of ours lies about that history does not know."""
        return any(self._desk.holds(step.path, oid) for oid in _candidates(step))

    def _write_steps(self, steps: tuple[WriteStep, ...], *, resumable: bool) -> frozenset[str]:
        """Write, and record what was written: many notes batch by batch, else one by one."""
        record = self._desk.state.wrote if resumable else self._desk.state.see
        # Removals last: while a move is written, the note is in two places rather than in none.
        ordered = sorted(steps, key=lambda step: step.new is None)
        size = 1 if resumable and len(steps) <= MANY_WRITES else BATCH
        mismatched: set[str] = set()
        for start in range(0, len(ordered), size):
            sightings: Sightings = []
            batch = ordered[start : start + size]
            with many_writes(self._desk, len(steps), ((step.path, step.new) for step in batch)):
                for step in batch:
                    if not self.write_step(step, sightings):
                        mismatched.add(step.path)
            if sightings:
                record(sightings)
            if start and start % TELL_EVERY == 0:
                self._desk.progress("writing notes", start, len(ordered))
        return frozenset(mismatched)

    def write_step(self, step: WriteStep, sightings: Sightings) -> bool:
        """Write one note if it holds what is expected, or what an interrupted write may have left."""
        return any(self._try_write(step, expected, sightings) for expected in _candidates(step))

    def _try_write(self, step: WriteStep, expected: Oid | None, sightings: Sightings) -> bool:
        if step.new is None:
            return self._try_remove(step.path, expected, sightings)
        desk = self._desk
        before = desk.objects.blob(expected) if expected else None
        stamp = desk.disk.replace(step.path, before, desk.objects.blob(step.new))
        if stamp is None:
            return False
        sightings.append((step.path, Seen(stamp, step.new)))
        return True

    def _try_remove(self, path: str, expected: Oid | None, sightings: Sightings) -> bool:
        desk = self._desk
        if expected is None:
            removed = desk.disk.item(path) is None
        else:
            removed = desk.disk.remove(path, desk.objects.blob(expected))
        if removed:
            sightings.append((path, None))
        return removed


def _candidates(step: WriteStep) -> Iterator[Oid | None]:
    """What the note may hold before it is written, the likeliest first.

    A note to be removed that is gone already is none of it: somebody may have moved it.
    """
    same = [] if step.new is None and step.expected is not None else [step.new]
    yield from dict.fromkeys([step.expected, *same, *sorted(step.others, key=str)])
