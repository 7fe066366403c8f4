"""A draft moved to `Done/` takes along the task and the plan that its frontmatter names."""

from vaultkit import HookMove, Vault, after_status


@after_status("*", "done", again=True)
def together(move: HookMove, vault: Vault) -> None:
    for note in vault.companions(vault.moved_note(move)):
        vault.complete(note)
