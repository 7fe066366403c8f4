"""Every error vaultkit raises on purpose.

Each says what happened, to which note, and what to do next. `exit_code` is what the command line
ends with; the table of codes is in README.md and `vaultkit --help`.
"""

from __future__ import annotations

from math import ceil


class VaultError(Exception):
    """Something the caller can act on; the base of every error here.

    `hint` says what to do next, in one sentence; `note` is the vault path concerned, if there is one.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", note: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.note = note


class UsageError(VaultError):
    """The call itself makes no sense, whatever the vault holds."""

    exit_code = 2


class RefusedByPolicy(VaultError):
    """The policy does not let this agent do that; nothing was changed."""

    exit_code = 4


class ZoneViolation(RefusedByPolicy):
    """The zones do not let this agent write there; nothing was changed."""


class AlreadyClaimed(RefusedByPolicy):
    """Another agent holds the task. `by` is its name."""

    def __init__(self, note: str, by: str) -> None:
        super().__init__(f"{note} was claimed by {by} first", hint="Take another task.", note=note)
        self.by = by


class ClaimLost(RefusedByPolicy):
    """A claim is over. `by` is the agent who took the task over, released or moved it; "" if nobody knows.

    `place` is where the task went; "" if it was removed, or nobody knows.
    """

    def __init__(self, note: str, by: str, place: str = "") -> None:
        who = f"by {by}" if by else "by somebody"
        where = f"; it went to {place}" if place and place != note else ""
        super().__init__(f"the claim of {note} is over: {who}{where}", hint="Stop the work on it.", note=note)
        self.by = by
        self.place = place


class NotClaimable(VaultError):
    """The task is not open any more: it is at `place`, which is of the stage `stage` (such as `done`)."""

    def __init__(self, note: str, place: str, stage: str) -> None:
        hint = "Take another task; to have it done again, move it back to where tasks wait."
        super().__init__(f"{note} is no open task any more: it is at {place}", hint=hint, note=note)
        self.place = place
        self.stage = stage


class Overtaken(VaultError):
    """Others moved the note first, so this move was undone. `by` did; the note is at `place` now."""

    exit_code = 16

    def __init__(self, note: str, wanted: str, place: str, by: str) -> None:
        words = f"{note} did not go to {wanted}: {by or 'somebody'} was first, and it is at {place} now"
        super().__init__(words, hint="Look at it there, and decide anew.", note=note)
        self.by = by
        self.place = place


class StillHeld(RefusedByPolicy):
    """A task cannot be taken over yet. `by` holds it; after `seconds` more of silence it can be."""

    def __init__(self, note: str, by: str, seconds: float) -> None:
        hint = "Keep `vaultkit watch` running here meanwhile, or use `--wait`."
        words = f"{note} is held by {by} for {ceil(seconds)} more seconds at least"
        super().__init__(words, hint=hint, note=note)
        self.by = by
        self.seconds = seconds


class TimedOut(VaultError, TimeoutError):
    """What was waited for did not happen in time."""


class NotAVault(VaultError):
    """No vault here, or one that vaultkit cannot open."""

    exit_code = 10


class PolicyError(NotAVault):
    """`vaultkit.yaml` (or `.vaultkit/agent.yaml`) does not say something vaultkit understands.

    `file`, `line` (from 1) and `key` say where; the hint holds a suggestion if there is a good one.
    """

    def __init__(self, problem: str, *, file: str, line: int = 0, key: str = "", hint: str = "") -> None:
        where = f"{file}, line {line}" if line else file
        super().__init__(f"{where}: {problem}", hint=hint, note=file)
        self.problem, self.file, self.line, self.key = problem, file, line, key


class KeyUnusable(NotAVault):
    """This machine's private key is missing, unreadable, or readable by others."""


class VaultBusy(VaultError):
    """Another vaultkit process is at work in this vault and did not finish in time.

    Or another git program; `lock` is then the file that says so.
    """

    exit_code = 11

    def __init__(self, message: str, *, hint: str = "", note: str = "", lock: str = "") -> None:
        super().__init__(message, hint=hint, note=note)
        self.lock = lock


class RemoteError(VaultError):
    """The remote could not be used. The leaves say why; local work is safe and goes out later."""

    exit_code = 13


class AuthenticationFailed(RemoteError):
    """The remote wants other credentials than the ones it was given."""

    exit_code = 12


class RemoteUnreachable(RemoteError):
    """No answer, a broken answer, or none within the deadline."""


class Incomplete(RemoteUnreachable):
    """A remote did not deliver what it named, or something that makes no sense; trying again may help."""


class Unconfirmed(RemoteUnreachable):
    """The remote could not be asked, so a claim does not count yet; nothing with an effect may start."""


class RemoteNotFound(RemoteError):
    """Something answered, but there is no repository at that address."""

    exit_code = 14


class RejectedByRemote(RemoteError):
    """The remote's own rules (a hook, a protected branch) refused the push."""

    exit_code = 15


class LostRace(RemoteError):
    """Others kept pushing first until the bounded number of tries was used up."""

    exit_code = 16


class RemoteRewound(RemoteError):
    """The remote's history no longer contains what was seen there before; sync stops, nothing is touched."""

    exit_code = 17


class RemoteFrozen(RemoteRewound):
    """The remote says it takes what is sent, and goes on showing what it held before."""
