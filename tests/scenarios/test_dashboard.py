"""The Dashboard, by two real machines: signals are taken up once, in order, and a person's words stay."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, drag, environment, put, run, text, wait_until
from vaultkit import RefusedByPolicy, UsageError, Vault, VaultError
from vaultkit.core.rules.leases import Watch, write_watch

PAGE = "Dashboard.md"
OLD = 1_000_000_000


@pytest.fixture
def cloud(desk: Desk) -> Iterator[Vault]:
    with Vault.open(desk.cloud) as vault:
        yield vault


def pass_on(*vaults: Vault) -> None:
    """A cycle in each, in this order."""
    for vault in vaults:
        vault.sync()


def still(path: Path) -> None:
    """Nobody has typed in it lately."""
    os.utime(path, (OLD, OLD))


def region(vault: Path, name: str) -> list[str]:
    """The lines of one region of the page."""
    found = re.search(rf"(?s)%% vaultkit:{name} %%\n(.*?)%% /vaultkit:{name} %%", text(vault / PAGE))
    assert found
    return found[1].splitlines()


def shown(vault: Path) -> list[str]:
    """The signals on the page, oldest first."""
    return [line.rpartition(": ")[2] for line in reversed(region(vault, "signals"))]


def names(vault: Path, folder: str) -> list[str]:
    return sorted(path.name for path in (vault / folder).rglob("SIGNAL_*.md"))


def commits(vault: Vault) -> int:
    return len(list(vault.history()))


def leave_twenty(cloud: Vault) -> list[str]:
    """Cloud leaves them in one commit each, and two in one; neither names nor file times are in order."""
    words = [f"news number {n}" for n in range(20)]
    for n, said in enumerate(words[:18]):
        path = f"Updates/SIGNAL_{99 - n}.md"
        put(cloud.root / path, f"---\ntype: signal\n---\n{said}\n")
        os.utime(cloud.root / path, (OLD - n, OLD - n))
        cloud.sync([path])
    for name, said in (("a", words[18]), ("b", words[19])):
        put(cloud.root / f"Updates/SIGNAL_{name}.md", said)
    cloud.sync()
    return words


def test_signals_are_taken_up_once_in_order_and_filed_away(desk: Desk, local: Vault, cloud: Vault) -> None:
    """Twenty that came while Local was away, by one commit; after that nothing changes, on either side."""
    words = leave_twenty(cloud)
    local.sync()
    before = commits(local)
    refreshed = local.refresh_dashboard()
    assert refreshed.outcome == "written"
    assert [Path(path).name for path in refreshed.filed][-2:] == ["SIGNAL_a.md", "SIGNAL_b.md"]
    assert shown(desk.local) == words
    assert commits(local) == before + 1
    pass_on(cloud, local, cloud)
    for vault in (desk.local, desk.cloud):
        assert names(vault, "Updates") == []
        assert len(names(vault, "Done/Updates")) == 20
    assert text(desk.cloud / PAGE) == text(desk.local / PAGE)
    assert local.refresh_dashboard().outcome == "current"
    assert run(desk.local, "dashboard").stdout == f"{PAGE} is up to date\n"
    assert commits(local) == before + 1


def test_a_watcher_takes_signals_up_by_itself(desk: Desk, cloud: Vault) -> None:
    """What Cloud posts is on the person's page without a command, by one commit."""
    path = cloud.post_update("Three new messages.", domain="email")
    assert path.startswith("Updates/email/SIGNAL_")
    desk.watch(desk.local)
    log = desk.folder / "Local.log"
    wait_until(lambda: f"took up Done/{path}" in text(log), "it is taken up")
    assert "Three new messages." in text(desk.local / PAGE)
    assert not names(desk.local, "Updates")
    assert desk.stop(desk.local) == 0
    cloud.sync()
    assert text(desk.cloud / PAGE) == text(desk.local / PAGE)
    assert sum("taken up" in entry.message for entry in cloud.history()) == 1


def test_a_kill_in_between_takes_up_all_signals_or_none(desk: Desk, local: Vault, cloud: Vault) -> None:
    """Killed at any change of the disk: after a sync page and folders agree; in the end all show once."""
    posted: list[str] = []
    for last in (0, 1, 3, 6, 7, 8):
        before = len(shown(desk.local)) if posted else 0
        for n in range(3):
            posted.append(f"news number {last}.{n}")
            cloud.post_update(posted[-1])
        local.sync()
        command = [sys.executable, "-m", "tests.mortal", str(last), "-C", str(desk.local), "dashboard"]
        killed = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        assert killed.returncode == -9, killed.stderr
        local.sync()
        taken_up = len(names(desk.local, "Done"))
        assert taken_up in (before, len(posted))
        assert taken_up + len(names(desk.local, "Updates")) == len(posted)
        assert sum("news number" in line for line in region(desk.local, "signals")) == taken_up
        assert local.refresh_dashboard().outcome in ("written", "current")
        assert shown(desk.local) == posted
        assert not names(desk.local, "Updates")
    cloud.sync()
    assert len(names(desk.cloud, "Done/Updates")) == len(posted)
    assert text(desk.cloud / PAGE) == text(desk.local / PAGE)
    assert not list((desk.local / "Conflicts").rglob("*.md"))


