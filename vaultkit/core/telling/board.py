"""What the regions of the Dashboard say, from facts. The same facts always make the same lines.

A line changes only when a fact does. So times are days, not "three minutes ago": a vault in
which nothing happens writes nothing. What is shown travels with the note, so what must not leave this
machine is only counted: a held change is named where everybody knows the note already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultkit.core.history.fold import Violation
from vaultkit.core.rules.policy import Policy
from vaultkit.core.telling.hook_lines import FailingHook, hook_lines
from vaultkit.core.text.showing import show_date, show_link, show_words

DASHBOARD = "Dashboard.md"
SIGNALS = "signals"
EMPTY = {
    "approvals": "Nothing is waiting for you.",
    SIGNALS: "No news yet.",
    "progress": "Nobody is working on anything.",
    "held": "Nothing is held.",
    "conflicts": "No conflicts.",
    "violations": "Nothing was refused.",
    "agents": "Nobody has been here yet.",
}
MOST_LINES = 30
MOST_SIGNALS = 100


class Waiting(NamedTuple):
    """A draft that waits for a decision: `since` when (UTC seconds), `expires` as the note says it."""

    path: str
    domain: str
    since: int | None
    expires: str = ""
    is_expired: bool = False


class Working(NamedTuple):
    """A task that `owner` has claimed, and when (UTC seconds); `lapsed`: its lease is over."""

    path: str
    owner: str
    since: int | None
    lapsed: bool = False


class Kept(NamedTuple):
    """A conflict: the words of `agent` in `copy`, of `time`, that did not fit into the note at `path`."""

    copy: str
    path: str
    agent: str
    time: int
    reason: str


class Signal(NamedTuple):
    """A signal and where it is filed: what `agent` wrote, and when it came (UTC seconds)."""

    path: str
    agent: str
    time: int | None
    text: str


class HeldNote(NamedTuple):
    """A local change that may not leave; `path` is empty for a note that only this machine knows."""

    path: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the regions tell. `heard`: when each agent did something last that counted (UTC seconds).

    `silent`: the agents that promised a sign of life and gave none. `failing`: what hooks did not do.
    """

    waiting: Sequence[Waiting] = ()
    working: Sequence[Working] = ()
    held: Sequence[HeldNote] = ()
    conflicts: Sequence[Kept] = ()
    violations: Sequence[Violation] = ()
    heard: Mapping[str, int | None] = field(default_factory=dict)
    silent: Sequence[str] = ()
    failing: Sequence[FailingHook] = ()


def dashboard_writer(policy: Policy) -> str | None:
    """The one agent that keeps the Dashboard: the executor, or else the first human agent, if it may.

    Two machines that both wrote it would answer each other's changes for ever.
    """
    named = [policy.executor] if policy.executor else sorted(policy.humans)
    return next((agent for agent in named if policy.may(agent, DASHBOARD, adds=False)), None)


def board_lines(facts: Facts) -> dict[str, list[str]]:
    """The lines of each region but the signals', which go on from what stands there."""
    found = {
        "approvals": [_waiting(one) for one in sorted(facts.waiting, key=age)],
        "progress": [_working(one) for one in sorted(facts.working, key=age)],
        "held": [*hook_lines(facts.failing), *_held(facts.held)],
        "conflicts": [_kept(one) for one in sorted(facts.conflicts, key=lambda one: (one.time, one.copy))],
        "violations": [_refused(one) for one in reversed(facts.violations)],
        "agents": [_heard(agent, facts) for agent in sorted(facts.heard)],
    }
    return {name: _listed(name, lines) for name, lines in found.items()}


def signal_lines(news: Sequence[Signal], standing: Sequence[str]) -> list[str]:
    """The signals' region with `news` (oldest first) above the lines that stand there: newest first.

    A signal whose filing was undone, for others moved it too, comes anew, maybe with other words: it is told
    once, as it is now.
    """
    again = tuple(f"- [[{one.path.removesuffix('.md')}|" for one in news)
    before = [line for line in standing if line != EMPTY[SIGNALS] and not line.startswith(again)]
    lines = [*(_signal(one) for one in reversed(news)), *before][:MOST_SIGNALS]
    return lines or [EMPTY[SIGNALS]]


def _listed(name: str, lines: Sequence[str]) -> list[str]:
    more = len(lines) - MOST_LINES
    rest = [f"- and {more} more"] if more > 0 else []
    return [*lines[:MOST_LINES], *rest] or [EMPTY[name]]


def age(one: Waiting | Working) -> tuple[bool, int, str]:
    """Sorts the oldest first, and what came at no known time last."""
    return one.since is None, one.since or 0, one.path


def _line(*parts: str) -> str:
    return "- " + " · ".join(part for part in parts if part)


def _since(time: int | None) -> str:
    return f"since {show_date(time)}" if show_date(time) else ""


def _waiting(one: Waiting) -> str:
    end = one.expires and f"{'EXPIRED' if one.is_expired else 'expires'} {show_words(one.expires, 30)}"
    return _line(show_link(one.path), show_words(one.domain, 40), _since(one.since), end)


def _working(one: Working) -> str:
    lease = "LEASE OVER" if one.lapsed else ""
    return _line(show_link(one.path), show_words(one.owner, 40), _since(one.since), lease)


def _signal(one: Signal) -> str:
    link = show_link(one.path, show_date(one.time) or "signal")
    return _line(link, f"{show_words(one.agent, 40)}: {show_words(one.text)}")


def _kept(one: Kept) -> str:
    what = f"words of {show_words(one.agent, 40)} for {show_words(one.path, 100)}"
    return _line(show_link(one.copy), what, show_date(one.time), show_words(one.reason, 100))


def _refused(one: Violation) -> str:
    what = show_words(one.path, 100) or "a whole commit"
    who, why = show_words(one.agent, 40), f"{show_words(one.detail, 100)} (commit {one.commit[:10]})"
    return _line(show_date(one.time), f"{who}: {what}", why)


def _held(held: Sequence[HeldNote]) -> list[str]:
    named = [_line(show_link(one.path), show_words(one.detail)) for one in held if one.path]
    unnamed = Counter(one.rule for one in held if not one.path)
    count = [
        f"- {n} that only this machine knows · {show_words(rule)}" for rule, n in sorted(unnamed.items())
    ]
    return [*sorted(named), *count]


def _heard(agent: str, facts: Facts) -> str:
    last = show_date(facts.heard[agent])
    silence = "SILENT for longer than it promised" if agent in facts.silent else ""
    return _line(show_words(agent, 40), f"last {last}" if last else "nothing yet", silence)
