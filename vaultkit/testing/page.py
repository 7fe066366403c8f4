"""The Dashboard in the simulated world: agents post signals, a person types, one machine keeps the page."""

from __future__ import annotations

from collections.abc import Iterator

from vaultkit.bundled import bundled
from vaultkit.core.telling.board import DASHBOARD
from vaultkit.dashboard import Dashboard
from vaultkit.errors import VaultError
from vaultkit.report import SyncReport
from vaultkit.testing.machine import Machine
from vaultkit.testing.people import LOCAL, People


class BoardOf:
    """What happens to the page, each by chance.

    `filed`: the signals that were taken up, where they are filed. `may_be_torn`: the power was cut while what
    the person had typed was not yet on the disk for good; the person then has to mend the page.
    """

    def __init__(self, people: People) -> None:
        self._people = people
        self.filed: set[str] = set()
        self.may_be_torn = False

    def begin(self, machine: Machine) -> None:
        """Put the page there."""
        machine.disk.put(DASHBOARD, (bundled("templates/platinum") / DASHBOARD).read_bytes())

    def post(self, machine: Machine) -> str | None:
        """An agent has news."""
        if machine.agent == LOCAL:
            return None
        path = f"Updates/SIGNAL_{next(self._people.numbers)}.md"
        machine.disk.put(path, b"# News\n\n" + self._people.line(machine.agent))
        return path

    def type(self, machine: Machine) -> str | None:
        """The person writes a line anywhere in the page, also where vaultkit writes."""
        page = machine.notes().get(DASHBOARD)
        if machine.agent != LOCAL or not page:
            return None
        lines = page.splitlines(keepends=True)
        lines.insert(self._people.chance.randrange(len(lines)) + 1, self._people.line(machine.agent))
        machine.disk.put(DASHBOARD, b"".join(lines))
        return DASHBOARD

    def refresh(self, machine: Machine) -> str | None:
        """Between two cycles, as `watch` does it. May raise what a port raises."""
        if machine.is_busy or machine.agent != LOCAL:
            return None
        self._people.finish_saving(machine)

        def cycle(paths: frozenset[str], message: str) -> SyncReport:
            return machine.cycle_at_once(paths, message)

        try:
            refreshed = Dashboard(machine.desk, cycle).refresh()
        except VaultError as error:
            return f"refuses: {error}"
        self.filed |= set(refreshed.filed)
        return refreshed.outcome

    def broken(self, machine: Machine) -> Iterator[str]:
        """Each signal that was taken up is told on the page, and none twice."""
        page = machine.notes().get(DASHBOARD, b"").decode()
        for path in sorted(self.filed):
            told = page.count(f"[[{path.removesuffix('.md')}|")
            if told != 1:
                yield f"{path} is told {told} times on the Dashboard"
