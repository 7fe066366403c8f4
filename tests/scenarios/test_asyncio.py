"""`AsyncVault`: the loop goes on while the vault is at work, and cancelling leaves nothing half done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desk import wait_until
from vaultkit import AlreadyClaimed, KeyPlace, TimedOut, Vault, VaultError, init_vault
from vaultkit.aio import AsyncVault


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("aio")
    init_vault(folder / "v", "local_agent", human=True, keys=KeyPlace(folder / "home")).close()
    return folder / "v"


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run it, with a limit of its own; afterwards no thread of it is left."""
    before = threading.active_count()
    asyncio.run(asyncio.wait_for(work, 200))
    wait_until(lambda: threading.active_count() <= before, "its threads end")


def test_a_whole_agent_in_asyncio(root: Path) -> None:
    """Create, claim, hand in, wait while others work in the same loop, and report what is done."""

    async def agent() -> None:
        async with await AsyncVault.open(root, actor="one") as vault:
            task = await vault.create_task("1", "Answer", "Please.", domain="email")
            claimed = await vault.claim(task.path)
            draft = await vault.submit_for_approval(claimed, "Yes.\n")
            waiting = asyncio.create_task(vault.wait_for(draft, "approved", timeout=120))
            await vault.run(lambda v: v.approve(draft.path))
            approved = await waiting
            assert (await vault.approval_status(draft)).outcome == "approved"
            assert len(await vault.complete(approved)) == 2
            assert (await vault.sync()).in_step

    run(agent())


def test_events_come_one_by_one_and_end(root: Path) -> None:
    """`async for` over `watch`, beside another coroutine that makes them."""

    async def watch() -> None:
        async with await AsyncVault.open(root) as vault, vault.watch() as events:
            await vault.run(lambda v: v.create("Plans/a.md", "A.\n"))
            await vault.run(lambda v: v.create("Plans/b.md", "B.\n"))
            seen = []
            async for event in events:
                seen.append(event.path)
                if len(seen) == 2:
                    await events.aclose()
            assert seen == ["Plans/a.md", "Plans/b.md"]

    run(watch())


def test_cancelling_ends_what_waits_and_what_writes(root: Path) -> None:
    """A cancelled `wait_for` and `watch` end; a cancelled claim ends whole, and may be asked for again."""

    async def cancel() -> None:
        async with await AsyncVault.open(root, actor="one") as vault:
            task = await vault.create_task("cancelled", "Cancelled")
            for waiting in (vault.wait_for(task, "done"), anext(vault.watch()), vault.claim(task.path)):
                begun = asyncio.ensure_future(waiting)
                await asyncio.sleep(0)  # it has begun, and the loop has not heard of its end
                begun.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await begun
            assert str(await vault.claim(task.path)) == "In_Progress/local_agent/" + Path(task.path).name

    run(cancel())


def test_what_goes_wrong_is_raised_where_it_is_awaited(root: Path) -> None:
    """The same errors as without asyncio, also from a vault that was closed meanwhile."""

    async def fail() -> None:
        async with (
            await AsyncVault.open(root, actor="one") as one,
            await AsyncVault.open(root, actor="two") as two,
        ):
            task = await one.create_task("taken", "Taken")
            await one.claim(task.path)
            with pytest.raises(AlreadyClaimed):
                await two.claim(task.path)
            with pytest.raises(TimedOut):
                await one.wait_for(task, "done", timeout=0)
            waiting = asyncio.create_task(one.wait_for(task, "done"))
            await asyncio.sleep(0.05)
            await one.close()
            with pytest.raises(VaultError, match=r"stopped|closed"):
                await waiting

    run(fail())


def test_many_may_wait_at_once(root: Path) -> None:
    """More waiters than the loop's executor has threads do not keep each other, or others, from working."""

    async def wait() -> None:
        async with await AsyncVault.open(root) as vault:
            drafts = [await vault.submit_for_approval("", f"{n}\n", name=f"many {n}") for n in range(2)]
            waiting = [asyncio.create_task(vault.wait_for(draft, "approved")) for draft in drafts * 20]
            for draft in drafts:
                await vault.run(lambda v, draft=draft: v.approve(draft.path))  # type: ignore[misc]
            assert len(await asyncio.gather(*waiting)) == 40

    run(wait())


def test_the_vault_beneath_is_the_same(root: Path) -> None:
    """`vault` gives the vault itself, for what is quick."""

    async def read() -> None:
        async with await AsyncVault.open(root) as vault:
            assert isinstance(vault.vault, Vault)
            assert vault.vault.agent == "local_agent"

    run(read())
