"""A draft whose `expires` is past moves to `Rejected/`: nobody shall approve it by mistake.

It runs where the agent may reject. A date without a time is good until its day is over; a time without a
zone is this machine's own.
"""

from datetime import datetime, timedelta

from vaultkit import BrokenFrontmatter, Note, RefusedByPolicy, Vault, VaultError, on_schedule


@on_schedule("10m")
def expire(vault: Vault) -> None:
    now, failed = vault.clock.now(), []
    for draft in list(vault.tasks("pending_approval")):
        end = end_of(draft)
        if end is not None and end <= now:
            try:
                vault.reject(draft.path, f"expired {draft.get('expires')}")
            except RefusedByPolicy:
                return  # another machine's part
            except VaultError as error:
                failed.append(error)
    if failed:
        raise failed[0]


def end_of(draft: Note) -> float | None:
    """When it expires (UTC seconds); None if it never does, or says so in no way that makes sense."""
    try:
        text = str(draft.get("expires") or "").strip()
        time = datetime.fromisoformat(text)
        return (time + timedelta(days=1) if len(text) <= 10 else time).timestamp()
    except (BrokenFrontmatter, ValueError, OverflowError, OSError):
        return None
