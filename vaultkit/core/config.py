"""Reading the two configuration files: the vault's policy and the machine's own.

Both are checked whole before anything is believed; an error names the file, the line and the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from json import dumps

from vaultkit.core.paths import Glob
from vaultkit.core.policy import ANY_AGENT, THE_AGENT, Agent, Policy, SyncRules, Zone
from vaultkit.core.schema import Field, read_document
from vaultkit.core.workflow import DEFAULT_FOLDERS, Workflow
from vaultkit.core.yaml_events import plain

VERSION = 1
DEFAULT_INCLUDE = ("*.md", "*.txt", "*.base", "*.canvas")


@dataclass(frozen=True, slots=True)
class Machine:
    """Who this machine is. `hooks` names the enabled hooks; `settings` are for them to read."""

    agent: str
    remote: str | None = None
    hooks: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


def read_policy(data: bytes, file: str = "vaultkit.yaml") -> Policy:
    """The policy in a `vaultkit.yaml`; PolicyError says where it cannot be understood."""
    top = read_document(data, file)
    fields = top.mapping(
        ("vaultkit", "agents", "zones", "executor", "sync", "workflow", "actions"),
        required=("vaultkit", "agents", "zones"),
    )
    if fields["vaultkit"].node.value != VERSION:
        fields["vaultkit"].fail(f"only version {VERSION} is known", f"Write `vaultkit: {VERSION}`.")
    agents = _agents(fields["agents"])
    humans = [name for name, agent in agents.items() if agent.human]
    executor = fields["executor"].one_of(humans, "human agent") if "executor" in fields else None
    return Policy(
        agents=agents,
        zones=tuple(_zone(item, agents) for item in fields["zones"].items()),
        executor=executor or (humans[0] if len(humans) == 1 else None),
        sync=_sync(fields.get("sync")),
        workflow=_workflow(fields.get("workflow")),
        actions=_actions(fields.get("actions")),
    )


def _agents(top: Field) -> dict[str, Agent]:
    agents = {name: _agent(name, item) for name, item in top.mapping().items()}
    if not any(agent.human for agent in agents.values()):
        top.fail("no agent is human", "Mark the agent beside the person: `local_agent: {human: true}`.")
    if sum(agent.unsigned for agent in agents.values()) > 1:
        top.fail("only one agent can be the unsigned one")
    return agents


def _agent(name: str, item: Field) -> Agent:
    if not name.isidentifier():
        item.fail(f"{name!r} cannot be an agent's name", "Use letters, digits and _.")
    if item.node.value is None:
        return Agent(name)
    fields = item.mapping(("human", "key", "unsigned"))
    agent = Agent(
        name,
        human="human" in fields and fields["human"].flag(),
        key=fields["key"].text() if "key" in fields else None,
        unsigned="unsigned" in fields and fields["unsigned"].flag(),
    )
    if agent.unsigned and agent.human:
        item.fail("an unsigned agent cannot be human: anybody could speak for it")
    return agent


def _zone(item: Field, agents: Mapping[str, Agent]) -> Zone:
    fields = item.mapping(("path", "write", "add"), required=("path",))
    path = fields["path"].glob()
    members = {*agents, ANY_AGENT} | ({THE_AGENT} if path.names_agent else set())

    def names(key: str) -> frozenset[str]:
        listed = fields[key].items() if key in fields else []
        return frozenset(name.one_of(members, "agent of this vault") for name in listed)

    return Zone(path, names("write"), names("add"))


def _sync(top: Field | None) -> SyncRules:
    include = tuple(Glob(pattern, floating=True) for pattern in DEFAULT_INCLUDE)
    if top is None:
        return SyncRules(include)
    fields = top.mapping(("include", "exclude", "max_file", "interval", "deadline", "mass_delete"))
    default = SyncRules(include)
    limits = fields["mass_delete"].mapping(("percent", "count")) if "mass_delete" in fields else {}
    percent, count = limits.get("percent"), limits.get("count")
    return SyncRules(
        include=_patterns(fields.get("include")) or include,
        exclude=_patterns(fields.get("exclude")),
        max_file=fields["max_file"].size() if "max_file" in fields else default.max_file,
        interval=fields["interval"].seconds() if "interval" in fields else default.interval,
        deadline=fields["deadline"].seconds() if "deadline" in fields else default.deadline,
        mass_delete_percent=percent.number(0, 100) if percent else default.mass_delete_percent,
        mass_delete_count=count.number(0, 10**9) if count else default.mass_delete_count,
    )


def _patterns(top: Field | None) -> tuple[Glob, ...]:
    return tuple(item.glob(floating=True) for item in top.items()) if top else ()


def _workflow(top: Field | None) -> Workflow:
    if top is None:
        return Workflow()
    fields = top.mapping(DEFAULT_FOLDERS)
    return Workflow({**DEFAULT_FOLDERS, **{stage: item.text().strip("/") for stage, item in fields.items()}})


def _actions(top: Field | None) -> dict[str, object]:
    return {name: plain(item.node) for name, item in top.mapping().items()} if top else {}


def read_machine(data: bytes, file: str = ".vaultkit/agent.yaml") -> Machine:
    """The machine's configuration; PolicyError says where it cannot be understood."""
    fields = read_document(data, file).mapping(("agent", "remote", "hooks", "settings"), required=("agent",))
    settings = fields["settings"].mapping() if "settings" in fields else {}
    return Machine(
        agent=fields["agent"].text(),
        remote=fields["remote"].text() if "remote" in fields else None,
        hooks=tuple(item.text() for item in fields["hooks"].items()) if "hooks" in fields else (),
        settings={name: item.text() for name, item in settings.items()},
    )


def write_machine(machine: Machine) -> bytes:
    """The text that `read_machine` reads back as `machine`."""
    lines = ["# This machine only; never synced.", f"agent: {dumps(machine.agent)}"]
    if machine.remote:
        lines.append(f"remote: {dumps(machine.remote, ensure_ascii=False)}")
    lines.append(f"hooks: [{', '.join(map(dumps, machine.hooks))}]")
    if machine.settings:
        lines.append("settings:")
        lines += [f"  {name}: {dumps(value, ensure_ascii=False)}" for name, value in machine.settings.items()]
    return ("\n".join(lines) + "\n").encode()


def fill_template(text: str, human: str, worker: str) -> str:
    """A template with the agents' names in place of `{{human}}` and `{{worker}}`."""
    return text.replace("{{human}}", human).replace("{{worker}}", worker)
