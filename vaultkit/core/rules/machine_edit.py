"""Surgical edits of `.vaultkit/agent.yaml`: which hooks are enabled. All other bytes stay, comments too.

The file is edited as a frontmatter is, and read back: it must say exactly what it said before plus the
change, or the edit is refused and a person does it by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vaultkit.core.rules.machine import AGENT_FILE, read_machine
from vaultkit.core.text.frontmatter import BrokenFrontmatter
from vaultkit.core.text.note import set_values
from vaultkit.errors import PolicyError


def with_hooks(data: bytes, names: Sequence[str]) -> bytes:
    """The machine's configuration with these hooks, in this order. Raises PolicyError."""
    wanted = replace(read_machine(data), hooks=tuple(names))
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    fence, end = b"---" + newline, b"" if data.endswith(b"\n") else newline
    try:
        edited = set_values(fence + data + end + fence, {"hooks": list(names)})
    except BrokenFrontmatter as error:
        raise _refusal(str(error), names) from error
    result = edited.removeprefix(fence).removesuffix(fence)
    if len(result) != len(edited) - 2 * len(fence) or read_machine(result) != wanted:
        raise _refusal("the edit would change something else", names)
    return result


def _refusal(why: str, names: Sequence[str]) -> PolicyError:
    hint = f"Write it by hand: `hooks: [{', '.join(names)}]`."
    return PolicyError(f"`hooks:` cannot be edited safely: {why}", file=AGENT_FILE, hint=hint)
