"""Programs that models wrote, run on this machine behind walls that the kernel keeps.

A warm process per sandbox stands behind the walls already and forks for each program (`zygote`), so that a program costs less
than a start of Python. What a program must print never goes in: outputs are compared outside. The walls have two tiers, of which
the strongest that this machine allows, and that its own test finds tight, is taken (`self_test`); where there is none, nothing is run.

Why the kernel's own calls and not bubblewrap: it is not on PyPI and does not work in ordinary containers; started by root it leaves
/proc/sys writable, and /proc/1/environ shows the caller's environment; and its start alone costs as much as Python's.

A program has one process and its threads; it can start no other, and no program. It sees the standard library (with what is
installed beside it), in the tier `namespaces` also a folder of its own that is gone with it, and no network, nothing of the caller's environment, no
other process and no file of the user's. Its processor time, memory, output and folder are limited. A program that was compiled is
become by its process from a file in memory; a compiler may start its own parts, and runs nothing of the program's.

Code that tries a program (`run_tests`) runs in a second process behind the same walls. The two share one socket, by which plain
values pass (`plain_values`), and things of the program's stay where they are (`remote_things`).

Not covered: faults of the kernel itself; timing and other side channels; in the tier `landlock` sizes and times of the
user's own files (`stat`), which no rule of Landlock's forbids, and the number of threads, which memory alone bounds there; memory
of the kernel's own for open files and pipes, a few megabytes a program; a compiled program can become another file that it can
read and run, as the machine's own loader, behind the walls that it has; a compiler whose sandbox is itself killed in the tier
`landlock` ends by its limit of time; machines other than x86_64 and aarch64, and the latter is untried.
"""
