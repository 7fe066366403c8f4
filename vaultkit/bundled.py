"""Finds the files that ship beside the code: templates, stock hooks, examples.

In an installed wheel they are in `vaultkit/_bundled/`; in a checkout they are the top-level folders.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """The folder or file `name`, such as `templates/platinum` or `hooks`."""
    installed = _PACKAGE / "_bundled" / name
    return installed if installed.exists() else _PACKAGE.parent / name
