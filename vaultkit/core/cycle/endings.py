"""The ways a cycle ends before this machine and the remote are in step, and what a person can do then."""

from __future__ import annotations

from vaultkit.core.cycle.protocol import Finish
from vaultkit.errors import LostRace, RejectedByRemote, RemoteFrozen, RemoteRewound


def rewound(what: str) -> Finish:
    """What was seen published is not there any more; `what` goes on from "the remote"."""
    hint = "Find out who rewrote it. Nothing here was touched; your notes and history are safe."
    error = RemoteRewound(f"the remote {what}: it no longer holds what was published there", hint=hint)
    return Finish("offline", error)


def frozen() -> Finish:
    """The remote takes what is sent, and never shows it."""
    hint = "Ask whoever runs it. Your work is committed here and stays; it was not seen by the others."
    error = RemoteFrozen("the remote says yes to what is sent, and then shows its old state", hint=hint)
    return Finish("offline", error)


def rejected(reason: str) -> Finish:
    """The remote's own rules refused the push."""
    hint = "Ask whoever runs the remote. Your notes are committed here and stay."
    error = RejectedByRemote(f"the remote refused the push: {reason}", hint=hint)
    return Finish("rejected", error)


def outrun() -> Finish:
    """Others published first, each time."""
    error = LostRace("others kept publishing first", hint="Nothing is lost; the next cycle tries again.")
    return Finish("busy", error)


def never_still() -> Finish:
    """Somebody typed whenever the disk was looked at."""
    return Finish("busy", detail="notes kept changing while they were being synced")


def many_removed(who: str, gone: list[str]) -> Finish:
    """A person must say what is to become of the notes that others removed."""
    return Finish("waiting", detail=f"{who} removes {len(gone)} notes at once", gone=tuple(gone))