def test_a_signal_of_a_name_that_was_there_before_is_another_one(
    desk: Desk, local: Vault, cloud: Vault
) -> None:
    """It is shown as well, and what was filed before is not overwritten."""
    for words in ("first", "second"):
        put(desk.cloud / "Updates/SIGNAL_daily.md", words)
        pass_on(cloud, local)
        local.refresh_dashboard()
        cloud.sync()
    assert shown(desk.local) == ["first", "second"]
    assert names(desk.local, "Done/Updates") == ["SIGNAL_daily (2).md", "SIGNAL_daily.md"]
    assert "first" in text(desk.local / "Done/Updates/SIGNAL_daily.md")


def test_only_signals_in_the_folder_that_the_policy_names_are_taken_up(
    desk: Desk, local: Vault, cloud: Vault
) -> None:
    """A vault may have `Signals/` for it; other notes there, and such names elsewhere, stay."""
    policy = desk.local / "vaultkit.yaml"
    put(policy, text(policy).replace("updates: Updates ", "updates: Signals "))
    others = ("Signals/report.md", "Updates/SIGNAL_a.md", "Plans/SIGNAL_b.md")
    for path in ("Signals/email/SIGNAL_1.md", *others):
        put(desk.cloud / path, f"{path}\n")
    pass_on(local, cloud, local)
    assert local.refresh_dashboard().filed == ["Done/Signals/email/SIGNAL_1.md"]
    assert cloud.post_update("by the new policy").startswith("Signals/SIGNAL_")
    assert all(text(desk.local / path) == f"{path}\n" for path in others)


def test_words_of_a_person_stay_inside_and_outside(desk: Desk, local: Vault, cloud: Vault) -> None:
    """Outside byte for byte, with Windows' line endings; inside they move below."""
    page = (
        b"\xef\xbb\xbfMy page\r\n%% vaultkit:signals %%\r\nNo news yet.\r\ncall Ada\r\n"
        b"%% /vaultkit:signals %%\r\n\r\n- [ ] mine\r\n"
        b"%% vaultkit:mine %%\r\nown\r\n%% /vaultkit:mine %%\r\nend"
    )
    (desk.local / PAGE).write_bytes(page)
    local.sync()
    cloud.post_update("news")
    local.sync()
    assert local.refresh_dashboard().outcome == "written"
    data = (desk.local / PAGE).read_bytes()
    link = re.search(rb"\[\[Done/Updates/SIGNAL_\S+\]\]", data)
    assert link
    line = b"- " + link[0] + " · cloud_agent: news\r\n".encode()
    assert data == page.replace(b"No news yet.\r\ncall Ada\r\n", line).replace(
        b"/vaultkit:signals %%\r\n", b"/vaultkit:signals %%\r\ncall Ada\r\n"
    )


def test_a_drag_in_obsidian_leaves_nothing_behind_on_the_page(desk: Desk, local: Vault, cloud: Vault) -> None:
    """Obsidian rewrites the links to a note that is dragged; such a line is still vaultkit's own."""
    put(desk.cloud / "Pending_Approval/email/ada.md", "---\nexpires: 2026-01-02\n---\nDear Ada\n")
    pass_on(cloud, local, cloud)
    local.refresh_dashboard()
    (line,) = region(desk.local, "approvals")
    assert line.startswith("- [[Pending_Approval/email/ada|ada]] · email · since ")
    assert line.endswith(" · EXPIRED 2026-01-02")
    drag(desk.local, "Pending_Approval/email/ada.md", "Approved/email/ada.md")
    rewritten = text(desk.local / PAGE).replace("[[Pending_Approval/", "[[Approved/")
    put(desk.local / PAGE, rewritten)
    local.sync()
    assert local.refresh_dashboard().outcome == "written"
    assert region(desk.local, "approvals") == ["Nothing is waiting for you."]
    assert "ada" not in text(desk.local / PAGE)


