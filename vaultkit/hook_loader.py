"""Finds hooks: the stock ones, the ones in `.vaultkit/hooks/`, and installed ones.

Only what this machine's configuration names is loaded, and files are loaded by their path, so a
note that arrives can never become a hook: `.vaultkit/` never syncs, and nothing there runs unless
its name is enabled. Installed packages offer hooks through the entry point group `vaultkit.hooks`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from vaultkit.bundled import bundled
from vaultkit.core.hooks import Hook, HookError, collect_hooks

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

ENTRY_POINTS = "vaultkit.hooks"


def load_hooks(enabled: Iterable[str], own: Path) -> list[Hook]:
    """The hooks in the modules `enabled` names, in that order; HookError for one that cannot be used.

    A name is looked for in the folder `own` first, then among the stock hooks, then among entry points.
    """
    return [hook for name in enabled for hook in collect_hooks(vars(_load(name, own)), name)]


def available_hooks(own: Path) -> dict[str, str]:
    """Every hook module that could be enabled, and where it comes from."""
    found = {entry.name: "installed" for entry in _installed()}
    found |= {path.stem: "stock" for path in sorted(bundled("hooks").glob("[a-z]*.py"))}
    found |= {path.stem: "own" for path in sorted(own.glob("[a-z]*.py"))}
    return found


def _load(name: str, own: Path) -> ModuleType:
    for folder in (own, bundled("hooks")):
        if name.isidentifier() and (folder / f"{name}.py").is_file():
            return _load_file(name, folder / f"{name}.py")
    for entry in _installed().select(name=name):
        return _guarded(name, entry.load)
    known = ", ".join(sorted(available_hooks(own)))
    raise HookError(
        f"there is no hook named {name!r}", hint=f"Hooks here: {known}. See .vaultkit/agent.yaml."
    )


def _installed() -> EntryPoints:
    """What installed packages offer. Hardly a vault asks, so what reads packages is imported here."""
    from importlib.metadata import entry_points

    return entry_points(group=ENTRY_POINTS)


def _load_file(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"vaultkit_hook_{name}", path)
    if spec is None or spec.loader is None:
        raise HookError(f"hook {path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    loader = spec.loader
    sys.modules[spec.name] = module  # dataclasses and the like look their module up
    _guarded(str(path), lambda: loader.exec_module(module))
    return module


def _guarded(name: str, load: object) -> ModuleType:
    """Run somebody else's module code; whatever it raises becomes an error that names it."""
    try:
        return load()  # type: ignore[operator, no-any-return]
    except Exception as error:
        raise HookError(f"hook {name} cannot be loaded: {type(error).__name__}: {error}") from error
