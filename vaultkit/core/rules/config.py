"""Reading the vault's policy, `vaultkit.yaml`.

It is checked whole before anything is believed. What would be valid but could not mean what its
author meant (a zone that matches no note, two stages in one folder) is an error too, for a policy
that quietly allows nothing, or too much, is found out too late. The machine's own configuration is
in `machine`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from vaultkit.core.git.bounds import LARGEST_BLOB
from vaultkit.core.git.sshsig import read_public_key
from vaultkit.core.naming.globs import Glob
from vaultkit.core.naming.paths import fold_key, is_word, name_problem
from vaultkit.core.rules.machine import Machine, read_machine, write_machine
from vaultkit.core.rules.policy import ANY_AGENT, THE_AGENT, Agent, Policy, SyncRules, Zone
from vaultkit.core.rules.schema import Field, read_document
from vaultkit.core.rules.workflow import (
    DEFAULT_FOLDERS,
    DEFAULT_LEASE_SECONDS,
    GRACE_SECONDS,
    QUIET_SECONDS,
    Workflow,
)
from vaultkit.core.text.yaml_events import plain

__all__ = ["Machine", "fill_template", "read_machine", "read_policy", "write_machine"]

VERSION = 1
DEFAULT_INCLUDE = ("*.md", "*.txt", "*.base", "*.canvas")
MOST_FILE_BYTES = LARGEST_BLOB
MOST_SECONDS = 24 * 3600
LEAST_LEASE_SECONDS = 2.0
LEAST_SILENCE_SECONDS, MOST_SILENCE_SECONDS = 60.0, 30 * 24 * 3600
_KEYS = ("vaultkit", "agents", "zones", "executor", "sync", "workflow", "actions")
_SYNC_KEYS = ("include", "exclude", "max_file", "interval", "deadline", "mass_delete")


@lru_cache(maxsize=16)  # a cycle reads the same policy again and again
def read_policy(data: bytes, file: str = "vaultkit.yaml") -> Policy:
    """The policy in a `vaultkit.yaml`; PolicyError says where it cannot be understood."""
    fields = read_document(data, file).mapping(_KEYS, required=("vaultkit", "agents", "zones"))
    _check_version(fields["vaultkit"])
    agents = _agents(fields["agents"])
    return Policy(
        agents=agents,
        zones=tuple(_zone(item, agents) for item in fields["zones"].items()),
        executor=_executor(fields.get("executor"), agents),
        sync=_sync(fields.get("sync")),
        workflow=_workflow(fields.get("workflow")),
        actions={name: plain(item.node) for name, item in _optional(fields.get("actions")).items()},
    )


def _check_version(item: Field) -> None:
    if isinstance(item.node.value, bool) or item.node.value != VERSION:
        item.fail(
            f"only version {VERSION} is known here", f"Write `vaultkit: {VERSION}`, or update vaultkit."
        )


def fill_template(text: str, human: str, worker: str) -> str:
    """A template with the agents' names in place of `{{human}}` and `{{worker}}`."""
    return text.replace("{{human}}", human).replace("{{worker}}", worker)


def _optional(item: Field | None, known: tuple[str, ...] | None = None) -> dict[str, Field]:
    return item.mapping(known) if item else {}


def _agents(top: Field) -> dict[str, Agent]:
    fields = top.mapping()
    agents = {name: _agent(name, item) for name, item in fields.items()}
    if not any(agent.human and not agent.revoked for agent in agents.values()):
        top.fail("no agent is human", "Mark the agent beside the person: `local_agent: {human: true}`.")
    _refuse_twins(agents, fields)
    return agents


def _refuse_twins(agents: Mapping[str, Agent], fields: Mapping[str, Field]) -> None:
    """Nobody may be taken for somebody else."""
    _refuse_same(fields, {name: fold_key(name) for name in agents}, "name")
    _refuse_same(fields, {name: agent.key for name, agent in agents.items()}, "key")
    _refuse_same(
        fields, {name: agent.unsigned for name, agent in agents.items()}, "right to unsigned commits"
    )


def _refuse_same(fields: Mapping[str, Field], marks: Mapping[str, str | bool | None], what: str) -> None:
    seen: dict[str | bool, str] = {}
    for name, mark in marks.items():
        if mark and seen.setdefault(mark, name) != name:
            fields[name].fail(f"has the same {what} as {seen[mark]}", "Each agent needs its own.")


def _agent(name: str, item: Field) -> Agent:
    if not is_word(name):
        item.fail(f"{name!r} cannot be an agent's name", "Use letters, digits and _.")
    fields = item.mapping(("human", "key", "unsigned", "revoked", "sign_of_life"))
    life = fields.get("sign_of_life")
    agent = Agent(
        name,
        human=_flag(fields.get("human")),
        key=_key(fields["key"]) if "key" in fields else None,
        unsigned=_flag(fields.get("unsigned")),
        revoked=_flag(fields.get("revoked")),
        sign_of_life=life.seconds(MOST_SILENCE_SECONDS) if life else None,
    )
    _refuse_contradictions(item, agent)
    return agent


def _flag(item: Field | None) -> bool:
    return item is not None and item.flag()


def _key(item: Field) -> str:
    try:
        return read_public_key(item.text())
    except ValueError as error:
        item.fail(str(error), "`vaultkit agents show` on that agent's machine prints it.")


