"""The calls of Linux that Python does not offer, by number; each raises OSError where the kernel refuses."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final, NoReturn

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
MACHINE: Final = platform.machine()
_NUMBERS: Final = {
    # name: x86_64, aarch64
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "mount_setattr": (442, 442),
    "close_range": (436, 436),
    "execveat": (322, 281),
    "capset": (126, 91),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}
"""Where a call has no wrapper in every C library."""
MACHINES: Final = ("x86_64", "aarch64")

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1, 2, 4, 8, 32, 4096, 16384, 1 << 18,
)  # fmt: skip
_MNT_DETACH: Final = 2
_AT_FDCWD, _AT_RECURSIVE, _AT_EMPTY_PATH = -100, 0x8000, 0x1000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_LAST_CAPABILITY: Final = 63


def call(name: str, *arguments: int | bytes | None) -> int:
    """Make a system call by its name. Raises OSError with the name where it fails."""
    number = _NUMBERS[name][MACHINES.index(MACHINE)]
    words = [ctypes.c_char_p(one) if isinstance(one, bytes) else ctypes.c_long(one or 0) for one in arguments]
    found = int(_LIBC.syscall(ctypes.c_long(number), *words))
    if found < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return found


def control(option: int, *arguments: int) -> None:
    """Prctl. Raises OSError."""
    words = [ctypes.c_ulong(one) for one in (*arguments, 0, 0, 0, 0)[:4]]
    if _LIBC.prctl(ctypes.c_int(option), *words) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"prctl {option}: {os.strerror(error)}")


def unshare(flags: int) -> None:
    """Leave the caller's namespaces of these kinds for new ones."""
    call("unshare", flags)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system, or with MS_BIND what lies at `source`."""
    call("mount", os.fsencode(source), os.fsencode(target), kind.encode(), flags, options.encode())


def make_readonly(target: str, devices: bool = False) -> None:
    """Make a mount and all below it read-only, without set-uid programs and, unless `devices`, without devices."""
    wanted = MS_RDONLY | MS_NOSUID | (0 if devices else MS_NODEV)
    attributes = struct.pack("=QQQQ", wanted, 0, 0, 0)
    call("mount_setattr", _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, attributes, len(attributes))


def change_root(new: str, old: str) -> None:
    """Make `new` the root, with what was there before under `old` until it is let go of."""
    call("pivot_root", os.fsencode(new), os.fsencode(old))


def detach(target: str) -> None:
    """Take a mount, and all below it, out of the tree."""
    call("umount2", os.fsencode(target), _MNT_DETACH)


def close_from(first: int) -> None:
    """Close every file descriptor from `first` on."""
    call("close_range", first, 0xFFFFFFFF, 0)


def bound_capabilities() -> None:
    """Keep this process, and all it starts, from gaining a capability that it has not."""
    for number in range(_LAST_CAPABILITY + 1):
        try:
            control(_PR_CAPBSET_DROP, number)
        except OSError:  # no such capability, or none to drop it with
            break


def drop_capabilities() -> None:
    """Give up every capability for good."""
    with suppress(OSError):  # a kernel without ambient ones has none to clear
        control(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("=Ii", 0x20080522, 0)
    call("capset", header, bytes(24))


def forbid_new_privileges() -> None:
    """No program that is started from here on gains what this one has not."""
    control(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(signal: int) -> None:
    """Be sent a signal when the thread ends that started this process."""
    control(_PR_SET_PDEATHSIG, signal)


def adopt_orphans() -> None:
    """Be the parent of whatever a process below this one leaves behind, instead of the system's first process."""
    control(_PR_SET_CHILD_SUBREAPER, 1)


def refuse_tracing() -> None:
    """Keep others of this user from looking into this process."""
    control(_PR_SET_DUMPABLE, 0)


def become(file: int, arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Go on as the program in an open file. Raises OSError."""
    argv = (ctypes.c_char_p * (len(arguments) + 1))(*(one.encode() for one in arguments), None)
    lines = [f"{name}={value}".encode() for name, value in environment.items()]
    envp = (ctypes.c_char_p * (len(lines) + 1))(*lines, None)
    call("execveat", file, b"", ctypes.addressof(argv), ctypes.addressof(envp), _AT_EMPTY_PATH)
    raise AssertionError("the kernel came back")
