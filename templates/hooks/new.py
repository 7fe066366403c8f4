"""What this hook is for, in one line: `vaultkit hooks list` shows it.

Try it, which changes nothing:    vaultkit hooks test NOTE Pending_Approval Approved
Switch it on, on this machine:    vaultkit hooks enable NAME
"""

from vaultkit import Draft, HookMove, on_status

# Planning hooks edit the commit that is about to be made, and nothing else: no files, no network, no clock.
#
#   @on_status("pending_approval", "approved")   a note goes from one stage of the work to the next; "*": any
#   @on_move("Projects/**", "Archive/**")        a note goes from one folder to another
#   @on_create("Needs_Action/**")                a new note; its argument is `change`, not `move`
#   @on_change("Projects/*.md")                  a note was edited where it is; `change` too
#
# Acting hooks run afterwards, when the change is published. They may do anything, and run at least once:
# `move.key` is the same each time. Each has the same arguments, but `vault` in place of `draft`:
#
#   @after_status(...)  @after_move(...)  @after_create(...)  @after_change(...)
#   @after_create("Needs_Action/**", origin="remote")     what arrives from other machines ("any": both)
#   @on_schedule("1h")                                    by the clock, under `vaultkit watch`: (tick, vault)
#
# What hooks do themselves calls a hook only if it says `again=True`.


@on_status("pending_approval", "approved")
def NAME(move: HookMove, draft: Draft) -> None:
    draft[move.path].meta["approved_on"] = move.agent
