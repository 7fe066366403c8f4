"""A `vaultkit` command that ends itself with `kill -9` as it comes to its N-th change of the disk.

python -m tests.mortal N -C VAULT WORDS...
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from vaultkit.cli.main import vaultkit
from vaultkit.effects.files import VaultFiles
from vaultkit.effects.objects import GitObjects


def main(last: int, words: list[str]) -> None:
    left = last

    def mortal(work: Callable[..., Any]) -> Callable[..., Any]:
        def change(*arguments: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return work(*arguments)

        return change

    for kind, name in ((VaultFiles, "replace"), (VaultFiles, "remove"), (GitObjects, "move_head")):
        setattr(kind, name, mortal(getattr(kind, name)))
    vaultkit.main(words, standalone_mode=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
