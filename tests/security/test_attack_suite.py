"""Every attack of the catalogue against a running `vaultkit watch`, through git's own HTTP server.

The attacker holds Cloud's key and may write into the remote's folder as they like. Local watches over
`git http-backend`. After each attack the honest note that came with it must be on Local's disk, and
besides it nothing; the process must live, small, and go on.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.latency import peak_rss_mb
from tests.desk import VAULTKIT, environment, text, wait_until
from tests.security.catalogue import CASES, Case
from tests.security.forge import Forge
from tests.security.shooting import Outcome, Published, Target
from tests.servers import GitHttpServer, make_bare, require
from vaultkit import Vault
from vaultkit.core.git.tree import Oid, walk

MOST_RSS_MB = 256
PATIENCE_SECONDS = 20.0


@dataclass
class Watched:
    """Local, watching, and the attacker's view of its remote."""

    target: Target
    process: subprocess.Popen[bytes]
    log: Path
    vault: Vault
    _since: float = 0.0

    def said(self) -> str:
        return text(self.log)

    def strike(self, case: Case) -> Outcome:
        """Publish the attack, wait for what must come, and say what did not hold."""
        outcome, target = Outcome(), self.target
        outside, machinery, published = target.outside(), target.machinery(), target.head
        before, forge, arrives = target.notes(), self._attack(case), dict(case.arrives)
        if not (self._updates / f"{forge.marker}.md").exists():
            target.publish(published)
            forge, arrives = target.forge(self._what_counts()), {}
            target.publish(forge.commit(forge.tree()))
        expected = {**before, f"Updates/{forge.marker}.md": f"{forge.marker}\n".encode(), **arrives}
        wait_until(lambda: target.notes() == expected or self.is_late(), f"the honest part: {case.name}")
        target._compare(outcome, expected, target.notes())
        outcome.expect(target.outside() == outside, f"outside: {target.outside()}")
        outcome.expect(target.machinery() == machinery, "the machinery was written to")
        outcome.expect(self.process.poll() is None, "the watcher ended")
        return outcome

    def _what_counts(self) -> Published:
        """The tree Local holds; the attacker, who sees what is published, can tell it too."""
        wait_until(lambda: self._held() == self.target.notes().keys(), "Local's branch is what its disk is")
        tree = self.vault._desk.head_tree()
        assert tree
        return self.target.read_published(self.target.root, tree)

    def _held(self) -> set[str]:
        return {path for path, _ in walk(self.vault._desk.objects, self.vault._desk.head_tree())}

    def _attack(self, case: Case) -> Forge:
        """Publish it, and wait until the honest part is there or, where it cannot be, Local says why."""
        forge, heard, published = self.target.forge(self._what_counts()), len(self.said()), self.target.head
        self.target.publish(case.build(forge))
        marker = self._updates / f"{forge.marker}.md"
        hopeless = case.stops or not self._can_be_served(published)
        self._since = time.monotonic()
        wait_until(lambda: marker.exists() or (hopeless and "sync:" in self.said()[heard:]), case.name)
        return forge

    def _can_be_served(self, published: Oid) -> bool:
        """Can git make a pack of it? Some things its server does not hand out, whoever put them there."""
        command = [require("git"), "pack-objects", "--revs", "--stdout", "--thin", "-q"]
        wanted = f"{self.target.head}\n^{published}\n".encode()
        done = subprocess.run(command, input=wanted, cwd=self.target.remote, capture_output=True, check=False)
        return done.returncode == 0

    def is_late(self) -> bool:
        return time.monotonic() > self._since + PATIENCE_SECONDS

    @property
    def _updates(self) -> Path:
        return self.target.root / "Updates"


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("attack")
    make_bare(folder / "r.git")
    with GitHttpServer(folder) as server:
        target = Target(folder, server.url("r.git"))
        policy = target.root / "vaultkit.yaml"
        policy.write_text(policy.read_text("utf-8").replace("interval: 30s", "interval: 1s"), "utf-8")
        (target.root / "Dashboard.md").unlink()  # it would tell of the attacks, and so change meanwhile
        with Vault.open(target.root) as vault:
            assert vault.sync().in_step
        log = folder / "home" / "watch.log"
        with open(log, "ab") as file:
            command = [*VAULTKIT, "-C", str(target.root), "watch", "--poll", "0.05"]
            process = subprocess.Popen(command, env=environment(), stdout=file, stderr=file)
        try:
            with Vault.open(target.root) as vault:
                watched = Watched(target, process, log, vault)
                wait_until(lambda: "watching" in watched.said(), "Local watches")
                yield watched
        finally:
            process.terminate()
            process.wait(90)


@pytest.mark.parametrize("name", CASES)
def test_a_watching_vault_takes_the_honest_part_and_nothing_else(watched: Watched, name: str) -> None:
    """Whatever is pushed, only what the key's zones allow is on the disk, and the watch goes on."""
    assert watched.strike(CASES[name]).problems == []


def test_after_all_of_it_the_watcher_is_small_and_the_remote_can_be_honest_again(watched: Watched) -> None:
    """It never needed 256 MiB, showed no traceback, told of it all, and its next push undoes the last."""
    target = watched.target
    (target.root / "Notes/last.md").write_text("the last word is the person's\n")
    wait_until(lambda: b"Notes/last.md" in target.published(), "the person's note is published")
    wait_until(lambda: target.published() == {n.encode() for n in target.notes()}, "and nothing else")
    assert peak_rss_mb(watched.process.pid) < MOST_RSS_MB
    assert "Traceback" not in watched.said()
    assert "bug" not in watched.said()
    with Vault.open(target.root) as vault:
        assert len(vault.violations()) >= 150
        assert vault.audit().holds
