"""A small world by chance: machines, people, a network, strangers and faults, in one thread.

One step is one thing that happens: an action of some machine's cycle, a gesture of somebody, a late
message, a kill. Which, the seed decides; the same seed gives the same run. What vaultkit promises
(`promises`) is checked whenever a note is written, and in the end, when the faults are over.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from random import Random

from vaultkit.bundled import bundled
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.ways import is_below
from vaultkit.core.rules.config import fill_template, read_policy
from vaultkit.core.rules.policy_edit import trust_key
from vaultkit.memory.keys import MemoryKeys
from vaultkit.memory.remote import MemoryRemote
from vaultkit.observe import RACY_SECONDS
from vaultkit.ports import Hint
from vaultkit.testing import promises
from vaultkit.testing.machine import DISK_ERRORS, Killed, Machine
from vaultkit.testing.network import Weather
from vaultkit.testing.page import BoardOf
from vaultkit.testing.people import CLOUD, LOCAL, SECOND, People
from vaultkit.testing.strangers import Attacker, PlainGit

STEPS = 500
CYCLES_TO_SETTLE = 3
YEAR = 365 * 24 * 3600.0


class Broken(AssertionError):
    """A promise was not kept."""


class Simulation:
    """One run. `trace` tells what happened, a line each; `digest` is the same for the same seed.

    Every fourth seed has somebody with plain git in it, every fourth another an attacker with Cloud's
    key, every third a third machine. With `edit_statuses`, people also move notes by their statuses,
    and drag them to the very places that others have just left.
    With `dashboard`, there is one, and signals for it. With `resting`, decisions rest for a cycle.
    `machines` are there before `run`, so a test may interfere.
    """

    def __init__(
        self,
        seed: int,
        steps: int = STEPS,
        *,
        edit_statuses: bool = False,
        dashboard: bool = False,
        resting: bool = False,
    ) -> None:
        self.chance = Random(seed)  # noqa: S311 - repeatable on purpose
        self.steps = steps
        self.trace: list[str] = []
        self.remote = MemoryRemote()
        self.weather = Weather(self.chance)
        self.people = People(self.chance, edit_statuses=edit_statuses)
        self._board = BoardOf(self.people) if dashboard else None
        self.has_git, self.has_attacker = seed % 4 == 2, seed % 4 == 3
        names = (LOCAL, CLOUD, SECOND) if seed % 3 == 0 else (LOCAL, CLOUD)
        self._quiet = 0.9 if resting else 0.0  # a second's sleep is not a second for floating point
        self.machines = [
            Machine(n, seed * 10 + at, self.remote, self.weather, self._quiet) for at, n in enumerate(names)
        ]
        self._trouble = 0.0
        self._begin(names)
        self._acts = self._choose_acts()

    def _begin(self, names: tuple[str, ...]) -> None:
        policy = _policy(names, phone=self.has_git)
        first = self.machines[0]
        first.disk.put("vaultkit.yaml", policy)
        if self._board:
            self._board.begin(first)
        trusted = first.begin(read_policy(policy))
        for machine in self.machines[1:]:
            machine.begin(read_policy(policy), trusted)
        for machine in self.machines:
            machine.disk.flush()
            self._watch(machine)

    def _watch(self, machine: Machine) -> None:
        def witness(path: str, old: bytes, new: bytes) -> None:
            self._demand(promises.before_it_is_replaced(machine, self.people, path, old, new))

        machine.disk.witness = witness
        machine.trouble = lambda name: self._trouble_at(machine, name)
        machine.disk.before_write = lambda _: self._meddle(machine)

    # What happens

    def _choose_acts(self) -> list[tuple[int, str, Callable[[Machine], str | None]]]:
        acts: list[tuple[int, str, Callable[[Machine], str | None]]] = [
            (60, "cycle", self._go_on),
            (20, "gesture", self._gesture),
            (1, "kill", self._kill),
            (1, "power cut", self._cut_power),
            (1, "clock", self._jump),
            (1, "plug", self._plug),
            (2, "late message", self._deliver),
            (1, "weather", self._change_weather),
            (1, "host", self._rewind),
            (1, "flush", lambda machine: machine.disk.flush()),
        ]
        if self._board:
            acts += [
                (3, "signal", self._board.post),
                (2, "typing", self._board.type),
                (4, "dashboard", self._keep_the_page),
            ]
        git, attacker = PlainGit(self.remote, self.people), Attacker(self.remote, self.chance)
        if self.has_git:
            acts += [(2, "git", lambda _: git.push_task()), (1, "git", lambda _: git.push_merge())]
        if self.has_attacker:
            acts += [(4, "attacker", lambda _: attacker.strike())]
        return acts

    def run(self) -> None:
        """All the steps, then calm, and what must hold in the end. Raises Broken."""
        weights = [weight for weight, _, _ in self._acts]
        for _ in range(self.steps):
            machine = self.chance.choice(self.machines)
            _, name, act = self.chance.choices(self._acts, weights)[0]
            self._tell(machine, name, act(machine))
            if self.has_attacker:
                self._demand(promises.nothing_evil_where_it_may_not_be(machine))
        self.settle()

    def _tell(self, machine: Machine, name: str, what: object) -> None:
        if what:
            self.trace.append(f"{len(self.trace)} {machine.agent} {name}: {what}")

    def _demand(self, problem: str) -> None:
        if problem:
            raise Broken(problem)

    def _go_on(self, machine: Machine) -> str:
        if not machine.is_busy:
            self._start(machine)
        try:
            return machine.step()
        except Killed:
            return self._kill(machine)

    def _start(self, machine: Machine) -> None:
        """By the clock everything is looked at; after a hint, what the watcher told, true or not."""
        self.people.finish_saving(machine)
        hinted = sorted(hint.path for hint in machine.watcher.drain())
        told = frozenset(path for path in hinted if self.chance.random() < 0.9)
        wrong = frozenset({"Notes/a.md", "no/such/folder.md"} if self.chance.random() < 0.1 else ())
        allowed = self.chance.random() < 0.2
        machine.start(None if self.chance.random() < 0.3 else told | wrong, deletions_allowed=allowed)

    def _gesture(self, machine: Machine) -> str | None:
        gestures = self.people.gestures()
        name = self.chance.choice(list(gestures))
        what = gestures[name](machine)
        machine.watcher.tell(*(Hint(path) for path in (what or "").split(" -> ")))
        return what and f"{name} {what}"

    def _keep_the_page(self, machine: Machine) -> str | None:
        assert self._board  # noqa: S101 - else nobody does this
        try:
            return self._board.refresh(machine)
        except Killed:
            return self._kill(machine)
        except OSError as error:
            machine.must_look_everywhere = True
            return f"fails: {error.strerror}"

    def _kill(self, machine: Machine) -> str:
        machine.kill()
        return "killed"

    def _cut_power(self, machine: Machine) -> str:
        self.people.finish_saving(machine)
        unsaved = machine.disk.unsaved()
        if self._board and machine.agent == LOCAL:
            self._board.may_be_torn = True
        machine.kill(self.chance)
        self._forgive(machine, unsaved)
        return "the power was cut"

    def _forgive(self, machine: Machine, unsaved: bytes) -> None:
        """What a person saved a moment before a power cut may be gone with it; nobody can promise that."""
        left = b"".join(machine.notes().values())
        self.people.removed |= {line for line in self.people.written if line in unsaved and line not in left}

    def _jump(self, machine: Machine) -> str:
        self.people.finish_saving(machine)
        machine.clock.time += self.chance.choice((-3, -1, 1, 3)) * YEAR
        machine.clock.time = max(machine.clock.time, YEAR)
        return f"jumps to {machine.clock.now()}"

    def _plug(self, machine: Machine) -> str:
        machine.line.up = not machine.line.up
        return "in" if machine.line.up else "out"

    def _deliver(self, machine: Machine) -> None:
        self.weather.deliver_one()

    def _change_weather(self, machine: Machine) -> str:
        self.weather.badness = self.chance.choice((0.0, 0.0, 0.1, 0.3))
        self._trouble = self.chance.choice((0.0, 0.001, 0.01))
        return f"{self.weather.badness} {self._trouble}"

    def _rewind(self, machine: Machine) -> str | None:
        """The host shows an older state for one cycle of somebody; all here have seen more."""
        head = self.remote.head
        older = next(iter(self.remote.objects.commit(head).parents), None) if head else None
        if older is None or machine.is_busy or self._could_build_on(older):
            return None
        self.remote.head = older
        self._start(machine)
        while machine.is_busy:
            self._go_on(machine)
        self.remote.head = head
        return "the remote was set back for a cycle"

    def _could_build_on(self, older: Oid) -> bool:
        bases = [machine.state.get("base") for machine in self.machines]
        return any(base is None or is_below(self.remote.objects, Oid(base), older) for base in bases)

    # In the middle of a call

    def _trouble_at(self, machine: Machine, name: str) -> None:
        if name == "sleep":
            self.people.finish_saving(machine)
        if self.chance.random() < self._trouble:
            self._tell(machine, "at", name)
            if self.chance.random() < 0.5:
                raise Killed
            raise OSError(self.chance.choice(DISK_ERRORS), f"a fault at {name}")

    def _meddle(self, machine: Machine) -> None:
        """Somebody types or drags between the last look at a note and its being written."""
        if self.chance.random() < 0.1:
            self._tell(machine, "meanwhile", self._gesture(machine))

    # The end

    @property
    def digest(self) -> str:
        """Says in short what happened: the trace, and what is published in the end."""
        return sha256("\n".join([*self.trace, str(self.remote.head)]).encode()).hexdigest()

    def settle(self) -> None:
        """The faults are over: at most three cycles each, and all must hold."""
        self.weather.badness = self._trouble = 0.0
        while self.weather.late:
            self.weather.deliver_one()
        for machine in self.machines:
            machine.clock.sleep(RACY_SECONDS)  # a note emptied a moment ago is left alone for so long
            machine.line.up = True
            machine.disk.before_write = None
            self.people.finish_saving(machine)
        for _ in range(CYCLES_TO_SETTLE + bool(self._quiet)):
            for machine in self.machines:
                self._whole_cycle(machine)
        self._demand(next(promises.in_the_end(self.machines), ""))
        if not self.has_attacker:  # who may copy and remove what is Cloud's as he likes
            self._demand(next(promises.every_line_is_there(self.machines, self.people), ""))
            self._demand(next(promises.in_one_place(self.machines[0]), ""))
        self._demand_rest()
        if self._board:
            self._demand_page(self._board)

    def _demand_page(self, board: BoardOf) -> None:
        """The page is brought up to date, all see it, and then there is nothing more to write."""
        first = self.machines[0]
        for _ in range(CYCLES_TO_SETTLE):
            outcome = board.refresh(first)
            first.clock.sleep(RACY_SECONDS)  # an empty signal may be one that is just being saved
            for machine in self.machines:
                self._whole_cycle(machine)
        self._demand(next(promises.in_the_end(self.machines), ""))
        if board.may_be_torn and outcome and outcome.startswith("refuses"):
            return
        self._demand(next(board.broken(first), ""))
        if outcome != "current":
            raise Broken(f"the Dashboard does not come to rest: {outcome}")

    def _whole_cycle(self, machine: Machine) -> None:
        """With the person's answer, where a mass deletion waits for one."""
        self._finish_cycle(machine)
        machine.start(None, deletions_allowed=True)
        self._finish_cycle(machine)

    def _finish_cycle(self, machine: Machine) -> None:
        while machine.is_busy:
            self._tell(machine, "cycle", machine.step())

    def _demand_rest(self) -> None:
        """Where there is nothing to do, nothing is done."""
        head = self.remote.head
        for machine in self.machines:
            self._whole_cycle(machine)
            report = machine.last
            if report is None or report.commits or report.pushes or report.written:
                raise Broken(f"{machine.agent} is not at rest: {report}")
        if self.remote.head != head:
            raise Broken("the remote moved though nobody did anything")


def _policy(names: tuple[str, ...], *, phone: bool) -> bytes:
    text = (bundled("templates/platinum") / "vaultkit.yaml").read_text("utf-8")
    data = fill_template(text, LOCAL, CLOUD).encode()
    for name in names:
        data = trust_key(data, name, MemoryKeys(name).public()[0])
    text = data.decode().replace("grace: 5s", "grace: 0s")  # what is approved is acted on at once
    if SECOND in names:
        text = text.replace(f"[{CLOUD}, {LOCAL}]", f"[{CLOUD}, {SECOND}, {LOCAL}]")
        text = text.replace(f"add: [{CLOUD}]", f"add: [{CLOUD}, {SECOND}]")
    if phone:
        text = text.replace("  # phone:", "  phone:")
        text = text.replace('"Needs_Action/**",        write: [', '"Needs_Action/**",        write: [phone, ')
    return text.encode()
