"""The policy: who may write what, and what syncs at all. Default deny.

Zones are tried in order and the first whose path matches decides; where none matches nobody may
write. `write` covers create, change and remove, `add` only creating what is not there. The policy
file itself, and git's ignore file, belong to human agents whatever the zones say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from vaultkit.core.git.tree import Oid
from vaultkit.core.naming.globs import AGENT, Glob
from vaultkit.core.naming.lookalikes import Lookalikes
from vaultkit.core.naming.never import holds_no_notes, holds_secrets, is_no_note, is_secret
from vaultkit.core.naming.paths import fold_key, name_problem
from vaultkit.core.rules.workflow import Workflow, agent_of_folder, folders_of_agents

POLICY_FILE = "vaultkit.yaml"
HUMAN_FILES = frozenset({POLICY_FILE, ".gitignore"})
ANY_AGENT, THE_AGENT = "*", AGENT


@dataclass(frozen=True, slots=True)
class Agent:
    """A named writer. `key` signs its commits; `revoked`: no more, from this policy on.

    `unsigned`: commits nobody signed (plain git) count as this agent's. `sign_of_life`: it promises to
    publish something at least so often (seconds), so that its silence tells of a fault.
    """

    name: str
    human: bool = False
    key: str | None = None
    unsigned: bool = False
    revoked: bool = False
    sign_of_life: float | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A pattern and who may do what below it; `*` is every agent, `{agent}` the one in the path.

    `take`: who may move a task from here into its own folder, away from an agent that fell silent.
    """

    path: Glob
    write: frozenset[str]
    add: frozenset[str]
    take: frozenset[str] = frozenset()

    def names(self, agent: str) -> bool:
        """Is there something that `agent` may do here, by name or like every agent?"""
        return bool({agent, ANY_AGENT, THE_AGENT} & (self.write | self.add | self.take))

    def allows(self, agent: str, holder: str | None, *, adds: bool) -> bool:
        """May `agent` write here? `holder` is the agent that stands in the path, if one does."""
        welcome = self.write | self.add if adds else self.write
        return agent in welcome or ANY_AGENT in welcome or (THE_AGENT in welcome and agent == holder)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much one commit may bring: new notes, and bytes of new content."""

    notes: int
    size: int


BY_HUMAN = Allowance(notes=2_000_000, size=4 * 1024**3)
BY_AGENT = Allowance(notes=20_000, size=64 * 1024**2)
"""A person may put a whole vault under sync at once; an agent works note by note."""


@dataclass(frozen=True, slots=True)
class SyncRules:
    """What syncs: patterns, the largest file (bytes); how often to poll and when to give up (seconds).

    More deletions at once than `mass_delete_count` and than `mass_delete_percent` of all notes wait
    for a person.
    """

    include: tuple[Glob, ...]
    exclude: tuple[Glob, ...] = ()
    max_file: int = 1024 * 1024
    interval: float = 30.0
    deadline: float = 120.0
    mass_delete_percent: int = 20
    mass_delete_count: int = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be. `rule` is a short stable name; a `quiet` one needs nobody's attention."""

    rule: str
    detail: str
    quiet: bool = False


