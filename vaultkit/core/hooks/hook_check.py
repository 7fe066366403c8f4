"""From marked functions to hooks: each is checked when it is loaded, and a bad one is quoted."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn, cast

from vaultkit.core.hooks.hook import ANY_STAGE, Every, Hook, Moves, Notes, Statuses
from vaultkit.core.hooks.hook_marks import MARK, HookError, Mark, Origin, event_of, plans
from vaultkit.core.naming.paths import Glob
from vaultkit.core.rules.workflow import DEFAULT_FOLDERS, stage_for_status

ORIGINS = ("local", "remote", "any")
MOST_SECONDS = 366 * 86400
_OCCASIONS = {"move": "move", "status": "move", "create": "change", "change": "change", "schedule": "tick"}
_EVERY = re.compile(r"(\d{1,6})\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIMPLE = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def collect_hooks(namespace: Mapping[str, Any], module: str) -> list[Hook]:
    """The hooks of a module's namespace, in the order they stand there; HookError names a bad one."""
    marked = {id(value): value for value in namespace.values() if _marks(value)}
    _refuse_twins([_name(function) for function in marked.values()], module)
    return [_hook(mark, function, module) for function in marked.values() for mark in _marks(function)]


def _marks(value: object) -> tuple[Mark, ...]:
    try:
        marks = getattr(value, MARK, ())
    except Exception:  # some objects have an answer, or an error, for every name
        return ()
    return tuple(mark for mark in marks if isinstance(mark, Mark)) if isinstance(marks, tuple) else ()


def _refuse_twins(names: Iterable[str], module: str) -> None:
    for name, count in Counter(names).items():
        if count > 1 and name != "<lambda>":
            problem = f"hook {module}.{name} is there {count} times"
            raise HookError(problem, hint="Give each its own name, by which its work is remembered.")


def _hook(mark: Mark, function: Callable[..., object], module: str) -> Hook:
    name = f"{module}.{_name(function)}"
    _check_kind_of_function(function, name)
    _check_origin(mark, name)
    takes = _arguments(mark, function, name)
    return Hook(
        mark.kind, _wants(mark, name), cast("Origin", mark.origin), bool(mark.again), function, name, takes
    )


def _name(function: object) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _check_kind_of_function(function: Callable[..., object], name: str) -> None:
    def fail(what: str, hint: str) -> NoReturn:
        raise HookError(f"hook {name} is {what}", hint=hint)

    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        fail("an async function", "Write `def`: hooks run in a thread of their own, and are not awaited.")
    if inspect.isgeneratorfunction(function):
        fail("a generator", "Take the `yield` out: nobody would ever run it.")
    if not inspect.isfunction(function):
        fail(f"no function but a {type(function).__name__}", "Mark a function that is made with `def`.")
    if function.__name__ == "<lambda>":
        fail("a lambda", "Give it a name with `def`, by which its work is remembered.")


def _check_origin(mark: Mark, name: str) -> None:
    if mark.origin not in ORIGINS:
        raise HookError(
            f"hook {name}: origin={mark.origin!r} is unknown", hint=f"Use one of {', '.join(ORIGINS)}."
        )
    if mark.origin != "local" and plans(mark.kind):
        after = f"after_{event_of(mark.kind)}"
        raise HookError(
            f"hook {name}: @{mark.kind} plans a commit made here, and what arrives is committed already",
            hint=f'Use @{after}(..., origin="{mark.origin}"), which may act on it.',
        )
    if not isinstance(mark.again, bool):
        raise HookError(f"hook {name}: again={mark.again!r} is neither True nor False")


def _arguments(mark: Mark, function: Callable[..., object], name: str) -> tuple[str, ...]:
    """The arguments to call it with."""
    signature = inspect.signature(function)
    known = (_OCCASIONS[event_of(mark.kind)], "draft" if plans(mark.kind) else "vault")
    wrong = [p.name for p in signature.parameters.values() if _is_wrong(p, known)]
    if wrong:
        problem = f"hook {name}{signature} asks for {', '.join(wrong)}"
        hint = f"A hook marked @{mark.kind} may take, by these names: {', '.join(known)}."
        raise HookError(problem, hint=hint)
    return tuple(one for one in known if one in signature.parameters)


def _is_wrong(parameter: inspect.Parameter, known: tuple[str, ...]) -> bool:
    if parameter.kind not in _SIMPLE:
        return True
    return parameter.name not in known and parameter.default is parameter.empty


def _wants(mark: Mark, name: str) -> Moves | Statuses | Notes | Every:
    shown = f"hook {name}: @{mark.kind}({', '.join(map(repr, mark.words))})"
    if not all(isinstance(word, str) for word in mark.words):
        raise HookError(f"{shown} takes text", hint='Like "Approved/**", "done" or "10m".')
    words = [str(word) for word in mark.words]
    event = event_of(mark.kind)
    if event == "status":
        return Statuses(*(_stage(word, shown) for word in words))
    if event == "schedule":
        return Every(_seconds(words[0], shown))
    globs = [_glob(word, shown) for word in words]
    return Moves(*globs) if event == "move" else Notes(event == "create", *globs)


def _glob(word: str, shown: str) -> Glob:
    try:
        return Glob(word)
    except ValueError as error:
        raise HookError(f"{shown}: {error}", hint='Like "Approved/**" or "Projects/*.md".') from error


def _stage(word: str, shown: str) -> str:
    stage = word if word in ("", ANY_STAGE, *DEFAULT_FOLDERS) else stage_for_status(word)
    if stage is None:
        close = get_close_matches(word.lower(), DEFAULT_FOLDERS, n=1)
        known = f"Use one of {', '.join(DEFAULT_FOLDERS)}, or * for any."
        hint = f"Did you mean {close[0]}?" if close else known
        raise HookError(f"{shown}: {word!r} is no stage of the workflow", hint=hint)
    return stage


def _seconds(word: str, shown: str) -> float:
    seconds = seconds_in(word)
    if seconds is None:
        raise HookError(f"{shown}: {word!r} is no time between calls", hint="Write 30s, 10m, 12h or 1d.")
    return seconds


def seconds_in(word: str) -> float | None:
    """What `30s`, `10m`, `12h` or `1d` come to; None for what is no such time, or longer than a year."""
    found = _EVERY.fullmatch(word.strip().lower())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    return float(seconds) if 0 < seconds <= MOST_SECONDS else None
