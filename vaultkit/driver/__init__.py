"""The driver: performs the engine's actions on the ports and feeds back what happened.

`loop` runs the cycle; the other rooms each do one part of it: `recall` what was known, `brought` what git
programs put here, `recovery` a lost state file, `checkout` writing notes, `branch` moving the branch,
`planner` hooks that edit the draft, `talk` the remote, `notebook` what is to be remembered, `at_rest` drags
that were left alone, `watching` how long others have been silent, and `ending` how the cycle ended.
"""

from vaultkit.driver.loop import Driver, Wishes
from vaultkit.driver.watching import moment

__all__ = ["Driver", "Wishes", "moment"]
