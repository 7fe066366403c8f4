"""A worker as a process of its own: it claims a task, and does what it is told line by line."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.desk import environment

PROGRAM = """
import sys
from vaultkit import ClaimLost, Vault, VaultError

def say(*words):
    print(*words, flush=True)

with Vault.open(sys.argv[1]) as vault, vault.claim(sys.argv[2]) as claim:
    say("claimed", claim, claim.epoch)
    for order in sys.stdin:
        try:
            if order == "wait\\n":
                claim.lost.wait(90)
                say("lost to", claim.by)
            elif order == "check\\n":
                claim.check()
                say("holds", claim)
            elif order == "submit\\n":
                say("handed in", vault.submit_for_approval(claim, "A draft.\\n"))
            elif order == "edit\\n":
                with vault.edit(claim=claim) as edit:
                    edit.create("Plans/late.md", "Written late.\\n")
            elif order == "complete\\n":
                say("done", *vault.complete(claim))
        except ClaimLost as lost:
            say("lost to", lost.by)
        except VaultError as error:
            say(type(error).__name__)
"""


class Worker:
    """A process that holds a task in `vault`. Use in a `with` block."""

    def __init__(self, vault: Path, note: str) -> None:
        command = [sys.executable, "-c", PROGRAM, str(vault), note]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGCONT)
        _, complaints = self._process.communicate(timeout=90)
        assert not complaints

    def says(self) -> str:
        """The next line it says."""
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def told(self, order: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()

    def asked(self, order: str) -> str:
        self.told(order)
        return self.says()

    def sleeps(self) -> None:
        """Not a step further, as on a machine that hangs."""
        self._process.send_signal(signal.SIGSTOP)

    def wakes(self) -> None:
        self._process.send_signal(signal.SIGCONT)
