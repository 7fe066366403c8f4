"""Finds hooks: the stock ones, the ones in `.vaultkit/hooks/`, and installed ones.

Only what this machine's configuration names is loaded, and files are loaded by their path, so a
note that arrives can never become a hook: `.vaultkit/` never syncs, and nothing there runs unless
its name is enabled. Installed packages offer hooks through the entry point group `vaultkit.hooks`: a
module, or a single function.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from traceback import extract_tb
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultkit.bundled import bundled
from vaultkit.core.hooks.hook import Hook
from vaultkit.core.hooks.hook_check import collect_hooks
from vaultkit.core.hooks.hook_marks import HookError, form_of
from vaultkit.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

ENTRY_POINTS = "vaultkit.hooks"


class NoSuchHook(HookError, UsageError):
    """No module of hooks has that name."""


class Found(NamedTuple):
    """A module of hooks that could be enabled: where it comes from (own, stock, installed).

    `place` is its file, or the package that offers it; `about` is what it says of itself.
    """

    name: str
    source: str
    place: str
    about: str


def load_hooks(enabled: Iterable[str], own: Path) -> list[Hook]:
    """The hooks in the modules `enabled` names, in that order; HookError for one that cannot be used.

    A name is looked for in the folder `own` first, then among the stock hooks, then among entry points.
    """
    return [hook for name in _once(enabled) for hook in load_module(name, own)]


def load_usable(enabled: Iterable[str], own: Path) -> tuple[list[Hook], dict[str, HookError]]:
    """The hooks that can be used, and what is wrong with the other modules, by name."""
    hooks: list[Hook] = []
    problems: dict[str, HookError] = {}
    for name in enabled:
        try:
            hooks += load_module(name, own) if name not in {hook.module for hook in hooks} else _twice(name)
        except HookError as error:
            problems[name] = error
    return hooks, problems


def load_module(name: str, own: Path) -> list[Hook]:
    """The hooks of one module; HookError if it cannot be loaded, or has none."""
    hooks = collect_hooks(_load(name, own), name)
    if not hooks:
        hint = "Mark one, for instance with @on_status or @after_create."
        raise HookError(f"hook {name} marks no function", hint=hint)
    return hooks


def available_hooks(own: Path) -> dict[str, Found]:
    """Every module of hooks that could be enabled. Nothing of them is run."""
    found = {
        entry.name: Found(entry.name, "installed", entry.dist.name if entry.dist else entry.value, "")
        for entry in _installed()
    }
    for source, folder in (("stock", bundled("hooks")), ("own", own)):
        for path in sorted(folder.glob("[a-z]*.py")):
            found[path.stem] = Found(path.stem, source, str(path), _about(path))
    return dict(sorted(found.items()))


def _once(names: Iterable[str]) -> list[str]:
    names = list(names)
    for name, count in Counter(names).items():
        if count > 1:
            _twice(name)
    return names


def _twice(name: str) -> list[Hook]:
    hint = "Take one of them out of `hooks:` in .vaultkit/agent.yaml."
    raise HookError(f"hook {name} is enabled twice", hint=hint)


def _load(name: str, own: Path) -> Mapping[str, Any]:
    if name.isidentifier() and (path := own / f"{name}.py").is_file():
        _refuse_twins(name, path)
        return _load_file(name, path, _FreshLoader)
    if name.isidentifier() and (path := bundled("hooks") / f"{name}.py").is_file():
        return _load_file(name, path, SourceFileLoader)
    for entry in _installed().select(name=name):
        loaded = _guarded(name, entry.load)
        namespace: Mapping[str, Any] = {name: loaded} if callable(loaded) else vars(loaded)
        return namespace
    known = ", ".join(available_hooks(own))
    raise NoSuchHook(
        f"there is no hook named {name!r}", hint=f"Hooks here: {known}. See .vaultkit/agent.yaml."
    )


def _installed() -> EntryPoints:
    """What installed packages offer. Hardly a vault asks, so what reads packages is imported here."""
    from importlib.metadata import entry_points

    return entry_points(group=ENTRY_POINTS)


class _FreshLoader(SourceFileLoader):
    """Compiles what the file says now: Python's own cache takes two versions of one second for the same."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _load_file(name: str, path: Path, kind: type[SourceFileLoader]) -> Mapping[str, Any]:
    full_name = f"vaultkit_hook_{name}"
    loader, module = kind(full_name, str(path)), ModuleType(full_name)
    module.__file__ = str(path)
    sys.modules[full_name] = module  # dataclasses and the like look their module up
    _guarded(str(path), lambda: loader.exec_module(module))
    return vars(module)


def _guarded(name: str, load: Callable[[], object]) -> Any:
    """Run somebody else's module code; whatever it raises becomes an error that names it, and the line."""
    try:
        return load()
    except HookError as error:
        raise HookError(f"hook {name}{_line(name, error)}: {error.message}", hint=error.hint) from error
    except SyntaxError as error:
        raise HookError(f"hook {name}, line {error.lineno}: {error.msg}") from error
    except (Exception, SystemExit) as error:
        words = f"hook {name}{_line(name, error, ',')} cannot be loaded: {type(error).__name__}: {error}"
        raise HookError(words, hint=_form(error)) from error


def _line(file: str, error: BaseException, end: str = "") -> str:
    """Where in the hook's own file it happened."""
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == file]
    return f", line {lines[-1]}{end}" if lines else ""


def _form(error: BaseException) -> str:
    """How a decorator is written, if one was given too little, or too much."""
    kind = str(error).partition("()")[0] if isinstance(error, TypeError) else ""
    return f"Write {form_of(kind)}, for instance." if form_of(kind) else ""


def _refuse_twins(name: str, path: Path) -> None:
    """Of two functions with one name Python keeps the later, without a word."""
    functions = [
        node for node in _parsed(path).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lines: dict[str, int] = {}
    for function in functions:
        if function.decorator_list and function.name in lines:
            where = f"lines {lines[function.name]} and {function.lineno}"
            raise HookError(
                f"hook {name}.{function.name} is there twice: {where}", hint="Give each its own name."
            )
        lines[function.name] = function.lineno


def _parsed(path: Path) -> ast.Module:
    """What cannot be parsed is told when it is loaded."""
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return ast.Module([], [])


def _about(path: Path) -> str:
    """The first line of what a file says of itself, read and not run."""
    return (ast.get_docstring(_parsed(path)) or "").partition("\n")[0]
