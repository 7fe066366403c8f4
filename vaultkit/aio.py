"""The vault for asyncio: what may take long runs in a thread of its own, and the loop goes on.

    from vaultkit.aio import AsyncVault

    async with await AsyncVault.open("~/Cloud", actor="mailer") as vault:
        task = await vault.create_task("<1@mail>", "Invoice?")
        await vault.claim(task.path)

Cancelling is clean: what waits stops at once, and what writes ends the write in hand first, so nothing is
left half done when `CancelledError` comes. A claim that was cancelled may have been won; claim again to
know.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from vaultkit.approvals import ApprovalStatus
from vaultkit.claims import Claim
from vaultkit.core.telling.events import Event
from vaultkit.core.text.note import Value
from vaultkit.credentials import CredentialsFrom
from vaultkit.report import SyncReport
from vaultkit.submissions import Submission
from vaultkit.tasks import Task
from vaultkit.vault import Vault
from vaultkit.waiting import Watch

T = TypeVar("T")


class AsyncVault:
    """A `Vault` whose long calls are awaited. Close it, or use it in an `async with` block.

    `vault` is the same vault without asyncio: reading is quick, so `vault.vault.notes(...)` and the like are
    called there. For anything else that takes long there is `run`.
    """

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    @classmethod
    async def open(
        cls, path: str | Path = ".", *, actor: str = "", credentials: CredentialsFrom = None
    ) -> Self:
        """As `Vault.open`."""
        return cls(await in_thread(lambda: Vault.open(path, actor=actor, credentials=credentials)))

    async def close(self) -> None:
        """As `Vault.close`."""
        await in_thread(self.vault.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self, work: Callable[[Vault], T]) -> T:
        """Do something with the vault in a thread: `await vault.run(lambda v: v.complete("x.md"))`."""
        return await in_thread(lambda: work(self.vault))

    async def sync(self) -> SyncReport:
        """As `Vault.sync`."""
        return await in_thread(self.vault.sync)

    async def claim(self, note: str) -> Claim:
        """As `Vault.claim`; in an `async with` block it is renewed. What asks the remote (`check`) blocks."""
        return await in_thread(lambda: self.vault.claim(note))

    async def complete(self, note: str | Claim) -> list[str]:
        """As `Vault.complete`."""
        return await in_thread(lambda: self.vault.complete(note))

    async def create_task(
        self,
        key: str,
        title: str = "",
        text: str = "",
        *,
        domain: str = "",
        meta: Mapping[str, Value] | None = None,
    ) -> Task:
        """As `Vault.create_task`."""
        return await in_thread(lambda: self.vault.create_task(key, title, text, domain=domain, meta=meta))

    async def submit_for_approval(
        self,
        task: object,
        text: str,
        *,
        meta: Mapping[str, Value] | None = None,
        name: str = "",
        domain: str | None = None,
    ) -> Submission:
        """As `Vault.submit_for_approval`."""
        submit = self.vault.submit_for_approval
        return await in_thread(lambda: submit(task, text, meta=meta, name=name, domain=domain))

    async def approval_status(self, draft: str | Submission) -> ApprovalStatus:
        """As `Vault.approval_status`."""
        return await in_thread(lambda: self.vault.approval_status(draft))

    async def post_update(self, text: str, *, domain: str = "") -> str:
        """As `Vault.post_update`."""
        return await in_thread(lambda: self.vault.post_update(text, domain=domain))

    async def wait_for(self, note: object, *status: str, timeout: float | None = None) -> str:
        """As `Vault.wait_for`; cancelling it stops it."""
        stop = threading.Event()
        wait = self.vault.wait_for
        return await in_thread(lambda: wait(note, *status, timeout=timeout, stop=stop), stop.set)

    def watch(self, since: str | None = None) -> AsyncWatch:
        """As `Vault.watch`, for `async for`; leaving the loop, or cancelling it, stops it."""
        return AsyncWatch(self.vault.watch(since))


class AsyncWatch(AsyncIterator[Event]):
    """Events as they come. In an `async with` block it stops at the end."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def __anext__(self) -> Event:
        event = await in_thread(lambda: next(self._watch, None), self._watch.stop)
        if event is None:
            raise StopAsyncIteration
        return event

    async def aclose(self) -> None:
        """Stop it."""
        self._watch.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def in_thread(work: Callable[[], T], stop: Callable[[], object] = lambda: None) -> T:
    """What `work` gives, done in a thread. Cancelled, it calls `stop` and waits until the thread has ended.

    A thread of its own, for the loop's executor has only a few, which all might wait.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def do() -> None:
        try:
            settle = partial(outcome.set_result, work())
        except BaseException as error:
            settle = partial(outcome.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle)

    threading.Thread(target=do, daemon=True).start()
    try:
        return await asyncio.shield(outcome)
    except asyncio.CancelledError:
        stop()
        await _settled(outcome)
        raise


async def _settled(outcome: asyncio.Future[T]) -> None:
    """Wait until it is there, whatever it is and however often this is cancelled."""
    while not outcome.done():
        with suppress(asyncio.CancelledError, Exception):
            await asyncio.shield(outcome)
    with suppress(Exception):
        outcome.exception()
