"""Running one git credential helper, as git runs it: a program, lines to it, lines from it.

A helper is `NAME` (the program `git-credential-NAME`), an absolute path, or `!` and a shell's words.
A line is `key=value`, so a value may hold no line break: an address that holds one could ask for
somebody else's password. What a helper answers is taken only if every line of it is proper.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Operation = Literal["get", "store", "erase"]
PATIENCE_SECONDS = 60.0
MOST_BYTES = 64 * 1024
BREAKS = "\n\r\0"
NOT_FOR_HELPERS = ("VAULTKIT_", "GIT_DIR", "GIT_WORK_TREE")


def can_be_sent(description: Mapping[str, str]) -> bool:
    """Is each value one line?"""
    return not any(c in value for value in description.values() for c in BREAKS)


def run_helper(helper: str, operation: Operation, description: Mapping[str, str]) -> dict[str, str] | None:
    """What the helper answers to `get`; None if it is not there, fails, or answers no proper lines."""
    command = _command(helper, operation)
    if command is None or not can_be_sent(description):
        return None
    lines = "".join(f"{key}={value}\n" for key, value in description.items()) + "\n"
    try:
        done = subprocess.run(
            command,
            input=lines.encode("utf-8", "surrogateescape"),
            stdout=subprocess.PIPE if operation == "get" else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # it may tell what it knows
            timeout=PATIENCE_SECONDS,
            env=_environment(),
            cwd=_folder(),
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return parse_answer(done.stdout or b"") if done.returncode == 0 else None


def parse_answer(output: bytes) -> dict[str, str] | None:
    """The keys and values up to the first empty line; None if a line is not proper."""
    if len(output) > MOST_BYTES:
        return None
    answer: dict[str, str] = {}
    for line in output.decode("utf-8", "surrogateescape").split("\n"):
        key, equals, value = line.removesuffix("\r").partition("=")
        if not (key or equals):
            break
        if not key or not equals or any(c in line.removesuffix("\r") for c in BREAKS):
            return None
        answer[key] = value
    return answer


def _command(helper: str, operation: Operation) -> list[str] | None:
    """The words to run; like git, through a shell where there is one, so that quoting works."""
    line = helper[1:] if helper.startswith("!") else _program(helper)
    if not line.strip():
        return None
    shell = "/bin/sh" if os.name == "posix" else shutil.which("sh")
    if shell:
        return [shell, "-c", f"{line} {operation}"]
    return None if helper.startswith("!") else [*line.split(), operation]


def _program(helper: str) -> str:
    """A path stands for itself; a name for a program on the PATH, or one that git knows where to find."""
    if not helper.strip() or os.path.isabs(helper):
        return helper
    if shutil.which(f"git-credential-{helper.split(maxsplit=1)[0]}"):
        return f"git-credential-{helper}"
    return f"git credential-{helper}" if shutil.which("git") else ""


def _environment() -> dict[str, str]:
    """This process's own, without our settings (one is a password) and without a way into a vault's
    `.git/config`; and no helper may ask on a terminal."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_HELPERS)}
    return {**mine, "GIT_TERMINAL_PROMPT": "0"}


def _folder() -> Path | None:
    """Not the current folder: `git` would read its `.git/config`, where an alias can name a program."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home if home.is_dir() else None
