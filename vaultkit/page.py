"""What this machine remembers of the Dashboard, so that its own lines never pass for a person's.

Remembered are observations: which lines it may have written into regions, when notes came to their
places, when agents were at work last. Where that is lost (or another machine kept the page
before), the lines are read from the newest commit in history that kept the page and was made here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from vaultkit.core.git.tree import Oid, find_file
from vaultkit.core.history.provenance import last_deeds, line_back
from vaultkit.core.rules.commit_marks import is_upkeep
from vaultkit.core.rules.policy import Policy
from vaultkit.core.telling.board import DASHBOARD, EMPTY
from vaultkit.core.text.regions import BrokenRegions, Page, Region, read_page
from vaultkit.desk import Desk
from vaultkit.facts import came_when
from vaultkit.finding import published_notes

KEY = "dashboard"
MOST_LINES = 500


@dataclass(slots=True)
class Memory:
    """`lines`: what may have been written into regions · `since`: when notes came to their places · `heard`:
    when agents were at work last (UTC seconds) · `looked`: the commit up to which that was looked up."""

    lines: list[str] = field(default_factory=list)
    since: dict[str, int] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    looked: str = ""

    def expect(self, lines: Iterable[str]) -> None:
        """These are about to be written. Earlier ones may stand there still, or come back by a restore."""
        self.lines = list(dict.fromkeys([*lines, *self.lines]))[:MOST_LINES]


def read_dashboard(data: bytes) -> Page:
    """The page in pieces. Raises BrokenRegions, which says what a person can do."""
    try:
        return read_page(data)
    except BrokenRegions as error:
        hint = "Mend the marked lines in Obsidian, or take them out; until then vaultkit leaves it alone."
        raise BrokenRegions(f"{DASHBOARD}, {error.message}", hint=hint, note=DASHBOARD) from error


def lines_in(page: Page) -> list[str]:
    """All lines that stand in regions."""
    return [line for piece in page if isinstance(piece, Region) for line in piece.words]


def recall(desk: Desk, policy: Policy) -> Memory:
    """What is remembered, with what happened since."""
    text = desk.state.get(KEY)
    memory = Memory(**json.loads(text)) if text else Memory(lines=_lines_in_history(desk))
    memory.lines = list(dict.fromkeys([*memory.lines, *EMPTY.values()]))
    head = desk.state.get("head")
    if head and head != memory.looked:
        _look(desk, policy, memory, Oid(head))
    return memory


def remember(desk: Desk, memory: Memory) -> None:
    """Durably, if there is something new."""
    text = json.dumps(asdict(memory))
    if text != desk.state.get(KEY):
        desk.state.put(**{KEY: text})


def _look(desk: Desk, policy: Policy, memory: Memory, head: Oid) -> None:
    deeds = last_deeds(desk.objects, policy, head, Oid(memory.looked))
    memory.heard |= {agent: min(time, desk.clock.now()) for agent, time in deeds.items()}
    stages = ("pending_approval", "in_progress")
    paths = [path for stage in stages for path in published_notes(desk, policy, stage)]
    memory.since = came_when(desk, head, paths, memory.since)
    memory.looked = head


def _lines_in_history(desk: Desk) -> list[str]:
    head = desk.state.get("head")
    for _, commit in line_back(desk.objects, Oid(head) if head else None):
        if is_upkeep(commit.message) and desk.identity.made(commit):
            oid = find_file(desk.objects, commit.tree, DASHBOARD)
            return lines_in(read_page(desk.objects.blob(oid))) if oid else []
    return []
