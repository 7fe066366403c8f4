"""What a refused move or claim says: the place, the person, or the key that is to blame."""

from __future__ import annotations

import pytest

from tests.desk import Desk, put, run
from vaultkit import RefusedByPolicy, Vault


def test_refusals_name_what_is_refused(desk: Desk) -> None:
    """The place where nothing may be written, the person from whom nothing is taken, the revoked key."""
    put(desk.local / "Needs_Action/lost.md", "Answer Ada.\n")
    put(desk.local / "Pending_Approval/email/q.md", "Dear Ada.\n")
    desk.sync(desk.local, desk.cloud)
    for verb, place in (("approve", "Approved/email/q.md"), ("reject", "Rejected/email/q.md")):
        said = run(desk.cloud, verb, "q.md")
        assert said.returncode == 4
        assert f"vaultkit: {place}: cloud_agent may not create notes here" in said.stderr
    with Vault.open(desk.local) as local, Vault.open(desk.cloud) as cloud:
        local.claim("lost.md")
        with pytest.raises(RefusedByPolicy, match="local_agent's: nobody takes a task from a person"):
            cloud.take_over("lost.md")
        local.create("Needs_Action/next.md", "Next.\n")
        cloud.sync()
        local.revoke("cloud_agent")
        for _ in ("before it knows", "after"):
            with pytest.raises(RefusedByPolicy, match="this machine's key was revoked"):
                cloud.claim("next.md")
        with pytest.raises(RefusedByPolicy, match="this machine's key was revoked"):
            cloud.complete("next.md")
