"""A process that has imported vaultkit and forks a child for each command it is told, one at a time.

A child is a process of its own that has opened nothing yet; it is held until it is told to go, so
that strace can take hold of it. A *head start* makes calls that change nothing before the command
does, in one of its threads: strace counts a call's occurrences thread by thread, and kills at the
first thread that reaches the number. With a head start only one of them can.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType

from vaultkit import Vault
from vaultkit.cli import main, make_vault, move, status, sync

WARM = (make_vault, move, status, sync)
MARK = "/thread/"
ANY_TRACER = (0x59616D61, ctypes.c_ulong(-1))
NOWHERE = "/nowhere/at/all"
IDLE: dict[str, Callable[[], object]] = {
    "openat": lambda: os.close(os.open("/dev/null", os.O_RDONLY)),
    "write": partial(os.write, -1, b""),
    "pwrite64": partial(os.pwrite, -1, b"", 0),
    "rename": partial(os.rename, NOWHERE, NOWHERE),
    "renameat": partial(os.rename, "a", "b", src_dir_fd=-1, dst_dir_fd=-1),
    "unlink": partial(os.unlink, NOWHERE),
    "unlinkat": partial(os.unlink, "a", dir_fd=-1),
    "mkdir": partial(os.mkdir, NOWHERE),
    "mkdirat": partial(os.mkdir, "a", dir_fd=-1),
    "rmdir": partial(os.rmdir, NOWHERE),
    "link": partial(os.link, NOWHERE, NOWHERE),
    "linkat": partial(os.link, "a", "b", src_dir_fd=-1, dst_dir_fd=-1),
    "ftruncate": partial(os.ftruncate, -1, 0),
    "fsync": partial(os.fsync, 99_999),
    "fdatasync": partial(os.fdatasync, 99_999),
    "chmod": partial(os.chmod, NOWHERE, 0),
    "fchmod": partial(os.fchmod, -1, 0),
    "utimensat": partial(os.utime, NOWHERE),
}


def serve() -> None:
    """Answer one line with another until there are no more."""
    warnings.simplefilter("ignore", DeprecationWarning)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        _run(json.loads(line))


def _run(job: dict) -> None:
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(there)
        _be_child(job, here)
    os.close(here)
    print(pid, flush=True)
    if job["held"]:
        sys.stdin.readline()
    os.write(there, b"g")
    os.close(there)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _be_child(job: dict, gate: int) -> None:
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(*ANY_TRACER, 0, 0, 0)
    out = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for fd, old in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(fd, old)
    os.read(gate, 1)
    code = 70
    try:
        _count_threads(job["thread"], job["call"], job["head_start"])
        code = _command(job["words"])
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _count_threads(target: int, call: str, times: int) -> None:
    """Number the threads by a call that shows in the trace, and give one of them its head start."""
    started = 0

    def begin(_frame: FrameType | None = None, _event: str = "", _arg: object = None) -> None:
        nonlocal started
        sys.setprofile(None)
        number, started = started, started + 1
        with suppress(OSError):
            os.rmdir(f"{MARK}{number}")
        for _ in range(times if number == target else 0):
            with suppress(OSError):
                IDLE[call]()

    begin()
    threading.setprofile(begin)


class _Unsynced:
    """The module `os`, but what is synced by it is not."""

    def __getattr__(self, name: str) -> object:
        return (lambda _: None) if name in ("fsync", "fdatasync") else getattr(os, name)


def _command(words: list[str]) -> int:
    if words[0] == "unsynced":
        importlib.import_module(words[1]).os = _Unsynced()  # type: ignore[attr-defined]
        words = words[2:]
    if words[0] in ("snapshot", "watched"):
        with Vault.open(words[1]) as vault:
            vault.sync(offline=words[0] == "snapshot", rested=frozenset() if words[0] == "watched" else None)
        return 0
    sys.argv[1:] = words
    try:
        main.run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


if __name__ == "__main__":
    serve()
