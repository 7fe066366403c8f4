"""Surgical edits of `vaultkit.yaml`: who is an agent. All other bytes stay, comments too.

The edit is spliced in at the value's place and then read back: the policy must say exactly what it
said before plus the change, or the edit is refused and a person does it by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.policy import POLICY_FILE, Agent
from vaultkit.core.text.yaml_events import Node, parse_document
from vaultkit.errors import PolicyError, UsageError

HINT = "Edit `agents:` in vaultkit.yaml by hand."


def trust_key(data: bytes, name: str, key: str, *, human: bool = False) -> bytes:
    """The policy with `key` as the agent's key, in place of an earlier one; a new agent is added.

    `human` makes a new agent a human one. Raises PolicyError.
    """
    there = read_policy(data).agents.get(name)
    values = {"key": f'"{key}"'}
    if there is None and human:
        values = {"human": "true", **values}
    if there and there.revoked:
        values["revoked"] = "false"
    return _with_agent(data, replace(there or Agent(name, human=human), key=key, revoked=False), values)


def add_agent(data: bytes, name: str, *, human: bool = False) -> bytes:
    """The policy with a new agent that has no key yet. Raises PolicyError."""
    return _with_agent(data, Agent(name, human=human), {"human": "true"} if human else {})


def revoke_agent(data: bytes, name: str) -> bytes:
    """The policy in which the agent's key counts no more.

    UsageError where there is no such agent; PolicyError where it cannot be written, also for the last human.
    """
    agents = read_policy(data).agents
    there = agents.get(name)
    if there is None:
        raise UsageError(f"there is no agent {name}", hint=f"The agents here: {', '.join(agents)}.")
    return _with_agent(data, replace(there, revoked=True), {"revoked": "true"})


def _with_agent(data: bytes, agent: Agent, values: Mapping[str, str]) -> bytes:
    before = read_policy(data)
    result = _splice(data.decode(), agent.name, values).encode()
    after = read_policy(result)
    if after.executor != before.executor:
        hint = f"Add `executor: {before.executor}` to vaultkit.yaml first."
        raise PolicyError("with two human agents it must say which machine acts", file=POLICY_FILE, hint=hint)
    if after != replace(before, agents={**before.agents, agent.name: agent}):
        raise PolicyError(f"agent {agent.name} cannot be written safely", file=POLICY_FILE, hint=HINT)
    return result


def _splice(text: str, name: str, values: Mapping[str, str]) -> str:
    document = parse_document(text)
    agents = child(document, "agents")
    if agents is None or not isinstance(agents.value, dict):
        raise PolicyError("`agents` is no list of `name: {...}` lines", file=POLICY_FILE, hint=HINT)
    there = child(agents, name)
    if there is None:
        return _add_agent(text, agents, name, values)
    for key, value in values.items():
        text = _set(text, name, key, value)
    return text


def _set(text: str, name: str, key: str, value: str) -> str:
    """One value of an agent that is there."""
    agents = child(parse_document(text), "agents")
    node = child(agents, name)
    assert agents is not None and node is not None  # noqa: S101, PT018 - the caller looked
    old = child(node, key)
    if old is not None:
        return text[: old.start] + value + text[old.end :]
    if not node.value:
        return text[: node.start] + _fresh(text, node, key, value) + text[node.end :]
    if node.is_block:
        gap = "\n" + " " * column(text, node.start)
        return text[: node.start] + f"{key}: {value}{gap}" + text[node.start :]
    return text[: node.start] + f"{{{key}: {value}, " + text[node.start + 1 :].lstrip(" ")


def _fresh(text: str, node: Node, key: str, value: str) -> str:
    """In place of `{}`, or after a name with nothing behind it."""
    gap = "" if text[node.start - 1 : node.start] in (" ", "\n") else " "
    return f"{gap}{{{key}: {value}}}"


def _add_agent(text: str, agents: Node, name: str, values: Mapping[str, str]) -> str:
    line = f"{name}: {{{', '.join(f'{key}: {value}' for key, value in values.items())}}}"
    if not agents.is_block:
        return text[: agents.start] + "{" + line + ", " + text[agents.start + 1 :].lstrip(" ")
    return text[: agents.start] + line + new_line(text, agents.start) + text[agents.start :]


def child(node: Node | None, key: str) -> Node | None:
    """The value at a key of a mapping."""
    return node.value.get(key) if node is not None and isinstance(node.value, dict) else None


def new_line(text: str, at: int) -> str:
    """A line end as the file has them, and the indentation of what is at `at`."""
    return ("\r\n" if "\r\n" in text else "\n") + " " * column(text, at)


def column(text: str, at: int) -> int:
    """How far from the beginning of its line that is."""
    return at - (text.rfind("\n", 0, at) + 1)