def test_whoever_types_in_the_page_is_not_overwritten(desk: Desk, local: Vault, cloud: Vault) -> None:
    """What is not committed yet is left alone, and so is a page that was saved just now; later it is done."""
    local.sync()
    put(desk.cloud / "Pending_Approval/a.md", "draft\n")
    pass_on(cloud, local)
    typed = text(desk.local / PAGE) + "typing\n"
    put(desk.local / PAGE, typed)
    assert local.refresh_dashboard(only_quiet=True).outcome == "busy"
    still(desk.local / PAGE)
    assert local.refresh_dashboard(only_quiet=True).outcome == "busy"
    assert text(desk.local / PAGE) == typed
    local.sync()
    still(desk.local / PAGE)
    assert local.refresh_dashboard(only_quiet=True).outcome == "written"
    assert text(desk.local / PAGE).endswith("typing\n")
    assert "[[Pending_Approval/a|a]]" in text(desk.local / PAGE)


def test_marks_that_do_not_fit_together_are_told_and_nothing_is_touched(desk: Desk, cloud: Vault) -> None:
    """The page and the signals stay as they are until a person has mended it."""
    broken = text(desk.local / PAGE).replace("%% /vaultkit:signals %%\n", "")
    put(desk.local / PAGE, broken)
    cloud.post_update("news")
    done = run(desk.local, "dashboard")
    assert done.returncode == 1
    assert "the region progress begins inside of signals" in done.stderr
    status = run(desk.local, "status")
    assert (status.returncode, "DASHBOARD: Dashboard.md, line" in status.stdout) == (3, True)
    assert "DASHBOARD" not in run(desk.cloud, "status").stdout
    assert text(desk.local / PAGE) == broken
    assert len(names(desk.local, "Updates")) == 1


def test_no_page_and_no_region_is_made(desk: Desk, local: Vault, cloud: Vault) -> None:
    """A person who deleted the page, or took a region out, does not want it; signals then wait."""
    cloud.post_update("news")
    put(desk.local / PAGE, "only mine\n")
    local.sync()
    assert local.refresh_dashboard().outcome == "current"
    assert text(desk.local / PAGE) == "only mine\n"
    (desk.local / PAGE).unlink()
    local.sync()
    assert local.refresh_dashboard().outcome == "not there"
    assert not (desk.local / PAGE).exists()
    assert len(names(desk.local, "Updates")) == 1


def test_only_the_machine_that_keeps_the_page_writes_it(desk: Desk, cloud: Vault) -> None:
    """Cloud never does."""
    assert cloud.refresh_dashboard().outcome == "not ours"
    assert "another agent keeps Dashboard.md" in run(desk.cloud, "dashboard").stdout


def test_undo_passes_over_the_page(desk: Desk, local: Vault, cloud: Vault) -> None:
    """What was done last is what the person did, not what vaultkit wrote of it."""
    put(desk.cloud / "Pending_Approval/a.md", "draft\n")
    pass_on(cloud, local, cloud)
    local.approve("a.md")
    assert local.refresh_dashboard().outcome == "written"
    assert local.undo().message == "approve Pending_Approval/a.md"
    assert (desk.local / "Pending_Approval/a.md").exists()


def test_a_lost_state_file_leaves_nothing_twice_on_the_page(desk: Desk, local: Vault, cloud: Vault) -> None:
    """Which lines are vaultkit's own is then read from history."""
    put(desk.cloud / "Pending_Approval/a.md", "draft\n")
    cloud.post_update("news")
    pass_on(cloud, local, cloud)
    local.refresh_dashboard()
    page = text(desk.local / PAGE)
    local.close()
    for leftover in (desk.local / ".vaultkit").glob("state.db*"):
        leftover.unlink()
    with Vault.open(desk.local) as again:
        again.sync()
        assert again.refresh_dashboard().outcome == "current"
        assert text(desk.local / PAGE) == page
        again.approve("a.md")
        again.refresh_dashboard()
    after = text(desk.local / PAGE)
    assert "Nothing is waiting for you." in after
    assert "|a]]" not in after
    assert shown(desk.local) == ["news"]


def test_what_must_not_leave_is_not_named_on_the_page(desk: Desk, local: Vault, cloud: Vault) -> None:
    """A held note that the others do not know is counted; its name stays here, like the note."""
    (desk.local / "Plans").mkdir(exist_ok=True)
    (desk.local / "Plans/my illness.md").write_bytes(b"\xff\xfe no text")
    put(desk.local / "Plans/known.md", "known\n")
    local.sync()
    (desk.local / "Plans/known.md").write_bytes(b"\xff\xfe no text any more")
    local.sync()
    local.refresh_dashboard()
    lines = region(desk.local, "held")
    assert any(line.startswith("- [[Plans/known|known]]") for line in lines)
    assert "- 1 that only this machine knows · text" in lines
    assert "illness" not in text(desk.local / PAGE)


