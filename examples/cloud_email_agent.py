"""The Cloud side of the mail desk: makes each message in a folder a task, claims it, drafts a reply, reports.

Run beside `vaultkit watch`:  python cloud_email_agent.py --vault ~/vault --inbox ~/inbox
Messages are RFC 5322 files (`*.eml`). Nothing is sent from here: drafts wait for a person. It may be killed
at any moment and started again: a message seen twice is one task, and a draft handed in twice is one draft.
"""

from __future__ import annotations

import argparse
import time
from email import message_from_bytes, policy
from email.utils import parseaddr
from pathlib import Path

from vaultkit import Vault, VaultError, fill_note


def handle(vault: Vault, file: Path) -> None:
    """One message: a task, claimed, and a draft of the reply, handed in."""
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    name, address = parseaddr(str(message["From"] or ""))
    subject = str(message["Subject"] or "(no subject)")
    part = message.get_body(("plain",))
    key, text = str(message["Message-ID"] or file.name), part.get_content().strip() if part else ""
    meta = {"type": "email", "from": address, "subject": subject}
    task = vault.create_task(key, subject, text, domain="email", meta=meta)
    if task.stage == "done":
        return
    claim = vault.claim(task.path)
    reply = {"to": address, "subject": f"Re: {subject}", "in_reply_to": key}
    draft = fill_note("email_reply", reply, name=name or address, title=subject)
    vault.submit_for_approval(claim, draft)
    vault.post_update(f"A reply to {name or address} waits for you: {subject}", domain="email")
    print(f"drafted a reply to {file.name}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Turn messages in a folder into tasks and drafts.")
    parser.add_argument("--vault", required=True)
    parser.add_argument("--inbox", required=True, type=Path)
    parser.add_argument("--once", action="store_true", help="handle what is there, then end")
    options = parser.parse_args()
    with Vault.open(options.vault, actor="mail agent") as vault:
        while True:
            for file in sorted(options.inbox.glob("*.eml")):
                try:
                    handle(vault, file)
                    file.rename(file.with_suffix(".seen"))
                except VaultError as error:
                    print(f"{file.name}: {error}", flush=True)
            if options.once:
                return
            time.sleep(0.2)


if __name__ == "__main__":
    main()
