"""vaultkit: a safe desk for a person and their agents, over an Obsidian vault.

    from vaultkit import Vault

    with Vault.open("~/Vault") as vault:
        with vault.claim("invoice.md") as claim:
            vault.complete(claim)

`Vault` is the one class to know. Hooks mark their functions with `on_status`, `after_create` and the like.
"""

from vaultkit.approvals import ApprovalStatus
from vaultkit.claims import Claim
from vaultkit.conflicts import OpenConflict
from vaultkit.core.hooks.draft import Draft
from vaultkit.core.hooks.hook_marks import (
    HookError,
    after_change,
    after_create,
    after_move,
    after_schedule,
    after_status,
    on_change,
    on_create,
    on_move,
    on_schedule,
    on_status,
)
from vaultkit.core.hooks.occasions import HookChange, HookMove, HookTick
from vaultkit.core.telling.deeds import NoteDeed
from vaultkit.core.telling.events import (
    ConflictOpened,
    Event,
    NoteChanged,
    NoteCreated,
    NoteMoved,
    NoteRemoved,
    StatusChanged,
    ViolationSeen,
)
from vaultkit.core.text.expiry import is_expired
from vaultkit.core.text.note import BrokenFrontmatter, Note
from vaultkit.core.text.stamps import utc
from vaultkit.credentials import Credentials, Place, usual_credentials
from vaultkit.dashboard import Refreshed
from vaultkit.deletions import Deletions
from vaultkit.errors import (
    AlreadyClaimed,
    AuthenticationFailed,
    ClaimLost,
    KeyUnusable,
    LostRace,
    NotAVault,
    NotClaimable,
    Overtaken,
    PolicyError,
    RefusedByPolicy,
    RejectedByRemote,
    RemoteError,
    RemoteFrozen,
    RemoteNotFound,
    RemoteRewound,
    RemoteUnreachable,
    StillHeld,
    TimedOut,
    Unconfirmed,
    UsageError,
    VaultBusy,
    VaultError,
    ZoneViolation,
)
from vaultkit.log import LogEntry
from vaultkit.note_templates import fill_note
from vaultkit.ports import CredentialSource
from vaultkit.report import SyncReport
from vaultkit.resolve import Resolved
from vaultkit.restore import Restored
from vaultkit.setup import KeyPlace, init_vault, join_vault
from vaultkit.submissions import Submission
from vaultkit.tasks import Task
from vaultkit.undo import Undone
from vaultkit.vault import Vault
from vaultkit.worklist import WorkItem

__all__ = [
    "AlreadyClaimed",
    "ApprovalStatus",
    "AuthenticationFailed",
    "BrokenFrontmatter",
    "Claim",
    "ClaimLost",
    "ConflictOpened",
    "CredentialSource",
    "Credentials",
    "Deletions",
    "Draft",
    "Event",
    "HookChange",
    "HookError",
    "HookMove",
    "HookTick",
    "KeyPlace",
    "KeyUnusable",
    "LogEntry",
    "LostRace",
    "NotAVault",
    "NotClaimable",
    "Note",
    "NoteChanged",
    "NoteCreated",
    "NoteDeed",
    "NoteMoved",
    "NoteRemoved",
    "OpenConflict",
    "Overtaken",
    "Place",
    "PolicyError",
    "Refreshed",
    "RefusedByPolicy",
    "RejectedByRemote",
    "RemoteError",
    "RemoteFrozen",
    "RemoteNotFound",
    "RemoteRewound",
    "RemoteUnreachable",
    "Resolved",
    "Restored",
    "StatusChanged",
    "StillHeld",
    "Submission",
    "SyncReport",
    "Task",
    "TimedOut",
    "Unconfirmed",
    "Undone",
    "UsageError",
    "Vault",
    "VaultBusy",
    "VaultError",
    "ViolationSeen",
    "WorkItem",
    "ZoneViolation",
    "after_change",
    "after_create",
    "after_move",
    "after_schedule",
    "after_status",
    "fill_note",
    "init_vault",
    "is_expired",
    "join_vault",
    "on_change",
    "on_create",
    "on_move",
    "on_schedule",
    "on_status",
    "usual_credentials",
    "utc",
]