def test_a_status_that_nobody_knows_is_on_the_page(desk: Desk, local: Vault) -> None:
    """Who only opens Obsidian sees there why a note did not move, until the status is mended."""
    put(desk.local / "Pending_Approval/a.md", "---\nstatus: pending\n---\na\n")
    local.sync()
    local.refresh_dashboard()
    put(desk.local / "Pending_Approval/a.md", "---\nstatus: aproved\n---\na\n")
    local.sync()
    local.refresh_dashboard()
    (line,) = region(desk.local, "held")
    assert line.startswith("- [[Pending_Approval/a|a]] · its status 'aproved' is none this vault knows")
    put(desk.local / "Pending_Approval/a.md", "---\nstatus: pending\n---\na\n")
    local.sync()
    local.refresh_dashboard()
    assert region(desk.local, "held") == ["Nothing is held."]


def test_odd_words_are_told_by_status_and_on_the_page_of_who_did_not_write_them(
    desk: Desk, local: Vault, cloud: Vault
) -> None:
    """Cloud's new task says `done` and names no agent: the person reads both, until Cloud mends them."""
    odd = "---\nstatus: done\nowner: clod_agent\n---\na\n"
    put(desk.cloud / "Needs_Action/a.md", odd)
    pass_on(cloud, local)
    local.refresh_dashboard()
    told = "\n".join(region(desk.local, "held"))
    assert "its status 'done' is not its folder's" in told
    assert "its owner 'clod_agent' is no agent here" in told
    said = run(desk.local, "status").stdout
    assert "STATUS: Needs_Action/a.md: its status 'done'" in said
    assert "OWNER: Needs_Action/a.md: its owner 'clod_agent'" in said
    put(desk.cloud / "Needs_Action/a.md", odd.replace("done", "todo").replace("clod", "cloud"))
    pass_on(cloud, local)
    local.refresh_dashboard()
    assert region(desk.local, "held") == ["Nothing is held."]
    assert not desk.status(desk.local)["unowned"]


def test_an_update_is_refused_where_there_is_nothing_to_say_or_no_right(
    desk: Desk, local: Vault, cloud: Vault
) -> None:
    """Nothing is written then."""
    with pytest.raises(UsageError, match="needs some words"):
        cloud.post_update(" \n")
    with pytest.raises(VaultError, match="its name"):
        cloud.post_update("news", domain="a\u200bb")
    policy = desk.local / "vaultkit.yaml"
    zone = '  - {path: "Updates/**",             write: [cloud_agent, local_agent]}\n'
    assert zone in text(policy)
    put(policy, text(policy).replace(zone, zone.replace("cloud_agent, ", "")))
    local.sync()
    cloud.sync()
    with pytest.raises(RefusedByPolicy, match="may not create notes here"):
        cloud.post_update("news")
    assert names(desk.cloud, "Updates") == []


def test_a_view_that_a_person_changed_stays_as_it_is(desk: Desk, local: Vault, cloud: Vault) -> None:
    """`init` on a vault that exists leaves a `.base` byte for byte, whatever keys somebody added."""
    own = b'filters: file.inFolder("Conflicts")\r\nplugin_key: {a: [1,  2]}\r\nviews:\r\n  - type: kanban'
    (desk.local / "Conflicts.base").write_bytes(own)
    done = run(desk.local, "init", str(desk.local), "--agent", "local_agent", "--human")
    assert done.returncode == 0, done.stderr
    local.sync()
    assert local.refresh_dashboard().outcome in ("written", "current")
    assert (desk.local / "Conflicts.base").read_bytes() == own
    cloud.sync()
    assert (desk.cloud / "Conflicts.base").read_bytes() == own


def test_the_lease_of_an_agent_that_fell_silent_is_over(desk: Desk, local: Vault, cloud: Vault) -> None:
    """Only once this machine watched it being silent for a whole lease."""
    put(desk.cloud / "In_Progress/cloud_agent/x.md", "at work\n")
    pass_on(cloud, local)
    local.refresh_dashboard()
    (line,) = region(desk.local, "progress")
    assert "cloud_agent" in line
    assert "LEASE OVER" not in line
    watched = Watch(local.clock.boot(), since=0.0, looked=10 * local.policy.workflow.lease)
    local._desk.state.put(watch=write_watch(watched))
    still(desk.local / PAGE)
    put(desk.local / "Notes/a.md", "so that there is something to look at\n")
    local.sync(offline=True)
    local.refresh_dashboard()
    assert "LEASE OVER" in region(desk.local, "progress")[0]
