"""Delivers an approved e-mail draft as a file: `<outbox>/<id>.eml`, ready for a mail program to send.

Enable it on the executor's machine with `vaultkit hooks enable outbox`, and name the folder in
`.vaultkit/agent.yaml`:

    settings: {outbox: /home/me/outbox}

What is delivered are the exact bytes that were approved. The file's name comes from the approval's
own key, so however often this runs, one approval is one message. Then the draft, its task and its
plan move to `Done/`, and a line goes into `Logs/`.
"""

import hashlib
import json
import os
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from vaultkit import HookMove, Note, Vault, VaultError, after_status


@after_status("pending_approval", "approved")
def deliver(move: HookMove, vault: Vault) -> None:
    draft = vault.moved_note(move)
    if draft.get("action") != "send_email" or vault.agent != vault.policy.executor:
        return
    outbox = vault.setting("outbox")
    if outbox is None:
        raise VaultError("the setting `outbox` is missing", hint="Add it to .vaultkit/agent.yaml.")
    write_once(Path(outbox), hashlib.sha256(move.key.encode()).hexdigest()[:16], as_message(draft))
    log(vault, move, draft)
    if (vault.root / move.path).exists():
        vault.complete(move.path)


def as_message(draft: Note) -> EmailMessage:
    message = EmailMessage()
    message["To"] = required(draft, "to")
    message["Subject"] = str(draft.get("subject") or "")
    if reply_to := draft.get("in_reply_to"):
        message["In-Reply-To"] = str(reply_to)
    message.set_content(str(draft.get("body") or draft.body).strip() + "\n")
    return message


def required(draft: Note, name: str) -> str:
    value = draft.get(name)
    if not isinstance(value, str) or not value:
        raise VaultError(f"{draft.path}: the draft names no `{name}`", note=draft.path)
    return value


def write_once(outbox: Path, name: str, message: EmailMessage) -> None:
    outbox.mkdir(parents=True, exist_ok=True)
    target, temporary = outbox / f"{name}.eml", outbox / f".{name}.{os.getpid()}.tmp"
    if target.exists():
        return
    temporary.write_bytes(message.as_bytes())
    os.replace(temporary, target)


def log(vault: Vault, move: HookMove, draft: Note) -> None:
    now = datetime.now(UTC)
    line = {
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "action_type": "send_email",
        "actor": vault.agent,
        "target": draft.get("to"),
        "parameters": {"subject": draft.get("subject"), "note": move.path},
        "approval_status": "approved",
        "approved_by": draft.get("approved_by"),
        "result": "delivered to the outbox",
    }
    folder = vault.root / "Logs"
    folder.mkdir(exist_ok=True)
    with open(folder / f"{now:%Y-%m-%d}.json", "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