def _refuse_contradictions(item: Field, agent: Agent) -> None:
    if agent.unsigned and agent.human:
        item.fail("an unsigned agent cannot be human", "Anybody could speak for it; use two agents.")
    if agent.unsigned and agent.key:
        item.fail("an unsigned agent has no key", "Use two agents, or leave one of the two out.")
    if agent.sign_of_life is not None and agent.sign_of_life < LEAST_SILENCE_SECONDS:
        item.fail("a sign of life so often would only fill the history", "Write `1h`, or `12h`.")


def _executor(item: Field | None, agents: Mapping[str, Agent]) -> str | None:
    """The agent named, or the human agent if there is only one."""
    humans = [name for name, agent in agents.items() if agent.human]
    if item and not item.is_empty:
        return item.one_of(humans, "human agent")
    return humans[0] if len(humans) == 1 else None


def _zone(item: Field, agents: Mapping[str, Agent]) -> Zone:
    fields = item.mapping(("path", "write", "add", "take"), required=("path",))
    path = fields["path"].glob()
    name = path.pattern.rpartition("/")[2]
    if not set(name) & set("*?.{"):
        hint = f"Write `{path.pattern}/**` for all below the folder."
        fields["path"].fail(f"{path.pattern!r} names a folder, not notes", hint)
    if "take" in fields and not path.names_agent:
        hint = "Write it at the zone of the tasks in progress, `In_Progress/{agent}/**`."
        fields["take"].fail("only what is in an agent's folder can be taken over", hint)
    write, add, take = (_members(fields.get(right), path, agents) for right in ("write", "add", "take"))
    return Zone(path, write, add, take)


def _members(top: Field | None, path: Glob, agents: Mapping[str, Agent]) -> frozenset[str]:
    known = {*agents, ANY_AGENT} | ({THE_AGENT} if path.names_agent else set())
    return frozenset(item.one_of(known, "agent here") for item in top.items()) if top else frozenset()


def _sync(top: Field | None) -> SyncRules:
    fields = _optional(top, _SYNC_KEYS)
    limits = _optional(fields.get("mass_delete"), ("percent", "count"))
    default = SyncRules(tuple(Glob(pattern, floating=True) for pattern in DEFAULT_INCLUDE))
    percent, count = limits.get("percent"), limits.get("count")
    max_file, interval, deadline = map(fields.get, ("max_file", "interval", "deadline"))
    return SyncRules(
        include=_include(fields.get("include")) or default.include,
        exclude=_patterns(fields.get("exclude")),
        max_file=max_file.size(MOST_FILE_BYTES) if max_file else default.max_file,
        interval=interval.seconds(MOST_SECONDS) if interval else default.interval,
        deadline=deadline.seconds(MOST_SECONDS) if deadline else default.deadline,
        mass_delete_percent=percent.number(0, 100) if percent else default.mass_delete_percent,
        mass_delete_count=count.number(0, 10**9) if count else default.mass_delete_count,
    )


def _patterns(top: Field | None) -> tuple[Glob, ...]:
    return tuple(item.glob(floating=True) for item in top.items()) if top and not top.is_empty else ()


def _include(top: Field | None) -> tuple[Glob, ...]:
    patterns = _patterns(top)
    if top and not top.is_empty and not patterns:
        top.fail("is empty: no note would sync", f"Write {list(DEFAULT_INCLUDE)}, or leave it out.")
    if top and (folder := next((glob.pattern for glob in patterns if glob.pattern.endswith("/")), None)):
        top.fail(f"{folder!r} is a folder", f"Write `{folder}**` for all below it.")
    return patterns


def _workflow(top: Field | None) -> Workflow:
    folders, fields = dict(DEFAULT_FOLDERS), _optional(top, (*DEFAULT_FOLDERS, "quiet", "grace", "lease"))
    quiet, grace, lease = (fields.pop(name, None) for name in ("quiet", "grace", "lease"))
    for stage, item in fields.items():
        folders[stage] = item.text().strip("/")
        if problem := name_problem(folders[stage]):
            item.fail(
                f"{folders[stage]!r} cannot be a folder: {problem}", f"Write `{DEFAULT_FOLDERS[stage]}`."
            )
        if any(name.startswith(".") for name in folders[stage].split("/")):
            item.fail("hidden folders never sync", f"Write `{DEFAULT_FOLDERS[stage]}`.")
    if top:
        _refuse_shared_folders(top, folders)
    return Workflow(
        folders,
        quiet=quiet.seconds(MOST_SECONDS, zero=True) if quiet else QUIET_SECONDS,
        grace=grace.seconds(MOST_SECONDS, zero=True) if grace else GRACE_SECONDS,
        lease=_lease(lease),
    )


def _lease(item: Field | None) -> float:
    seconds = item.seconds(MOST_SECONDS) if item else DEFAULT_LEASE_SECONDS
    if item and seconds < LEAST_LEASE_SECONDS:
        item.fail("a claim would be lost before it could be renewed", "Write `15m`, or `1h`.")
    return seconds


def _refuse_shared_folders(top: Field, folders: Mapping[str, str]) -> None:
    """A path must say which stage it is in."""
    for stage, folder in folders.items():
        for other, outer in folders.items():
            if stage != other and fold_key(f"{folder}/").startswith(fold_key(f"{outer}/")):
                top.fail(f"{stage} and {other} share the folder {outer}", "Give each stage its own folder.")
