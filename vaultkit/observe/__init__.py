"""Looking at the disk: which notes may differ from the newest local commit?

The scan is the truth, hints only say where to look. A file whose `stat` is as last seen is not read
again; a file written within the last two seconds is not trusted to show a later write in its `stat`,
so it is remembered in a way that makes the next look read it again. A note that was just emptied is
most likely being saved (Obsidian truncates, then writes), so it is left for the next look.

People drag notes also while everything is looked at. Such a note may show at both places or at none, and its
move would pass for a new note and a removal. So where notes came or went, the folders that changed
meanwhile are looked at again.

Looking at everything walks folder by folder, beside what was seen before and beside the folder in
history, so memory follows the largest folder and the number of differences.
"""

from vaultkit.observe.observer import Observer
from vaultkit.observe.reader import RACY_SECONDS

__all__ = ["RACY_SECONDS", "Observer"]
