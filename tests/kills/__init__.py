"""Real kills: `kill -9` at every call that changes the disk, a restart, and what must hold then.

`warm` is a process that has imported everything and forks one child for each command, so that a
restart is a new process without half a second of imports. `machine` runs commands there, also under
strace, which kills. `trace` reads what strace wrote, and `durable` what a power cut could still take
back. `stories` say what is run and killed, in which `folders`. `demands` is what must hold after the
restart. `sweep` goes through the kill points.
"""
