"""The hostile catalogue: every attack as code that builds it.

Each case builds a commit (or several) on top of what is published. Whatever it holds, the honest note
that comes with it must arrive, and apart from it the vault must stay exactly as it was, unless the
case says what else may come (`arrives`).
"""

from __future__ import annotations

from importlib import import_module

from tests.security.catalogue.case import CASES, Case

MODULES = (
    "names",
    "look_alikes",
    "collisions",
    "modes",
    "objects",
    "sizes",
    "power",
    "content",
    "approvals",
    "history",
)

for _module in MODULES:
    import_module(f"{__name__}.{_module}")

__all__ = ["CASES", "Case"]