@dataclass(frozen=True)
class Policy:
    """`vaultkit.yaml`, read. Two policies read from equal text are equal."""

    agents: Mapping[str, Agent]
    zones: tuple[Zone, ...]
    executor: str | None
    sync: SyncRules
    workflow: Workflow = field(default_factory=Workflow)
    actions: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def humans(self) -> frozenset[str]:
        """The agents of deciding persons."""
        return frozenset(name for name, agent in self.agents.items() if agent.human and not agent.revoked)

    @cached_property
    def unsigned_agent(self) -> str | None:
        """The agent that unsigned commits count as, if the policy names one."""
        return next((name for name, agent in self.agents.items() if agent.unsigned), None)

    def agent_with(self, key: str) -> Agent | None:
        """The agent whose key this is."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> Mapping[str, Agent]:
        return {agent.key: agent for agent in self.agents.values() if agent.key}

    def may(self, agent: str | None, path: str, *, adds: bool) -> bool:
        """May `agent` write `path`? `adds`: it creates what is not there."""
        if agent is None or agent not in self.agents:
            return False
        if path in HUMAN_FILES:
            return agent in self.humans
        zone = self._zone_of(path)
        if zone is None:
            return False
        named = zone.path.agent_in(path)
        holder = agent_of_folder(named, self.agents) if named else None
        return zone.allows(agent, holder, adds=adds)

    def may_take(self, agent: str | None, src: str, dst: str) -> bool:
        """May `agent` take the task at `src` over, by moving it to `dst` in its own folder?

        Nobody takes anything over from a human agent: a person is not to be hurried. That the other one was
        silent for long enough, history cannot prove; who gets the right is trusted to have waited.
        """
        holder, zone = self.workflow.holder(src, self.agents), self._zone_of(src)
        if agent not in self.agents or zone is None or holder in (None, agent) or holder in self.humans:
            return False
        is_same = self.workflow.rest_of(src) == self.workflow.rest_of(dst)
        is_own = self.workflow.holder(dst, self.agents) == agent
        return is_same and is_own and bool({agent, ANY_AGENT} & zone.take)

    def is_held(self, path: str) -> bool:
        """Is `path` in an agent's folder of notes in progress? A folder of another name is nobody's."""
        return self.workflow.holder(path, self.agents) in self.agents

    def _zone_of(self, path: str) -> Zone | None:
        return next((zone for zone in self.zones if zone.path.matches(path)), None)

    def allowance(self, agent: str | None) -> Allowance:
        """How much `agent` may bring in one commit."""
        return BY_HUMAN if agent in self.humans else BY_AGENT

    @cached_property
    def lookalikes(self) -> Lookalikes:
        """The names this policy speaks of, and what looks like them."""
        stages = (*self.workflow.folders.values(), self.workflow.place("in_progress", AGENT))
        zones = (zone.path.pattern for zone in self.zones)
        return Lookalikes((*HUMAN_FILES, *stages, *zones), folders_of_agents(self.agents))

    def path_refusal(self, path: str) -> Refusal | None:
        """Why nothing at `path` syncs, whatever it holds; None if it does."""
        if path in HUMAN_FILES:
            return None
        return self._name_refusal(path) or _never_syncs(path) or self._pattern_refusal(path)

    def _name_refusal(self, path: str) -> Refusal | None:
        if problem := name_problem(path):
            return Refusal("name", problem)
        problem = self.lookalikes.problem(path)
        return Refusal("look-alike", problem) if problem else None

    def refusal(self, path: str, size: int | None) -> Refusal | None:
        """The same, with the size in bytes of what is there."""
        refusal = self.path_refusal(path)
        if refusal is None and size is not None and size > self.sync.max_file:
            return Refusal("size", f"it is larger than {self.sync.max_file} bytes (sync.max_file)")
        return refusal

    def skips_folder(self, folder: str) -> Refusal | None:
        """Why a scan need not enter `folder`; None if something below it may sync."""
        if refusal := self._name_refusal(folder):
            return refusal
        if holds_secrets(folder):
            return SECRET_FOLDER
        if _is_hidden(folder):
            return HIDDEN
        return NO_NOTES_FOLDER if holds_no_notes(folder) else self._excluded_whole(folder)

    def _excluded_whole(self, folder: str) -> Refusal | None:
        """Only a pattern that ends in "all below" leaves nothing in the folder to look for."""
        inside = f"{folder}/note.md"
        whole = (glob for glob in self.sync.exclude if glob.pattern.endswith(("/", "/**")))
        return EXCLUDED if any(glob.matches(inside) for glob in whole) else None

    def judge(
        self, agent: str | None, path: str, old: Oid | None, new: Oid | None, size: int | None
    ) -> Refusal | None:
        """Why `agent` may not change `path` from `old` to `new` (None: nothing); None if it may."""
        refusal = self.refusal(path, size) if new else None
        if refusal or self.may(agent, path, adds=old is None):
            return refusal
        if path in HUMAN_FILES:
            return Refusal("zone", "only a human agent may change this file")
        verb = "create" if old is None else "remove" if new is None else "change"
        return Refusal("zone", f"{agent or 'nobody known'} may not {verb} notes here")

    def _pattern_refusal(self, path: str) -> Refusal | None:
        if any(glob.matches(path) for glob in self.sync.exclude):
            return EXCLUDED
        if not any(glob.matches(path) for glob in self.sync.include):
            return OTHER_TYPE
        return None


# A secret that stays where it is needs nobody: that is how it should be. The status names it all the same.
SECRET_NAME = Refusal("secret-name", "its name says it holds a secret, which never leaves this machine", True)
SECRET_FOLDER = Refusal("secret-name", "a folder of this name never leaves this machine", quiet=True)
HIDDEN = Refusal("dot-folder", "hidden files and folders never sync", quiet=True)
NO_NOTES = Refusal("type", "files of this kind never sync", quiet=True)
NO_NOTES_FOLDER = Refusal("excluded", "a folder of this name holds no notes", quiet=True)
EXCLUDED = Refusal("excluded", "it is excluded (sync.exclude)", quiet=True)
OTHER_TYPE = Refusal("type", "files of this type do not sync (sync.include)", quiet=True)


def _never_syncs(path: str) -> Refusal | None:
    if fold_key(path) in HUMAN_FILES:
        return Refusal("collision", f"its name is too like {fold_key(path)}")
    if is_secret(path):
        return SECRET_NAME
    if _is_hidden(path):
        return HIDDEN
    return NO_NOTES if is_no_note(path) else None


def _is_hidden(path: str) -> bool:
    return path.startswith(".") or "/." in path
