"""What people, agents and Obsidian do to the notes of a machine, by chance."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from itertools import count
from random import Random

from vaultkit.testing.machine import Machine

LOCAL, CLOUD, SECOND = "local_agent", "cloud_agent", "second_agent"


def _drafter(name: str) -> tuple[str, ...]:
    return ("Needs_Action/email", f"In_Progress/{name}/email", "Pending_Approval/email", "Updates")


PLACES = {
    LOCAL: (
        "Needs_Action/email",
        "In_Progress/local_agent/email",
        "In_Progress/cloud_agent/email",
        "Pending_Approval/email",
        "Approved/email",
        "Rejected/email",
        "Done/email",
        "Notes",
    ),
    CLOUD: _drafter(CLOUD),
    SECOND: _drafter(SECOND),
}
"""Where each agent works, by its name."""

SAID = {
    LOCAL: ("needs_action", "doing", "pending_approval", "approved", "Rejected", "completed", "whatever"),
    CLOUD: ("in_progress", "pending_approval", "needs_action"),
    SECOND: ("in_progress", "pending_approval", "needs_action"),
}
"""What each says in a note's status; the agents only what they may."""

EVIL = b"evil"
NAMES = ("a", "b", "c", "d", "é", "ä")

Gesture = Callable[[Machine], "str | None"]


