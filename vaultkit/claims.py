"""A claim as its worker holds it, and what keeps it alive while the worker works.

    with vault.claim("invoice.md") as claim:
        draft = think_long_about(claim)
        claim.check()              # raises ClaimLost, with who has the task now
        vault.complete(claim)      # refused just so, before anything is written

In the block a thread renews the claim, and sets `claim.lost` at once when it learns that it is over. Leaving
the block ends the renewing, nothing else: a claim that was neither completed nor released stays, until its
lease is over and somebody takes the task over.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import TypeVar

from vaultkit.actors import keep_for_actor
from vaultkit.desk import Desk
from vaultkit.errors import ClaimLost, StillHeld, VaultError
from vaultkit.holding import Held, Holding
from vaultkit.moves import Moves
from vaultkit.trails import place_now

TICK_SECONDS = 0.5
LOOKS_PER_LEASE = 6
LONGEST_GOODBYE_SECONDS = 10.0
"""A remote may be slow to answer; who is done with the work does not wait for that."""
Result = TypeVar("Result")
Locked = Callable[[str], AbstractContextManager[object]]


class Lost(threading.Event):
    """Set once a claim is over; true then, and false before."""

    def __bool__(self) -> bool:
        return self.is_set()


class Claim(os.PathLike[str]):
    """A task this agent holds. `path`: where it is; `note`: where it was; `epoch`: which claim of it.

    `str(claim)` is its path. `lost` is set once the claim is known to be over; `by` says by whom, and
    `place` where the task went.
    """

    def __init__(self, claims: Claims, held: Held) -> None:
        """Use `Vault.claim`."""
        self._claims = claims
        self.held = held
        self.lost = Lost()
        self.by = ""
        self.place = ""
        self._over = threading.Event()
        self._keeper: threading.Thread | None = None

    @property
    def path(self) -> str:
        return self.held.path

    @property
    def note(self) -> str:
        return self.held.note

    @property
    def epoch(self) -> int:
        return self.held.mark.epoch

    def __str__(self) -> str:
        return self.path

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        return f"Claim({self.path!r}, epoch={self.epoch})"

    def __enter__(self) -> Claim:
        self._over.clear()
        self._keeper = threading.Thread(target=self._keep, name=f"claim {self.path}", daemon=True)
        self._keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._keeper:
            self._keeper.join(LONGEST_GOODBYE_SECONDS)

    async def __aenter__(self) -> Claim:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nobody waits for the thread here: the loop has other things to do."""
        self._over.set()

    @property
    def seconds_left(self) -> float:
        """For how long the claim surely holds, by this machine's own clocks; 0 when that is over."""
        return 0.0 if self.lost.is_set() else max(0.0, self._claims.seconds_left())

    def check(self) -> None:
        """Do nothing if the claim holds. Ask before anything that has an effect.

        Raises ClaimLost; Unconfirmed where its lease is over and the remote cannot be asked.
        """
        if self.lost.is_set():
            raise ClaimLost(self.path, self.by, self.place)
        self._claims.check(self)

    def renew(self) -> None:
        """Begin the lease anew. Raises as `check` does."""
        self._claims.renew(self)

    def complete(self) -> list[str]:
        """Move the task to `Done/`, as `Vault.complete` does. Raises as `check` does."""
        return self._claims.complete(self)

    def release(self) -> str:
        """Give the task back, as `Vault.release` does. Raises as `check` does."""
        return self._claims.release(self)

    def end(self, by: str, place: str) -> None:
        """The claim is known to be over."""
        self.by, self.place = by, place
        self.lost.set()

    def _keep(self) -> None:
        watched = self._claims.keeper(self)
        while not (self._over.wait(TICK_SECONDS) or self.lost.is_set()):
            try:
                watched()
            except ClaimLost:
                return
            except (VaultError, OSError):
                continue  # the remote is away, or another process at work; once it matters `check` says so


