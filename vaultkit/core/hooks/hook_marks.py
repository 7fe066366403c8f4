"""Hooks: small functions that react to what happens to notes.

A decorator only marks its function; nothing is registered by importing. The loader collects the
marks, checks each function (`hook_check`; the error quotes the author's own), and keeps what this
machine's configuration enables. There are two kinds:

- `on_move`, `on_status`, `on_create`, `on_change` plan: they run before the commit and may only edit the
  draft of it. They must be pure. Whoever loops here stops the sync, for a function cannot be ended from
  outside; so it is told which hook is being waited for.
- `after_move`, `after_status`, `after_create`, `after_change` act: they run once the commit is confirmed,
  may do I/O, and run at least once; `move.key` is the same at every attempt, so an action with an effect
  can tell that it was done before. `on_schedule` acts too, every so often while `vaultkit watch` runs: at a
  mere moment there is no commit that could be planned. `after_schedule` is the same.

A hook takes the arguments it names: the occasion (`move`, `change` or `tick`), and `draft` (planning) or
`vault` (acting). Hooks are called in the order in which the machine enables them.

What hooks do calls no hooks, or two of them could call each other for ever: neither what planning hooks
write into other notes, nor what acting hooks change through their `vault`. `again=True` asks to be called
for that too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeVar

from vaultkit.errors import VaultError

Origin = Literal["local", "remote", "any"]
F = TypeVar("F", bound=Callable[..., object])

MARK = "__vaultkit_hooks__"
_FORMS = {
    "move": '("Drafts/**", "Ready/**")',
    "status": '("pending_approval", "approved")',
    "create": '("Projects/**")',
    "change": '("Projects/**")',
    "schedule": '("1h")',
}


class HookError(VaultError):
    """A hook cannot be used, or failed; the message names it."""


class Mark(NamedTuple):
    """What a decorator leaves on a function: nothing of it has been looked at yet."""

    kind: str
    words: tuple[object, ...]
    origin: object
    again: object


def event_of(kind: str) -> str:
    """What such a hook waits for: move, status, create, change or schedule."""
    return kind.partition("_")[2]


def plans(kind: str) -> bool:
    """Does such a hook run before the commit?"""
    return kind.startswith("on_") and event_of(kind) != "schedule"


def form_of(kind: str) -> str:
    """A decorator as it is written, such as `@on_schedule("1h")`; "" for a word that is none."""
    form = _FORMS.get(event_of(kind)) if kind.startswith(("on_", "after_")) else None
    return f"@{kind}{form}" if form else ""


def on_move(src: str, dst: str, *, origin: Origin = "local", again: bool = False) -> Callable[[F], F]:
    """Mark a planning hook for moves from the pattern `src` to the pattern `dst`."""
    return _marker("on_move", (src, dst), origin, again)


def after_move(src: str, dst: str, *, origin: Origin = "local", again: bool = False) -> Callable[[F], F]:
    """Mark an acting hook for moves from the pattern `src` to the pattern `dst`."""
    return _marker("after_move", (src, dst), origin, again)


def on_status(before: str, after: str, *, origin: Origin = "local", again: bool = False) -> Callable[[F], F]:
    """Mark a planning hook for notes that go from the stage `before` to the stage `after`.

    Stages are those of the workflow (`needs_action`, `in_progress`, `pending_approval`, `approved`,
    `rejected`, `done`, `plans`, `updates`, or another word for one), "" is none, "*" any or none. A task
    in progress that changes hands counts too.
    """
    return _marker("on_status", (before, after), origin, again)


def after_status(
    before: str, after: str, *, origin: Origin = "local", again: bool = False
) -> Callable[[F], F]:
    """Mark an acting hook for notes that go from the stage `before` to the stage `after`; see `on_status`."""
    return _marker("after_status", (before, after), origin, again)


def on_create(place: str, *, origin: Origin = "local", again: bool = False) -> Callable[[F], F]:
    """Mark a planning hook for new notes whose path matches `place`."""
    return _marker("on_create", (place,), origin, again)


def after_create(place: str, *, origin: Origin = "local", again: bool = False) -> Callable[[F], F]:
    """Mark an acting hook for new notes whose path matches `place`."""
    return _marker("after_create", (place,), origin, again)


def on_change(place: str, *, origin: Origin = "local", again: bool = False) -> Callable[[F], F]:
    """Mark a planning hook for notes that were edited where they are, if their path matches `place`."""
    return _marker("on_change", (place,), origin, again)


def after_change(place: str, *, origin: Origin = "local", again: bool = False) -> Callable[[F], F]:
    """Mark an acting hook for notes that were edited where they are, if their path matches `place`."""
    return _marker("after_change", (place,), origin, again)


def on_schedule(every: str) -> Callable[[F], F]:
    """Mark an acting hook to be called every so often: `30s`, `10m`, `12h`, `1d`."""
    return _marker("on_schedule", (every,), "local", again=False)


def after_schedule(every: str) -> Callable[[F], F]:
    """The same as `on_schedule`: at a mere moment nothing can be planned."""
    return _marker("after_schedule", (every,), "local", again=False)


def _marker(kind: str, words: tuple[object, ...], origin: object, again: object) -> Callable[[F], F]:
    if callable(words[0]):
        raise HookError(f"@{kind} stands alone", hint=f"Write what it is for behind it: {form_of(kind)}.")

    def mark(function: F) -> F:
        made = Mark(kind, words, origin, again)
        setattr(function, MARK, (*getattr(function, MARK, ()), made))
        return function

    return mark