class People:
    """Everybody who writes into vaults. Every line anybody writes is unique, so that losing one shows.

    `written` are all lines, `removed` those that somebody took out of a note, or removed with it.
    `approved` is, by the note's id, what the person saw in it when they approved it. `edit_statuses`: they
    also say by a status where a note belongs.
    """

    def __init__(self, chance: Random, *, edit_statuses: bool = False) -> None:
        self.chance = chance
        self._edit_statuses = edit_statuses
        self.numbers = count()
        self.written: list[bytes] = []
        self.removed: set[bytes] = set()
        self.approved: dict[bytes, set[bytes]] = {}
        self.half_saved: dict[tuple[str, str], bytes] = {}

    def gestures(self) -> dict[str, Gesture]:
        """By name; the more often one is named, the more often it happens."""
        return {
            "create": self.create,
            "append": self.append,
            "edit": self.edit,
            "save in two steps": self.save_in_two_steps,
            "delete": self.delete,
            "rename": self.rename,
            "move": self.move,
            "move and edit": self.move_and_edit,
            "move the folder": self.move_folder,
            "change the case": self.change_case,
            "write a twin": self.write_twin,
            "claim": lambda m: self._drag(m, "Needs_Action", f"In_Progress/{m.agent}"),
            "release": lambda m: self._drag(m, f"In_Progress/{m.agent}", "Needs_Action"),
            "propose": lambda m: self._drag(m, f"In_Progress/{m.agent}", "Pending_Approval"),
            "approve": lambda m: self._as_person(m, "Pending_Approval", "Approved"),
            "reject": lambda m: self._as_person(m, "Pending_Approval", "Rejected"),
            "drag back": lambda m: self._as_person(m, "Approved", "Pending_Approval"),
            "complete": lambda m: self._as_person(m, "Approved", "Done"),
            **({"edit the status": self.edit_status} if self._edit_statuses else {}),
        }

    # Words

    def line(self, who: str) -> bytes:
        """A line nobody wrote before."""
        line = f"line {next(self.numbers)} by {who}\n".encode()
        self.written.append(line)
        return line

    def _forget(self, data: bytes) -> None:
        """The last line may have lost its end, to a power cut and a merge."""
        self.removed |= {line for line in self.written if line.strip() in data}

    # Notes

    def create(self, machine: Machine) -> str | None:
        path = f"{self._place(machine)}/{self.chance.choice(NAMES)}.md"
        if machine.disk.item(path) or machine.had(path):
            return None
        number = next(self.numbers)
        machine.disk.put(path, f"---\nid: {number}\n---\n# Title\n\n".encode() + self.line(machine.agent))
        return path

    def append(self, machine: Machine) -> str | None:
        return self._rewrite(machine, lambda data: data + self.line(machine.agent))

    def edit(self, machine: Machine) -> str | None:
        def replaced(data: bytes) -> bytes:
            lines = data.splitlines(keepends=True)
            mine = [n for n, line in enumerate(lines) if line.startswith(b"line ")]
            if mine:
                at = self.chance.choice(mine)
                self._forget(lines[at])
                lines[at] = self.line(machine.agent)
            return b"".join(lines)

        return self._rewrite(machine, replaced)

    def save_in_two_steps(self, machine: Machine) -> str | None:
        """As Obsidian does: the note is empty for a moment."""
        path = self._some_note(machine)
        if path:
            self.half_saved[machine.agent, path] = machine.notes()[path] + self.line(machine.agent)
            machine.disk.put(path, b"")
        return path

    def finish_saving(self, machine: Machine) -> None:
        """Before a second is over."""
        for agent, path in [key for key in self.half_saved if key[0] == machine.agent]:
            data = self.half_saved.pop((agent, path))
            machine.disk.put(path, data)

    def delete(self, machine: Machine) -> str | None:
        path = self._some_note(machine)
        if path:
            self._forget(machine.disk.take(path) or b"")
        return path

    def rename(self, machine: Machine) -> str | None:
        path = self._some_note(machine)
        folder = path.rpartition("/")[0] if path else ""
        return self._move(machine, path, f"{folder}/{self.chance.choice(NAMES)}.md") if path else None

    def move(self, machine: Machine) -> str | None:
        path = self._some_note(machine)
        target = f"{self._place(machine)}/{path.rpartition('/')[2]}" if path else ""
        return self._move(machine, path, target) if path else None

    def move_and_edit(self, machine: Machine) -> str | None:
        path = self.append(machine)
        target = f"{self._place(machine)}/{path.rpartition('/')[2]}" if path else ""
        return self._move(machine, path, target) if path else None

    def move_folder(self, machine: Machine) -> str | None:
        """A whole folder by one drag."""
        source, target = self._place(machine), self._place(machine)
        moved = [path for path in self._own_notes(machine) if path.startswith(f"{source}/")]
        done = [self._move(machine, path, f"{target}/{path.rpartition('/')[2]}") for path in moved[:5]]
        return f"{source} -> {target} ({len(done)} notes)" if any(done) else None

    def change_case(self, machine: Machine) -> str | None:
        path = self._some_note(machine)
        folder, _, name = (path or "").rpartition("/")
        return (
            self._move(machine, path, f"{folder}/{name.removesuffix('.md').swapcase()}.md") if path else None
        )

    def write_twin(self, machine: Machine) -> str | None:
        """A name that differs from another one only in its Unicode form."""
        path = self._some_note(machine)
        twin = unicodedata.normalize("NFD", path) if path else ""
        if not path or twin == path or machine.disk.item(twin):
            return None
        machine.disk.put(twin, b"# A twin\n\n" + self.line(machine.agent))
        return f"{path} (NFD)"

    def edit_status(self, machine: Machine) -> str | None:
        """In Obsidian's properties: one line of the frontmatter is another."""
        path = self._some_note(machine)
        data = machine.notes()[path] if path else b""
        if not path or not note_id(data):
            return None
        word = self.chance.choice(SAID[machine.agent])
        lines = [line for line in data.splitlines(keepends=True) if not line.startswith(b"status: ")]
        at = next(n for n, line in enumerate(lines) if line.startswith(b"id: "))
        lines.insert(at + 1, f"status: {word}\n".encode())
        machine.disk.put(path, b"".join(lines))
        if word == "approved":
            self._approve(b"".join(lines))
        return path

    # Drags

    def _as_person(self, machine: Machine, source: str, target: str) -> str | None:
        return self._drag(machine, source, target) if machine.agent == LOCAL else None

    def _drag(self, machine: Machine, source: str, target: str) -> str | None:
        notes = sorted(machine.notes())
        there = [path for path in notes if path.startswith(f"{source}/") and self._is_free(machine, path)]
        if not there:
            return None
        path = self.chance.choice(there)
        return self._move(machine, path, target + path.removeprefix(source))

    def _move(self, machine: Machine, src: str, dst: str) -> str | None:
        """What a person sees as one gesture; nobody drags over a note that is there."""
        if machine.disk.item(dst) or (machine.had(dst) and not self._edit_statuses):
            return None
        if src == dst or (machine.agent, src) in self.half_saved:
            return None
        machine.disk.move(src, dst)
        if dst.startswith("Approved/") and machine.agent == LOCAL:
            self._approve(machine.notes()[dst])
        return f"{src} -> {dst}"

    def _approve(self, data: bytes) -> None:
        """The person saw this."""
        self.approved.setdefault(note_id(data), set()).update(data.splitlines(keepends=True))

    # Choosing

    def _rewrite(self, machine: Machine, change: Callable[[bytes], bytes]) -> str | None:
        path = self._some_note(machine)
        if path:
            machine.disk.put(path, change(machine.notes()[path]))
        return path

    def _place(self, machine: Machine) -> str:
        return self.chance.choice(PLACES[machine.agent])

    def _some_note(self, machine: Machine) -> str | None:
        paths = list(self._own_notes(machine))
        return self.chance.choice(paths) if paths else None

    def _own_notes(self, machine: Machine) -> Iterator[str]:
        """The notes this agent may write, and that nobody is just saving."""
        places = tuple(f"{place}/" for place in PLACES[machine.agent])
        for path in sorted(machine.notes()):
            if path.startswith(places) and self._is_free(machine, path):
                yield path

    def _is_free(self, machine: Machine, path: str) -> bool:
        """Nobody is just saving it, and it is not an attacker's, which no person would carry on."""
        return (machine.agent, path) not in self.half_saved and EVIL not in machine.notes()[path]


def note_id(data: bytes) -> bytes:
    """Which note it is, wherever it was moved. One whose frontmatter a power cut tore says so no longer."""
    fence, _, rest = data.partition(b"---\n")
    head, closing, _ = rest.partition(b"\n---\n")
    lines = head.splitlines() if closing and not fence else []
    return next((line for line in lines if line.startswith(b"id: ")), b"")


def lines_of(data: bytes) -> set[bytes]:
    """The lines that somebody wrote, and that no power cut tore."""
    lines = data.splitlines(keepends=True)
    return {line for line in lines if line.startswith(b"line ") and line.endswith(b"_agent\n")}
