"""What a case is, and the table of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.security.forge import Forge, Item
from vaultkit.core.git.tree import Oid

Build = Callable[[Forge], Oid]


@dataclass(frozen=True)
class Case:
    """One attack: what it is, the commit it publishes, and what of it is honest after all.

    `arrives` are contents by path that come in beside the marker; `silent`: nothing is to be reported,
    because nothing forbidden was tried; `stops`: the remote as a whole is refused, and the marker with
    it, until whoever runs it puts it right; `waits`: something is missing, and is waited for for a while.
    """

    name: str
    build: Build
    arrives: Mapping[str, bytes] = field(default_factory=dict)
    silent: bool = False
    stops: bool = False
    waits: bool = False


CASES: dict[str, Case] = {}


def case(name: str, **options: object) -> Callable[[Build], Build]:
    """Put a builder into the table."""

    def add(build: Build) -> Build:
        assert name not in CASES, name
        CASES[name] = Case(name, build, **options)  # type: ignore[arg-type]
        return build

    return add


def in_updates(name: str, *items: Callable[[Forge], Item], **options: object) -> None:
    """A case that adds lines to `Updates/`, where Cloud may write: only the line itself can be wrong."""
    case(name, **options)(lambda forge: forge.commit(forge.tree(Updates=[item(forge) for item in items])))


def at_root(name: str, *items: Callable[[Forge], Item], **options: object) -> None:
    """A case that adds lines to the root."""
    case(name, **options)(lambda forge: forge.commit(forge.tree(*(item(forge) for item in items))))


def note(name: str | bytes, text: str | bytes = "evil\n", mode: str = "100644") -> Callable[[Forge], Item]:
    return lambda forge: forge.note(name, text, mode)


def folder(name: str | bytes, *items: Callable[[Forge], Item]) -> Callable[[Forge], Item]:
    return lambda forge: forge.into(name, *(item(forge) for item in items))
