"""Both sides' hands: choose a note, save it, move it, take it away, and keep account of the words."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tests.soak import notes, saving
from tests.soak.ledger import Ledger, words_in

LOCAL, CLOUD = "local", "cloud"
OTHERS = ("Updates/news", "Plans")
PLACES = {
    LOCAL: ("Needs_Action", "In_Progress", "Pending_Approval", "Approved", "Done", *OTHERS, *["Notes"] * 4),
    CLOUD: ("Needs_Action", "In_Progress/cloud_agent", "Pending_Approval", *OTHERS),
}
"""Where each side may edit, by the policy."""

AGAIN = 0.5
"""How often a note is edited that somebody has just edited, maybe on the other side."""

Change = Callable[[bytes], bytes]


class Hands:
    """What can be done to a vault's notes. `missed` counts what vaultkit was quicker at; `log` tells all."""

    def __init__(
        self,
        vaults: dict[str, Path],
        ledger: Ledger,
        chance: random.Random,
        clock: Callable[[], float],
        log: Path,
    ) -> None:
        self._vaults, self.ledger, self.chance, self._clock = vaults, ledger, chance, clock
        self._log = log
        self._touched: deque[str] = deque(maxlen=30)
        self.missed = 0

    def create(self, side: str, path: str, content: bytes) -> bool:
        return self._saved(side, path, b"", content, saving.create(self._vaults[side] / path, content))

    def append(self, side: str, path: str, line: bytes) -> bool:
        before = self._read(side, path)
        if not before:
            return False
        return self._saved(side, path, before, before + line, saving.append(self._vaults[side] / path, line))

    def change(self, side: str, path: str, change: Change) -> bool:
        before = self._read(side, path)
        if not before:
            return False
        after = change(before)
        done = saving.rewrite(self._vaults[side] / path, after, self.chance.uniform(0, 0.05))
        return self._saved(side, path, before, after, done)

    def move(self, side: str, src: str, dst: str) -> str | None:
        """A note or a folder; where it is now."""
        if not saving.move(self._vaults[side] / src, self._vaults[side] / dst):
            self.missed += 1
            return None
        self._touched.append(dst)
        self._tell(side, "move", f"{src} -> {dst}")
        return dst

    def delete(self, side: str, path: str) -> bool:
        before = self._read(side, path)
        if before is None or not saving.delete(self._vaults[side] / path):
            return False
        self.ledger.save(side, path, self._clock(), before, b"")
        self._tell(side, "delete", path)
        return True

    def some_note(self, side: str) -> str | None:
        """One that somebody has just touched, or any other of this side's."""
        if self._touched and self.chance.random() < AGAIN:
            path = self.chance.choice(self._touched)
            places = tuple(f"{place}/" for place in PLACES[side])
            if path.startswith(places) and (self._vaults[side] / path).is_file():
                return path
        return self.below(side, self.chance.choice(PLACES[side]))

    def below(self, side: str, folder: str) -> str | None:
        """Any note below a folder of a vault, found step by step; None at a dead end."""
        at = self._vaults[side] / folder
        while at.is_dir():
            names = [name for name in saving.names(at) if not name.startswith(".")]
            if not names:
                return None
            at /= self.chance.choice(names)
        is_note = at.suffix == ".md" and notes.identity(saving.read(at) or b"")
        return at.relative_to(self._vaults[side]).as_posix() if is_note else None

    def _read(self, side: str, path: str) -> bytes | None:
        return saving.read(self._vaults[side] / path)

    def _saved(self, side: str, path: str, before: bytes, after: bytes, done: bool) -> bool:
        if done:
            self.ledger.save(side, path, self._clock(), before, after)
            self._touched.append(path)
            words = b" ".join(sorted(words_in(after) - words_in(before))).decode()
            self._tell(side, "save", f"{path}: {words}")
        self.missed += not done
        return done

    def _tell(self, side: str, what: str, which: str) -> None:
        """By the clock that the watchers' logs are dated by."""
        with open(self._log, "a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%H:%M:%S')} {side} {what} {which}\n")
