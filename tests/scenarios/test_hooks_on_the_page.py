"""A person who never opens a terminal finds on the Dashboard what a hook could not do."""

from __future__ import annotations

from pathlib import Path

from tests.desk import Desk, act_at_once, put, text
from tests.scenarios.test_dashboard import commits, region
from vaultkit import Vault

MAIL = "---\naction: send_email\nto: ada@example.org\nsubject: Yes\n---\nDear Ada, yes.\n"
FAILS = """from vaultkit import on_create
@on_create("**")
def f(change, draft):
    raise RuntimeError("secret words")
"""


def told(vault: Vault) -> list[str]:
    """What stands under *Held here* once the page is up to date."""
    vault.sync()
    while vault.refresh_dashboard().outcome == "written":
        pass
    return region(vault.root, "held")


def retry(vault: Vault) -> None:
    vault.hooks.ask_again()
    vault.run_jobs()


def deliver_mail(vault: Path, outbox: Path) -> None:
    """Approved mail shall go to `outbox`, where as yet it cannot."""
    outbox.write_text("in the way")
    act_at_once(vault)
    machine = vault / ".vaultkit/agent.yaml"
    machine.write_text(f"{text(machine)}settings: {{outbox: {outbox}}}\n", "utf-8")
    with Vault.open(vault) as opened:
        opened.hooks.enable("outbox")


def test_an_approved_mail_that_was_not_sent_stands_on_the_page(desk: Desk) -> None:
    """Which and how to send it; another try that fails changes nothing, and once it left the line goes."""
    outbox = desk.folder / "outbox"
    deliver_mail(desk.local, outbox)
    put(desk.local / "Pending_Approval/ada.md", MAIL)
    with Vault.open(desk.local) as local:
        local.sync()
        local.approve("ada.md")
        assert "Nothing is held." in told(local)
        assert local.run_jobs().problems
        (line,) = told(local)
        assert line.startswith("- [[Approved/ada|ada]] · hook outbox.deliver failed (")
        assert "vaultkit hooks retry outbox" in line
        assert str(desk.folder) not in line
        before = commits(local)
        retry(local)
        assert told(local) == [line]
        assert commits(local) == before
        outbox.unlink()
        retry(local)
        assert told(local) == ["Nothing is held."]


def test_a_hook_that_fails_at_a_note_of_this_machine_does_not_name_it(desk: Desk) -> None:
    """The page travels: the hook is named and the kind of error, not the note or the error's words."""
    put(desk.local / ".vaultkit/hooks/mine.py", FAILS)
    with Vault.open(desk.local) as local:
        told(local)
        local.hooks.enable("mine")
        put(desk.local / "Notes/shared.md", "a\n")
        assert told(local)[0].startswith(
            "- [[Notes/shared|shared]] · hook mine.f could not do its part (RuntimeError)"
        )
        (desk.local / "Notes/shared.md").unlink()
        (line,) = told(local)
        assert "shared" not in line
        assert "secret" not in text(desk.local / "Dashboard.md")
        put(desk.local / ".vaultkit/hooks/mine.py", "import nothing_like_it\n")
        assert told(local) == ["- hook mine cannot be used; vaultkit hooks list says why"]
