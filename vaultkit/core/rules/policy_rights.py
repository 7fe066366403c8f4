"""Giving an agent the rights of another one, in `vaultkit.yaml`. All other bytes stay, comments too.

Where a zone names the one, it names the other too, behind it. What is the one's own place, such as
`Plans/cloud_agent/**`, is not shared: the other gets a zone like it under its own name, just above. The
edit is read back as in `policy_edit`: the policy must say exactly that much more, or it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from vaultkit.core.naming.globs import Glob
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.policy import POLICY_FILE, Policy, Zone
from vaultkit.core.rules.policy_edit import child, new_line
from vaultkit.core.text.yaml_events import Node, parse_document
from vaultkit.core.text.yaml_write import write
from vaultkit.errors import PolicyError, UsageError

RIGHTS = ("write", "add", "take")
HINT = "Edit `zones:` in vaultkit.yaml by hand."
Splice = tuple[int, int, str]


def share_rights(data: bytes, name: str, like: str) -> bytes:
    """The policy in which the agent `name` may all that `like` may, in its own places.

    UsageError where there is no agent `like`, or where a person's rights would go to an agent that is not
    human; PolicyError where the edit cannot be made safely.
    """
    before, text = read_policy(data), data.decode()
    _refuse_a_persons_rights(before, name, like)
    wanted = [_wanted(before, zone, name, like) for zone in before.zones]
    result = _spliced(text, list(_splices(text, before.zones, wanted, name, like))).encode()
    zones = tuple(zone for group in wanted for zone in group)
    if read_policy(result) != replace(before, zones=zones):
        raise PolicyError(f"the rights of {name} cannot be written safely", file=POLICY_FILE, hint=HINT)
    return result


def _refuse_a_persons_rights(policy: Policy, name: str, like: str) -> None:
    if like not in policy.agents:
        others = ", ".join(agent for agent in policy.agents if agent != name)
        raise UsageError(f"there is no agent {like}", hint=f"The agents here: {others}.")
    if policy.agents[like].human and not policy.agents[name].human:
        hint = "For a second machine of yours say --human too; otherwise name an agent that cannot approve."
        raise UsageError(f"{like} is a person's agent: what has its rights may approve", hint=hint)


def _wanted(policy: Policy, zone: Zone, name: str, like: str) -> tuple[Zone, ...]:
    """The zones that are to stand where `zone` stands."""
    if like not in zone.write | zone.add | zone.take:
        return (zone,)
    own = _own_place(policy, zone.path.pattern, name, like)
    if own is None:
        return (_renamed(zone, zone.path, like, {like, name}),)
    if any(other.path.pattern == own for other in policy.zones):
        return (zone,)
    return (_renamed(zone, Glob(own), like, {name}), zone)


def _renamed(zone: Zone, path: Glob, like: str, names: Set[str]) -> Zone:
    """The zone at `path`, with `names` in the place of `like`."""
    rights = (zone.write, zone.add, zone.take)
    return Zone(path, *(members - {like} | names if like in members else members for members in rights))


def _own_place(policy: Policy, pattern: str, name: str, like: str) -> str | None:
    """The pattern with `name` in the place of `like`; None where it does not name that agent."""
    parts, below = pattern.split("/"), policy.workflow.place("in_progress", "").count("/")
    is_held = policy.workflow.holder(pattern, policy.agents) == like  # its folder may have a shorter name
    own = [name if part == like or (is_held and at == below) else part for at, part in enumerate(parts)]
    return "/".join(own) if own != parts else None


def _splices(
    text: str, zones: tuple[Zone, ...], wanted: list[tuple[Zone, ...]], name: str, like: str
) -> Iterator[Splice]:
    """What is to be put in: from where, to where, and the words."""
    top = child(parse_document(text), "zones")
    assert top is not None  # noqa: S101 - the policy was read
    assert isinstance(top.value, list)  # noqa: S101
    for node, zone, group in zip(top.value, zones, wanted, strict=True):
        if len(group) > 1:
            own = group[0].path.pattern
            gap = f"{new_line(text, top.start)}- " if top.is_block else ", "
            yield node.start, node.start, _copied(text, node, own, name, like) + gap
        elif group[0] != zone:
            yield from (_behind(text, *found, name) for found in _members(node, like, name))


def _copied(text: str, node: Node, own: str, name: str, like: str) -> str:
    """The zone's own words, for another agent."""
    path = child(node, "path")
    assert path is not None  # noqa: S101 - the policy was read
    splices = [(path.start, path.end, write(own))]
    splices += [(item.start, item.end, write(name)) for _, item in _members(node, like, name)]
    source = _spliced(text[: node.end], splices)
    return source[node.start :]


def _members(node: Node, like: str, name: str) -> Iterator[tuple[Node, Node]]:
    """Where the zone names `like`: each list that does not name `name` too, and the item in it."""
    for right in RIGHTS:
        members = child(node, right)
        if members is None or not isinstance(members.value, list):
            continue
        named = {item.value: item for item in members.value if isinstance(item.value, str)}
        if like in named and name not in named:
            yield members, named[like]


def _behind(text: str, members: Node, item: Node, name: str) -> Splice:
    """Above it, where each stands on a line of its own: a comment behind the other one stays there."""
    if members.is_block:
        return item.start, item.start, f"{write(name)}{new_line(text, members.start)}- "
    return item.end, item.end, f", {write(name)}"


def _spliced(text: str, splices: list[Splice]) -> str:
    for start, end, words in sorted(splices, reverse=True):
        text = text[:start] + words + text[end:]
    return text
