"""Notes that have lain in `Done/` for long move to `Archive/YYYY-MM/`, all in one change.

Off until you enable it on your own machine. `settings: {archive_after: "90"}` says after how many days (30).
How old a note is tells its `completed_at`; one that does not say it stays.
"""

from datetime import UTC, datetime, timedelta

from vaultkit import BrokenFrontmatter, Note, Vault, VaultError, on_schedule

FOLDER = "Archive"


@on_schedule("1d")
def archive(vault: Vault) -> None:
    before = datetime.fromtimestamp(vault.clock.now(), UTC) - timedelta(days=days(vault))
    with vault.edit("archive what was done") as edit:
        for note in list(vault.tasks("done")):
            done = completed_at(note)
            if done is not None and done < before and note.path in edit:
                rest = vault.policy.workflow.rest_of(note.path)
                place = f"{FOLDER}/{done:%Y-%m}/{rest}"
                if vault.policy.path_refusal(place) is None and place not in edit:
                    edit.move(note.path, place)


def days(vault: Vault) -> int:
    text = vault.setting("archive_after") or "30"
    if not text.isdecimal():
        raise VaultError(f"archive_after: {text!r} is no number of days", hint='Write `archive_after: "30"`.')
    return int(text)


def completed_at(note: Note) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(note.get("completed_at") or ""))
        return time if time.tzinfo else time.astimezone()
    except (BrokenFrontmatter, ValueError, OverflowError):
        return None
