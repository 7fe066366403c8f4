"""Hooks: small functions that react to a note's move.

A decorator only marks its function; nothing is registered by importing. The loader collects the
marks, checks each signature (the error quotes the author's own), and keeps what this machine's
configuration enables. There are two kinds:

- `on_move` plans: it runs before the commit and may only edit the draft of it. It must be pure.
- `after_move` acts: it runs once the commit is confirmed, may do I/O, and runs at least once; `move.key`
  is the same at every attempt, so an action with an effect can tell that it was done before.

A hook takes the arguments it names: `move` and `draft` (planning) or `move` and `vault` (acting).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from vaultkit.core.paths import Glob
from vaultkit.core.tree import Oid
from vaultkit.errors import VaultError

Origin = Literal["local", "remote", "any"]
F = TypeVar("F", bound=Callable[..., object])

_MARK = "__vaultkit_hooks__"
_ARGUMENTS = {"on_move": ("move", "draft"), "after_move": ("move", "vault")}


class HookError(VaultError):
    """A hook cannot be used, or failed; the message names it."""


@dataclass(frozen=True, slots=True)
class HookMove:
    """A note's move as a hook sees it. `time` is UTC seconds; `key` names this move and no other.

    `oid` names the exact content that was moved (`Vault.moved_note` reads it), whatever was typed since.
    `actor`: the program that moved it, if it said so (`Vault.open(actor=)`).
    """

    src: str
    dst: str
    agent: str
    time: int
    key: str
    oid: Oid
    origin: Literal["local", "remote"] = "local"
    actor: str = ""

    @property
    def path(self) -> str:
        """Where the note is now."""
        return self.dst


@dataclass(frozen=True, slots=True)
class Hook:
    """A marked function: what it waits for and what to call."""

    kind: str
    src: Glob
    dst: Glob
    origin: Origin
    function: Callable[..., object]
    name: str = ""
    takes: tuple[str, ...] = ()

    def matches(self, move: HookMove) -> bool:
        welcome = self.origin in ("any", move.origin)
        return welcome and self.src.matches(move.src) and self.dst.matches(move.dst)

    def call(self, **offered: object) -> None:
        self.function(**{name: offered[name] for name in self.takes})


def on_move(src: str, dst: str, *, origin: Origin = "local") -> Callable[[F], F]:
    """Mark a planning hook for moves from the pattern `src` to the pattern `dst`."""
    return _marker("on_move", src, dst, origin)


def after_move(src: str, dst: str, *, origin: Origin = "local") -> Callable[[F], F]:
    """Mark an acting hook for moves from the pattern `src` to the pattern `dst`."""
    return _marker("after_move", src, dst, origin)


def _marker(kind: str, src: str, dst: str, origin: Origin) -> Callable[[F], F]:
    def mark(function: F) -> F:
        hook = Hook(kind, Glob(src), Glob(dst), origin, function)
        setattr(function, _MARK, (*getattr(function, _MARK, ()), hook))
        return function

    return mark


def collect_hooks(namespace: Mapping[str, Any], name: str) -> list[Hook]:
    """The marked functions in a module's namespace, checked; HookError names a bad one."""
    functions = {id(value): value for value in namespace.values() if hasattr(value, _MARK)}
    return [_checked(hook, name) for value in functions.values() for hook in getattr(value, _MARK)]


def _checked(hook: Hook, module: str) -> Hook:
    signature = inspect.signature(hook.function)
    label = f"{module}.{hook.function.__name__}"
    known = _ARGUMENTS[hook.kind]
    needed = [p.name for p in signature.parameters.values() if p.default is p.empty]
    unknown = [name for name in needed if name not in known]
    if unknown:
        problem = f"hook {label}{signature} asks for {', '.join(unknown)}"
        raise HookError(problem, hint=f"A hook marked @{hook.kind} may take: {', '.join(known)}.")
    takes = tuple(name for name in known if name in signature.parameters)
    return replace(hook, name=label, takes=takes)


def matching(hooks: Iterable[Hook], kind: str, move: HookMove) -> list[Hook]:
    """The hooks of a kind that this move calls, in the order they were loaded."""
    return [hook for hook in hooks if hook.kind == kind and hook.matches(move)]
