"""The system calls that a program behind the walls may make; every other one fails as if it were forbidden to root.

The filter is a binary search over ranges of numbers: the kernel tries it for every number when it is installed, and a
chain of comparisons would take twice the time.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal

from filters.sandbox.kernel import MACHINE, call

_ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32: Final = 0x40000000
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_SET_MODE_FILTER: Final = 1
_LOAD, _JUMP, _EQUAL, _GREATER_EQUAL, _RETURN, _AND = 0x20, 0x05, 0x15, 0x35, 0x06, 0x54
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_READ: Final[Mapping[str, tuple[int | None, int | None]]] = {
    # name: x86_64, aarch64; None where there is no such call
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "stat": (4, None), "fstat": (5, 80), "lstat": (6, None),
    "poll": (7, None), "lseek": (8, 62), "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "pread64": (17, 67),
    "pwrite64": (18, 68), "readv": (19, 65), "writev": (20, 66), "access": (21, None), "pipe": (22, None),
    "select": (23, None), "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233), "dup": (32, 23),
    "dup2": (33, None), "pause": (34, None), "nanosleep": (35, 101), "getitimer": (36, 102), "alarm": (37, None),
    "setitimer": (38, 103), "getpid": (39, 172), "sendfile": (40, 71), "sendto": (44, 206), "recvfrom": (45, 207),
    "sendmsg": (46, 211), "recvmsg": (47, 212), "shutdown": (48, 210), "getsockname": (51, 204), "getpeername": (52, 205), "getsockopt": (55, 209), "exit": (60, 93), "uname": (63, 160), "fsync": (74, 82), "fdatasync": (75, 83), "ftruncate": (77, 46), "getdents": (78, None),
    "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50), "umask": (95, 166),
    "gettimeofday": (96, 169), "getrlimit": (97, 163), "getrusage": (98, 165), "sysinfo": (99, 179), "times": (100, 153),
    "getuid": (102, 174), "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173),
    "getpgrp": (111, None), "getgroups": (115, 158), "getresuid": (118, 148), "getresgid": (120, 150), "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137),
    "rt_sigsuspend": (130, 133), "sigaltstack": (131, 132), "statfs": (137, 43), "fstatfs": (138, 44),
    "getpriority": (140, 141), "sched_getparam": (143, 121), "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126), "arch_prctl": (158, None),
    "setrlimit": (160, 164), "gettid": (186, 178), "time": (201, None), "futex": (202, 98), "sched_getaffinity": (204, 123),
    "epoll_create": (213, None), "getdents64": (217, 61), "set_tid_address": (218, 96),
    "timer_settime": (223, 110), "timer_gettime": (224, 108), "timer_getoverrun": (225, 109), "timer_delete": (226, 111), "exit_group": (231, 94),
    "epoll_wait": (232, None), "epoll_ctl": (233, 21), "newfstatat": (262, 79),
    "faccessat": (269, 48), "pselect6": (270, 72), "ppoll": (271, 73), "set_robust_list": (273, 99),
    "get_robust_list": (274, 100), "epoll_pwait": (281, 22), "timerfd_create": (283, 85), "eventfd": (284, None),
    "timerfd_settime": (286, 86), "timerfd_gettime": (287, 87), "eventfd2": (290, 19), "epoll_create1": (291, 20),
    "dup3": (292, 24), "pipe2": (293, 59), "preadv": (295, 69), "pwritev": (296, 70), "getcpu": (309, 168),
    "getrandom": (318, 278), "membarrier": (324, 283), "copy_file_range": (326, 285), "preadv2": (327, 286),
    "pwritev2": (328, 287), "statx": (332, 291), "rseq": (334, 293), "faccessat2": (439, 439),
    "epoll_pwait2": (441, 441), "restart_syscall": (219, 128), "fadvise64": (221, 223), "msync": (26, 227),
    "wait4": (61, 260), "waitid": (247, 95),
}  # fmt: skip
"""What any program needs: its own memory, threads, time, signals and open files."""
_WRITE: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "readlink": (89, None), "readlinkat": (267, 78),
    "truncate": (76, 45), "rename": (82, None), "mkdir": (83, None), "rmdir": (84, None), "creat": (85, None),
    "link": (86, None), "unlink": (87, None), "symlink": (88, None), "chmod": (90, None), "fchmod": (91, 52),
    "mkdirat": (258, 34), "unlinkat": (263, 35), "renameat": (264, 38), "linkat": (265, 37), "symlinkat": (266, 36),
    "fchmodat": (268, 53), "utimensat": (280, 88), "fallocate": (285, 47), "renameat2": (316, 276),
}  # fmt: skip
"""What changes files: only where the program has a folder of its own."""
_START: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "execve": (59, 221), "vfork": (58, None), "fork": (57, None),
}  # fmt: skip
"""What starts other programs."""
_MARKS: Final = {"chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "utimensat": (280, 88)}
"""What changes a file's marks, which no rule of Landlock's forbids: for a compiler it does nothing, and says that it did."""
_OPEN: Final = {"open": (2, None), "openat": (257, 56)}
_XATTR: Final = {
    "getxattr": (191, 8), "lgetxattr": (192, 9), "fgetxattr": (193, 10), "listxattr": (194, 11), "llistxattr": (195, 12),
    "flistxattr": (196, 13), "setxattr": (188, 5),
}  # fmt: skip
_OTHERS: Final = {
    "clone": (56, 220), "kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261), "ioctl": (16, 29),
    "prctl": (157, 167), "socketpair": (53, 199), "socket": (41, 198), "clone3": (435, 435), "openat2": (437, 437),
    "fcntl": (72, 25), "close_range": (436, 436), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115), "execveat": (322, 281), "timer_create": (222, 107), "getsid": (124, 156), "getpgid": (121, 155),
}  # fmt: skip
"""Calls that are looked at more closely."""
Kind = Literal["script", "binary", "compiler"]
PROGRAM_FILE: Final = 3
"""The file that a binary lies in."""
_ANY_PID: Final = 0x7E57A1D5
"""Stands for the number of the process: no instruction has this value otherwise."""
_EMPTY_PATH: Final = 0x1000
_CLONE_THREAD: Final = 0x10000 | 0x400
"""A thread, which shares its open files: one with a table of its own would have a limit of its own."""
_NEW_NAMESPACES: Final = 0x7E020080
"""Of clone's flags, those that leave a namespace."""
_WRITING: Final = 0o3 | 0o100 | 0o1000 | 0o2000 | 0o20000000
"""Of open's flags: to write, create, truncate, append, or make a file without a name."""
_TERMINAL: Final = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""What ioctl may ask: whether it is a terminal and how large, how much can be read, and how a file is open."""
_DESCRIPTORS: Final = (0, 1, 2, 3, 1030)
"""What fcntl may do: copy a descriptor, and ask how it is open; no lock, lease, owner or signal."""
_SET_FLAGS, _ASYNC = 4, 0x2000
_CLOCKS: Final = 12
"""The clocks that are nobody's: every other one is a process' or a device's."""
_NAMES: Final = (15, 16, 0x53564D41)
"""What prctl may do: name a thread, and memory."""

