"""The vault's folder: made, or completed. A file that exists stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vaultkit.bundled import bundled
from vaultkit.core.rules.config import fill_template, read_policy
from vaultkit.core.rules.policy import POLICY_FILE
from vaultkit.core.rules.workflow import Workflow
from vaultkit.effects.files import VaultFiles
from vaultkit.effects.repository import create_repository, ensure_main, open_repository
from vaultkit.errors import UsageError
from vaultkit.opening import MACHINE_FILE, PRIVATE

TEMPLATE = "templates/platinum"

Tell = Callable[[str], None]
"""Hears each step in plain words."""


def refuse_inside(root: Path) -> None:
    """UsageError for a folder inside a vault: the outer one would sync all files of the inner one."""
    outer = next((folder for folder in root.parents if (folder / MACHINE_FILE).is_file()), None)
    if outer:
        hint = "A vault inside another would be synced by both. Choose a folder outside of it."
        raise UsageError(f"{root} is inside the vault {outer}", hint=hint)


def make_root(root: Path) -> None:
    """The folder itself, and those above it that are not there yet."""
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    VaultFiles(str(there)).make_folder(root.relative_to(there).as_posix() if there != root else "")


def make_repository(root: Path, tell: Tell) -> None:
    """A git repository on the branch main, and the private folder beside it."""
    if (root / ".git").exists():
        repo = open_repository(str(root))
        if ensure_main(repo):
            tell("this git repository now uses the branch main")
    else:
        repo = create_repository(str(root))
        tell("made a git repository, branch main")
    repo.close()
    VaultFiles(str(root)).make_folder(f"{PRIVATE}/hooks")


def copy_template(root: Path, human: str, worker: str, tell: Tell) -> None:
    """Put what is missing in place; a file that exists stays as it is."""
    source, files = bundled(TEMPLATE), VaultFiles(str(root))
    for file in sorted(p for p in source.rglob("*") if p.is_file() and p.name != "folders.txt"):
        path = file.relative_to(source).as_posix().replace("dot_gitignore", ".gitignore")
        text = fill_template(file.read_text("utf-8"), human, worker)
        if files.replace(path, None, text.encode()):
            tell(f"wrote {path}")
    make_folders(root, human, worker, read_policy((root / POLICY_FILE).read_bytes()).workflow)


def make_folders(root: Path, human: str, worker: str, workflow: Workflow) -> None:
    """The template's folders, by the names that they have in this vault."""
    files = VaultFiles(str(root))
    own = {name: workflow.folder_of(name, lambda at: (root / at).is_dir()) for name in (human, worker)}
    text = (bundled(TEMPLATE) / "folders.txt").read_text("utf-8")
    for line in fill_template(text, own[human], own[worker]).splitlines():
        if line.strip() and not line.startswith("#"):
            files.make_folder(workflow.renamed(line.strip()))
