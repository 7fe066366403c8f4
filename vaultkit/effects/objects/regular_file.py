"""Opening only what is an ordinary file, without ever waiting for it.

Where others can write, a pipe may stand under the name of an object, and opening it would wait for
ever for somebody to write into it; a link may lead to any file of this machine.
"""

from __future__ import annotations

import errno
import os
import stat
from io import FileIO

_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def open_regular(path: str, *, follow: bool = False) -> FileIO | None:
    """The file at `path`, unbuffered; None if there is none or it is of another kind, or a link.

    With `follow` a link is as good as what it leads to.
    """
    try:
        handle = os.open(path, os.O_RDONLY | _AT_ONCE | (0 if follow else _NO_LINK))
    except OSError as error:
        if error.errno in _NO_FILE or os.path.isdir(path):  # Windows opens no folder
            return None
        raise
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return FileIO(handle)
    os.close(handle)
    return None
