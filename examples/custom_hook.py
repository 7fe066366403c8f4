"""A hook of one's own: each new task says when it came in. Copy it to `.vaultkit/hooks/received.py`."""

from vaultkit import Draft, HookChange, on_create, utc


@on_create("Needs_Action/**")
def received(change: HookChange, draft: Draft) -> None:
    draft[change.path].meta.setdefault("received", utc(change.time))
