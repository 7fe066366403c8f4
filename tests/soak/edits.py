"""What people and agents do to the notes on both sides, by chance, a few times a second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tests.soak import notes
from tests.soak.hands import CLOUD, LOCAL, OTHERS, Change, Hands

DOMAINS = ("email", "files", "social")
CLAIMS = {side: ("Needs_Action", f"In_Progress/{side}_agent") for side in (LOCAL, CLOUD)}
DRAGS = {
    LOCAL: (
        CLAIMS[LOCAL],
        ("In_Progress/local_agent", "Done"),
        ("In_Progress/local_agent", "Needs_Action"),
        *[("Pending_Approval", "Approved")] * 3,
        ("Pending_Approval", "Rejected"),
        ("Approved", "Pending_Approval"),
        *[("Approved", "Done")] * 2,
        ("Rejected", "Done"),
        ("Done", "Notes/archive"),
    ),
    CLOUD: (
        *[CLAIMS[CLOUD]] * 3,
        *[("In_Progress/cloud_agent", "Pending_Approval")] * 3,
        ("In_Progress/cloud_agent", "Needs_Action"),
        ("Plans", "Updates/news"),
    ),
}
"""From where to where each side drags notes; the more often one is named, the more often it happens."""


class Editor:
    """Both sides. `done` counts what was done; `number` is what new notes are counted from."""

    def __init__(self, hands: Hands, number: int) -> None:
        self._hands, self._chance = hands, hands.chance
        self._number = number
        self.done: Counter[str] = Counter()

    def edit(self) -> None:
        """One gesture."""
        side = self._chance.choice([LOCAL, CLOUD])
        gestures = self._gestures()
        name = self._chance.choices(list(gestures), [weight for weight, _ in gestures.values()])[0]
        if gestures[name][1](side):
            self.done[name] += 1

    def _gestures(self) -> dict[str, tuple[int, Callable[[str], object]]]:
        """Each with its weight."""
        return {
            "create": (16, self.create),
            "append": (24, self._append),
            "insert a line": (14, lambda side: self._change(side, self._inserted(side))),
            "edit in place": (18, lambda side: self._change(side, self._replaced(side))),
            "write anew": (5, lambda side: self._change(side, self._anew(side))),
            "edit a property": (8, lambda side: self._change(side, self._level(side))),
            "both edit one note": (8, self._edit_both),
            "drag": (26, lambda side: self._drag(side, *self._chance.choice(DRAGS[side]))),
            "both claim one task": (3, self._claim_both),
            "drag and edit": (4, self._drag_and_edit),
            "rename": (6, self._rename),
            "rename a folder": (1, self._rename_folder),
            "delete": (4, lambda side: self._delete(side, self._hands.some_note(side))),
            "settle a conflict": (6, lambda _: self._delete(LOCAL, self._hands.below(LOCAL, "Conflicts"))),
        }

    # Texts

    def create(self, side: str) -> bool:
        place = self._chance.choice(["Needs_Action", "Needs_Action", "Pending_Approval", *OTHERS])
        number = self._next_number()
        path = f"{place}/{self._chance.choice(DOMAINS)}/note {number}.md"
        return self._hands.create(side, path, notes.new_note(number, self._line(side), self._chance))

    def _append(self, side: str) -> bool:
        path = self._hands.some_note(side)
        return path is not None and self._hands.append(side, path, f"{self._line(side)}\n".encode())

    def _change(self, side: str, change: Change, path: str | None = None) -> bool:
        path = path or self._hands.some_note(side)
        return path is not None and self._hands.change(side, path, change)

    def _edit_both(self, _: str) -> bool:
        """One note at both sides, before either can know of the other."""
        path, kinds = self._hands.some_note(CLOUD), (self._inserted, self._replaced, self._level)
        sides = (LOCAL, CLOUD) if path else ()
        done = [self._change(side, self._chance.choice(kinds)(side), path) for side in sides]
        return any(done)

    def _line(self, side: str) -> str:
        return f"{side.title()} writes {self._hands.ledger.new_word(side)}."

    def _inserted(self, side: str) -> Change:
        return lambda data: notes.with_line_inserted(data, self._line(side), self._chance)

    def _replaced(self, side: str) -> Change:
        return lambda data: notes.with_line_replaced(data, self._line(side), self._chance)

    def _anew(self, side: str) -> Change:
        return lambda data: notes.written_anew(data, self._line(side), self._chance)

    def _level(self, side: str) -> Change:
        return lambda data: notes.with_level(data, self._hands.ledger.new_word(side))

    # Moves

    def _drag(self, side: str, source: str, target: str, src: str | None = None) -> str | None:
        src = src or self._hands.below(side, source)
        return self._hands.move(side, src, target + src.removeprefix(source)) if src else None

    def _drag_and_edit(self, side: str) -> bool:
        path = self._drag(side, *self._chance.choice(DRAGS[side]))
        return path is not None and self._change(side, self._inserted(side), path)

    def _claim_both(self, _: str) -> bool:
        src = self._hands.below(CLOUD, "Needs_Action")
        done = [self._drag(side, *CLAIMS[side], src) for side in (LOCAL, CLOUD) if src]
        return any(done)

    def _rename(self, side: str) -> str | None:
        path = self._hands.some_note(side)
        folder = (path or "").rpartition("/")[0]
        return self._hands.move(side, path, f"{folder}/renamed {self._next_number()}.md") if path else None

    def _rename_folder(self, side: str) -> str | None:
        """A topic or a domain, with all that is in it."""
        path = self._hands.below(side, "Notes" if side == LOCAL else "Plans")
        folder = (path or "").rpartition("/")[0]
        parent = folder.rpartition("/")[0]
        return self._hands.move(side, folder, f"{parent}/folder {self._next_number()}") if parent else None

    def _delete(self, side: str, path: str | None) -> bool:
        return path is not None and self._hands.delete(side, path)

    def _next_number(self) -> int:
        self._number += 1
        return self._number