class Claims:
    """Making and keeping claims; each of these takes the vault's lock by itself."""

    def __init__(self, desk: Desk, holding: Holding, moves: Moves, locked: Locked) -> None:
        self._desk = desk
        self._holding = holding
        self._moves = moves
        self._locked = locked
        self._clock = desk.clock

    def claim(self, note: str) -> Claim:
        with self._locked("claim"):
            return self._kept(self._holding.claim(note))

    def take_over(self, note: str, *, wait: bool) -> Claim:
        while True:
            try:
                with self._locked("claim"):
                    return self._kept(self._holding.take_over(note))
            except StillHeld as held:
                if not wait:
                    raise
                self._clock.sleep(min(held.seconds, self._pause()))

    def _kept(self, held: Held) -> Claim:
        """The claim, if it is not another program's that works as the same agent."""
        keep_for_actor(self._desk, self._holding.cycle, held.path)
        return Claim(self, held)

    def release(self, note: str | Claim) -> str:
        with self._locked("release"), _telling(note):
            path = self._holding.release(self.fence(note))
            return self._ended(note, path, path)

    def complete(self, note: str | Claim) -> list[str]:
        with self._locked("done"), _telling(note):
            self._holding.demand_confirmed(path := self.fence(note))
            paths = self._moves.complete(path)
            return self._ended(note, paths, paths[0], must_stand=True)

    def fence(self, note: str | Claim) -> str:
        """The path to work on. Raises as `Claim.check` does; the caller holds the vault's lock."""
        if not isinstance(note, Claim):
            return note
        if note.lost.is_set():
            raise ClaimLost(note.path, note.by, note.place)
        self._noting(note, self._holding.check)
        return note.path

    def check(self, claim: Claim) -> None:
        with self._locked("claim"):
            self.fence(claim)

    def renew(self, claim: Claim) -> None:
        with self._locked("claim"):
            self._holding.lease.renew()
            self._noting(claim, self._holding.verify)

    def seconds_left(self) -> float:
        return self._holding.lease.seconds_left()

    def keeper(self, claim: Claim) -> Callable[[], None]:
        """What is to be done again and again while somebody works on `claim`; raises ClaimLost."""
        seen, looked = "", self._clock.monotonic()

        def tend() -> None:
            nonlocal seen, looked
            now, lease = self._clock.monotonic(), self._holding.lease.length()
            if self._holding.lease.seconds_left() < lease * 2 / 3:
                self.renew(claim)
                looked = now
            elif now - looked >= min(lease / LOOKS_PER_LEASE, self._pause()):
                looked = now
                with self._locked("claim"):
                    self._holding.lease.look()
            if self._holding.version() != seen:
                with self._locked("claim"):
                    seen = self._holding.version()
                    self._noting(claim, self._holding.verify)

        return tend

    def _pause(self) -> float:
        return self._holding.lease.pause(LOOKS_PER_LEASE)

    def _noting(self, claim: Claim, ask: Callable[[Held], Held]) -> None:
        """Ask about the claim, and let it know what comes of it."""
        try:
            claim.held = ask(claim.held)
        except ClaimLost as lost:
            place = ""
            try:
                place = place_now(self._desk, claim.path)
            finally:
                claim.end(lost.by, place)
            raise ClaimLost(claim.path, claim.by, claim.place) from None

    def _ended(self, note: str | Claim, result: Result, place: str, *, must_stand: bool = False) -> Result:
        """A claim is over by its own doing, unless somebody else was first with the task."""
        if isinstance(note, Claim):
            if must_stand and not self._holding.stands(place):
                self._noting(note, self._holding.verify)
                raise ClaimLost(note.path, "", place_now(self._desk, note.path))
            note.end(self._holding.agent, place)
        return result


@contextmanager
def _telling(note: str | Claim) -> Iterator[None]:
    """A claim that turns out to be over is told so."""
    try:
        yield
    except ClaimLost as lost:
        if isinstance(note, Claim):
            note.end(lost.by, lost.place)
        raise
