"""A draft whose `expires` is past moves to `Rejected/`: nobody shall approve it by mistake.

It runs where the agent may reject. A date without a time is good until its day is over; a time without a
zone is this machine's own.
"""

from datetime import datetime

from vaultkit import RefusedByPolicy, Vault, VaultError, is_expired, on_schedule


@on_schedule("10m")
def expire(vault: Vault) -> None:
    now, failed = vault.clock.now(), []
    for draft in list(vault.tasks("pending_approval")):
        if is_expired(draft, now, datetime.astimezone):
            try:
                vault.reject(draft.path, f"expired {draft.get('expires')}")
            except RefusedByPolicy:
                return  # another machine's part
            except VaultError as error:
                failed.append(error)
    if failed:
        raise failed[0]
