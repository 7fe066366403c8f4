"""The hooks of this machine, as a person deals with them: list, write, enable, disable, run again."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vaultkit.bundled import bundled
from vaultkit.core.hooks.hook import Hook
from vaultkit.core.rules.config import read_machine
from vaultkit.core.rules.machine_edit import with_hooks
from vaultkit.desk import Desk
from vaultkit.effects.files import VaultFiles
from vaultkit.enabled_hooks import EnabledHooks
from vaultkit.errors import UsageError, VaultBusy
from vaultkit.hook_failures import HookFailures, HookTrouble
from vaultkit.hook_loader import available_hooks, load_module
from vaultkit.opening import HOOKS_FOLDER, MACHINE_FILE


@dataclass(slots=True)
class HookInfo:
    """A module of hooks. `source`: own, stock, installed or missing; `place`: its file or package.

    `order` is its turn, from 1; None where it is not enabled, and then nothing of it was run, so that
    `functions` (what each is for) is empty. `problem`: why it cannot be used. `troubles`: functions that
    failed last time. `waiting`: how many calls are due or were given up.
    """

    name: str
    source: str
    place: str
    about: str
    order: int | None = None
    functions: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    troubles: list[HookTrouble] = field(default_factory=list)
    waiting: int = 0


IN_ORDER = ("stamp", "claim", "approve", "reject", "send_back", "together", "complete")
"""The stock hooks that a new vault enables: some build on what the ones before them did."""


class Hooks:
    """What can be done about hooks at one desk. All of it concerns this machine alone."""

    def __init__(self, root: Path, desk: Desk, enabled: EnabledHooks) -> None:
        self._root = root
        self._desk = desk
        self._enabled = enabled
        self._failures = HookFailures(desk.state)

    @property
    def names(self) -> tuple[str, ...]:
        """The modules that are enabled, in their order."""
        return self._enabled.refresh().hooks

    def all(self) -> Sequence[HookInfo]:
        """The enabled ones in their order, the others by name, then those of which only calls are left."""
        there = available_hooks(self._root / HOOKS_FOLDER)
        waiting = Counter(job.hook.partition(".")[0] for job in self._desk.state.jobs())
        names = list(dict.fromkeys((*self.names, *there, *waiting)))
        infos = [HookInfo(*there[n]) if n in there else HookInfo(n, "missing", "", "") for n in names]
        for order, info in enumerate(infos[: len(dict.fromkeys(self.names))], 1):
            self._describe(info, order)
        for info in infos:
            info.waiting = waiting[info.name]
        return infos

    def _describe(self, info: HookInfo, order: int) -> None:
        mine = [hook for hook in self._desk.hooks if hook.module == info.name]
        problem = self._enabled.problems.get(info.name)
        info.order = order
        info.functions = {hook.name.partition(".")[2]: str(hook.wants) for hook in mine}
        info.problem = problem.message if problem else ""
        info.troubles = self._failures.among(hook.name for hook in mine)

    def new(self, name: str) -> Path:
        """Write a commented template for a hook of one's own. UsageError for a bad or a taken name."""
        if not (name.isidentifier() and name.isascii() and name == name.lower()) or keyword.iskeyword(name):
            raise UsageError(f"{name!r} cannot be a hook's name", hint="Use small letters, digits and _.")
        if name in available_hooks(self._root / HOOKS_FOLDER):
            raise UsageError(f"there is a hook {name} already", hint="Choose another name.")
        content = (bundled("templates/hooks") / "new.py").read_bytes().replace(b"NAME", name.encode())
        path = f"{HOOKS_FOLDER}/{name}.py"
        if VaultFiles(str(self._root)).replace(path, None, content) is None:
            raise UsageError(f"{path} is there already", hint="Choose another name.")
        return self._root / path

    def enable(self, name: str) -> None:
        """Enable a module after the others, or switch on again what failed. Raises HookError.

        A stock hook gets its turn among the stock ones back.
        """
        load_module(name, self._root / HOOKS_FOLDER)
        if name not in self.names:
            self._edit(lambda names: _with(names, name))
        self._enabled.refresh()
        self._switch_on(name)

    def disable(self, name: str) -> int:
        """Disable a module; how many calls wait for it. UsageError if it is not enabled."""
        if name not in self.names:
            raise UsageError(f"the hook {name} is not enabled", hint="`vaultkit hooks list` shows which are.")
        self._edit(lambda names: [one for one in names if one != name])
        self._enabled.refresh()
        return sum(job.hook.partition(".")[0] == name for job in self._desk.state.jobs())

    def ask_again(self, name: str | None = None) -> int:
        """Make due what failed, of one module (or function) or of all; how many calls that are."""
        names = [hook.name for hook in self._desk.hooks if name in (None, hook.name, hook.module)]
        if name and not names:
            raise UsageError(f"the hook {name} is not enabled", hint="`vaultkit hooks list` shows which are.")
        keys = [key for key, hook, _, _ in self._desk.state.failed_jobs() if hook in names]
        for hook_name in names:
            self._failures.forget(hook_name)
        self._desk.state.ask_again(keys)
        return len(keys)

    def with_module(self, name: str | None) -> Sequence[Hook]:
        """The enabled hooks, and those of a module that is not enabled yet."""
        if name is None or name in self.names:
            return self._desk.hooks
        return [*self._desk.hooks, *load_module(name, self._root / HOOKS_FOLDER)]

    def _switch_on(self, name: str) -> None:
        for hook in self._desk.hooks:
            if hook.module == name:
                self._failures.forget(hook.name)

    def _edit(self, change: Callable[[list[str]], list[str]]) -> None:
        before = (self._root / MACHINE_FILE).read_bytes()
        after = with_hooks(before, change(list(read_machine(before, MACHINE_FILE).hooks)))
        if VaultFiles(str(self._root)).replace(MACHINE_FILE, before, after) is None:
            raise VaultBusy(f"{MACHINE_FILE} is being edited", hint="Try again.")


def _with(names: list[str], name: str) -> list[str]:
    """These modules and one more: last, or where it has its turn among those of the stock."""
    if name not in IN_ORDER:
        return [*names, name]
    turn = IN_ORDER.index(name)
    after = [n + 1 for n, other in enumerate(names) if other in IN_ORDER[:turn]]
    before = [n for n, other in enumerate(names) if other in IN_ORDER[turn:]]
    places = [*after[-1:], *before, len(names)]
    return [*names[: places[0]], name, *names[places[0] :]]
