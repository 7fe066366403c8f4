"""The Cloud side of the mail desk: turns each message in a folder into a task, claims it, drafts a reply.

Run beside `vaultkit watch`:  python cloud_email_agent.py --vault ~/vault --inbox ~/inbox
Messages are RFC 5322 files (`*.eml`). Nothing is sent from here: drafts wait for a person.
"""

from __future__ import annotations

import argparse
import time
from email import message_from_bytes, policy
from email.utils import parseaddr
from pathlib import Path

from vaultkit import Vault, VaultError, fill_note


def handle(vault: Vault, file: Path) -> None:
    """One message: a task, claimed, and a draft of the reply."""
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    name, address = parseaddr(str(message["From"] or ""))
    subject = str(message["Subject"] or "(no subject)")
    part = message.get_body(("plain",))
    meta = {"from": address, "subject": subject, "message_id": str(message["Message-ID"] or "")}
    words = {"title": subject, "name": name or address}
    note = f"{file.stem}.md"
    text = part.get_content().strip() if part else ""
    vault.create(f"Needs_Action/email/{note}", fill_note("task_email", meta, text=text, **words))
    task = vault.claim(f"Needs_Action/email/{note}")
    reply = {"to": address, "subject": f"Re: {subject}", "in_reply_to": meta["message_id"], "task": task}
    vault.create(f"Pending_Approval/email/{note}", fill_note("email_reply", reply, **words))


def main() -> None:
    parser = argparse.ArgumentParser(description="Turn messages in a folder into tasks and drafts.")
    parser.add_argument("--vault", required=True)
    parser.add_argument("--inbox", required=True, type=Path)
    parser.add_argument("--once", action="store_true", help="handle what is there, then end")
    options = parser.parse_args()
    with Vault.open(options.vault) as vault:
        while True:
            for file in sorted(options.inbox.glob("*.eml")):
                try:
                    handle(vault, file)
                    file.rename(file.with_suffix(".seen"))
                    print(f"drafted a reply to {file.name}", flush=True)
                except VaultError as error:
                    print(f"{file.name}: {error}", flush=True)
            if options.once:
                return
            time.sleep(0.2)


if __name__ == "__main__":
    main()
