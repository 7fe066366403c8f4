"""What judging one incoming commit costs, beside git, which checks its signature and nothing more."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench.cycles import Cost, append, children_cpu, median, own_cpu, timed
from tests.bench.vaults import Bench
from tests.servers import require
from vaultkit import Vault
from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import policy_at
from vaultkit.core.history.incoming import fold_path
from vaultkit.core.rules import identity


def measure_verification(bench: Bench, repeats: int) -> tuple[Cost, Cost]:
    """Medians: folding one signed one-note commit anew, and `git verify-commit` of the same commit."""
    mine, peer = [], []
    with Vault.open(bench.a) as vault:
        signers = bench.folder / "signers"
        signers.write_text("\n".join(vault.allowed_signers()) + "\n")
        for n in range(repeats):
            path = bench.note(104_729 * (n + 1))
            append(bench.a / path, n)
            before = vault._desk.head_tree()
            assert vault.sync([path]).in_step
            head = vault.head()
            assert head
            _judge(vault, before, head)  # the folders it opens have just been read in a cycle, too
            mine.append(timed(lambda before=before, head=head: _judge(vault, before, head), own_cpu))  # type: ignore[misc]
            peer.append(timed(lambda head=head: _git_verifies(bench.a, signers, head), children_cpu))  # type: ignore[misc]
    return median(mine), median(peer)


def _judge(vault: Vault, tree: Oid | None, head: Oid) -> None:
    objects = vault._desk.objects
    identity._check.cache_clear()
    parent = objects.commit(head).parents[0]
    fold = fold_path(objects, parent, tree, policy_at(objects, tree), [head])
    assert not fold.violations
    assert fold.tree == objects.commit(head).tree


def _git_verifies(vault: Path, signers: Path, head: Oid) -> None:
    command = [require("git"), "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", head]
    subprocess.run(command, cwd=vault, check=True, capture_output=True)