_ON_CLOCKS: Final = ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create")

Instruction = tuple[int, int, int, int]


def make_filter(pid: int, writes: bool, kind: Kind = "script") -> bytes:
    """The filter for a program of this process id. writes: whether it has a folder to change files in.

    kind: a script, which runs in this process as it is; a binary, which this process becomes, from the file PROGRAM_FILE and
    no other; or a compiler, which starts others, and runs nothing of the program's.
    """
    return _make_template(writes, kind).replace(struct.pack("=I", _ANY_PID), struct.pack("=I", pid))


@lru_cache
def _make_template(writes: bool, kind: Kind) -> bytes:
    """The filter for any process: what takes time is done once, and before programs are forked."""
    return b"".join(struct.pack("=HBBI", *one) for one in _assemble(_ANY_PID, writes, kind))


def install(program: bytes) -> None:
    """Put this process, and all it starts, under a filter for good."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    call("seccomp", _SET_MODE_FILTER, 0, header)


def _number(pair: Sequence[int | None]) -> int | None:
    return pair[("x86_64", "aarch64").index(MACHINE)]


def _numbers(table: Mapping[str, tuple[int | None, int | None]]) -> set[int]:
    return {found for pair in table.values() if (found := _number(pair)) is not None}


def _assemble(pid: int, writes: bool, kind: Kind) -> list[Instruction]:
    always = _numbers(_READ) | (_numbers(_WRITE) if writes else set())
    if kind == "compiler":
        always = (always | _numbers(_START)) - _numbers(_MARKS)
    rules = [*_special_rules(pid, writes, kind)]
    head: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _ARCHITECTURES[MACHINE]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if MACHINE == "x86_64":
        head += [(_GREATER_EQUAL, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    for number, body in rules:
        head += [(_EQUAL, 0, len(body), number), *body]
    return head + _search(_ranges(always))


def _special_rules(pid: int, writes: bool, kind: Kind) -> Iterable[tuple[int, list[Instruction]]]:
    """The rules of the calls that are looked at more closely, each with its number; each ends in a return."""
    bodies = {
        "clone": [
            *_load(0),
            (_AND, 0, 0, _NEW_NAMESPACES | (0 if kind == "compiler" else _CLONE_THREAD)),
            (_EQUAL, 0, 1, 0 if kind == "compiler" else _CLONE_THREAD),
            _allow(),
            _refuse(),
        ],
        "execveat": [*_load(0), (_EQUAL, 1, 0, PROGRAM_FILE), _refuse(), *_load(4), *_any_of((_EMPTY_PATH,))]
        if kind == "binary"
        else [_refuse()],
        "kill": [*_load(0), (_EQUAL, 0, 1, pid), _allow(), _refuse()],
        "tgkill": [*_load(0), (_EQUAL, 0, 1, pid), _allow(), _refuse()],
        "prlimit64": [*_load(0), (_EQUAL, 1, 0, 0), (_EQUAL, 0, 1, pid), _allow(), _refuse()],
        "ioctl": [*_load(1), *_any_of(_TERMINAL)],
        "prctl": [*_load(0), *_any_of(_NAMES)],
        # Streams alone: a datagram can be sent to any socket that lies in the file system.
        "socketpair": [*_load(0), (_EQUAL, 1, 0, 1), _refuse(), *_load(1), (_AND, 0, 0, 0xF), *_any_of((1,))],
        "socket": [_refuse(errno.EACCES)],
        "fcntl": [
            *_load(1),
            (_EQUAL, 0, 4, _SET_FLAGS),
            *_load(2),
            (_AND, 0, 0, _ASYNC),
            (_EQUAL, len(_DESCRIPTORS) + 2, 0, 0),
            _refuse(),
            *_any_of(_DESCRIPTORS),
        ],
        "close_range": [*_load(2), *_any_of((0, 4))],
        **{name: [*_load(0), (_GREATER_EQUAL, 0, 1, _CLOCKS), _refuse(), _allow()] for name in _ON_CLOCKS},
        **{name: [*_load(0), *_any_of((0, pid))] for name in ("getsid", "getpgid")},
        "clone3": [_refuse(errno.ENOSYS)],
        "openat2": [_refuse(errno.ENOSYS)],
    }
    for name, others in _OTHERS.items():
        if (number := _number(others)) is not None:
            yield number, bodies[name]
    for name, pair in _OPEN.items():
        if (number := _number(pair)) is not None:
            flags = 1 if name == "open" else 2
            checked = [
                *_load(flags),
                (_AND, 0, 0, _WRITING),
                (_EQUAL, 0, 1, 0),
                _allow(),
                _refuse(errno.EACCES),
            ]
            yield number, [_allow()] if writes else checked
    for pair in _MARKS.values() if kind == "compiler" else ():
        if (number := _number(pair)) is not None:
            yield number, [_refuse(0)]
    for pair in _XATTR.values():
        if (number := _number(pair)) is not None:
            yield number, [_refuse(errno.EOPNOTSUPP)]


def _load(argument: int) -> list[Instruction]:
    """The lower half of an argument: the kernel reads no more of any that is looked at here."""
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument)]


def _any_of(values: Sequence[int]) -> list[Instruction]:
    last = len(values) - 1
    return [*((_EQUAL, last - at + 1, 0, value) for at, value in enumerate(values)), _refuse(), _allow()]


def _allow() -> Instruction:
    return (_RETURN, 0, 0, _ALLOW)


def _refuse(error: int = errno.EPERM) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | error)


def _ranges(numbers: set[int]) -> list[tuple[int, int]]:
    """Half-open ranges that cover just these numbers."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number:
            found[-1] = (found[-1][0], number + 1)
        else:
            found.append((number, number + 1))
    return found


def _search(ranges: Sequence[tuple[int, int]]) -> list[Instruction]:
    """A binary search of the number that is loaded: allowed in a range, refused between two."""
    bounds = [(0, False)]
    for start, end in ranges:
        bounds += [(start, True), (end, False)]
    return _split(bounds)


def _split(bounds: Sequence[tuple[int, bool]]) -> list[Instruction]:
    if len(bounds) == 1:
        return [_allow() if bounds[0][1] else _refuse()]
    middle = len(bounds) // 2
    low, high = _split(bounds[:middle]), _split(bounds[middle:])
    if len(low) < 256:
        return [(_GREATER_EQUAL, len(low), 0, bounds[middle][0]), *low, *high]
    return [(_GREATER_EQUAL, 0, 1, bounds[middle][0]), (_JUMP, 0, 0, len(low)), *low, *high]
