"""Hooks as they are matched and called: what each waits for, and with what it is called.

`hook_marks` says what they are for, `hook_check` makes them of marked functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vaultkit.core.hooks.hook_marks import Origin, event_of, plans
from vaultkit.core.hooks.occasions import HookChange, HookMove, Occasion
from vaultkit.core.naming.paths import Glob

ANY_STAGE = "*"


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves from one place to another."""

    src: Glob
    dst: Glob

    def __str__(self) -> str:
        return f"from {self.src.pattern} to {self.dst.pattern}"

    def fit(self, occasion: Occasion) -> bool:
        return (
            isinstance(occasion, HookMove)
            and self.src.matches(occasion.src)
            and self.dst.matches(occasion.dst)
        )


@dataclass(frozen=True, slots=True)
class Statuses:
    """Moves from one stage of the workflow to another, or from one holder to the next."""

    before: str
    after: str

    def __str__(self) -> str:
        return f"from {_words(self.before)} to {_words(self.after)}"

    def fit(self, occasion: Occasion) -> bool:
        if not isinstance(occasion, HookMove):
            return False
        is_news = occasion.before != occasion.after or occasion.holder != occasion.held_before
        return is_news and all(
            wanted in (ANY_STAGE, stage)
            for wanted, stage in ((self.before, occasion.before), (self.after, occasion.after))
        )


@dataclass(frozen=True, slots=True)
class Notes:
    """New notes, or edited ones."""

    are_new: bool
    place: Glob

    def __str__(self) -> str:
        return f"{'new' if self.are_new else 'edited'} in {self.place.pattern}"

    def fit(self, occasion: Occasion) -> bool:
        return (
            isinstance(occasion, HookChange)
            and (occasion.old is None) == self.are_new
            and self.place.matches(occasion.path)
        )


@dataclass(frozen=True, slots=True)
class Every:
    """A moment every so many seconds."""

    seconds: float

    def __str__(self) -> str:
        return f"every {self.seconds:.0f} s"

    def fit(self, _: Occasion) -> bool:
        return False  # no change calls it; the clockwork does


def _words(stage: str) -> str:
    return {ANY_STAGE: "any stage", "": "no stage"}.get(stage, stage)


@dataclass(frozen=True, slots=True)
class Hook:
    """A marked function: what it waits for and what to call. `name` is `module.function`."""

    kind: str
    wants: Moves | Statuses | Notes | Every
    origin: Origin
    again: bool
    function: Callable[..., object]
    name: str
    takes: tuple[str, ...] = ()

    @property
    def event(self) -> str:
        """What it waits for: move, status, create, change or schedule."""
        return event_of(self.kind)

    @property
    def plans(self) -> bool:
        """Does it run before the commit?"""
        return plans(self.kind)

    @property
    def module(self) -> str:
        """The name by which it is enabled."""
        return self.name.partition(".")[0]

    def matches(self, occasion: Occasion, *, by_hook: bool = False) -> bool:
        """Is it called for that? `by_hook`: a hook did it."""
        welcome = self.origin in ("any", occasion.origin) and (self.again or not by_hook)
        return welcome and self.wants.fit(occasion)

    def call(self, occasion: Occasion, **offered: object) -> None:
        """Call it with what it takes of the occasion and of what is `offered`."""
        offered |= {"move": occasion, "change": occasion, "tick": occasion}
        self.function(**{name: offered[name] for name in self.takes})


def planning(hooks: Iterable[Hook], occasion: Occasion, *, by_hook: bool = False) -> list[Hook]:
    """The hooks that plan for this occasion, in the order they were loaded."""
    return [hook for hook in hooks if hook.plans and hook.matches(occasion, by_hook=by_hook)]


def acting(hooks: Iterable[Hook], occasion: Occasion, *, by_hook: bool = False) -> list[Hook]:
    """The hooks that act on this occasion, in the order they were loaded."""
    return [hook for hook in hooks if not hook.plans and hook.matches(occasion, by_hook=by_hook)]
