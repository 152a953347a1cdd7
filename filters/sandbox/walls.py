"""The two walls that can be built: namespaces with a root of their own, or Landlock alone.

`namespaces` is the stronger tier: a program sees a root with the standard library and nothing else, no process but its own,
no network, and a small folder `/tmp` that is gone with it. `landlock` is for containers and machines that allow no
namespaces: the same system calls are refused, nothing but the standard library can be opened, and nothing written.
Both give up every privilege, and neither is left again. `none` has limits of time, memory and output, and no walls: it is only
for who asks for that by name.
"""

from __future__ import annotations

import gc
import io
import os
import resource
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, NoReturn

from filters.sandbox import kernel, landlock, seccomp

Tier = Literal["namespaces", "landlock", "none"]
NOBODY: Final = 65534
_USERS: Final = 0x60000000
"""The first of the numbers of users that no machine has."""
EXIT: Final = os._exit
"""Taken before any program could put another in its place."""
_NEW_ROOT: Final = "/sys"
"""Where the new root is put together: a folder that every machine has, and that hides nothing that is bound."""
_WRITABLE: Final = "/box"
"""Landlock's rule on a folder holds for what is mounted inside it, and not for what is mounted on it."""
SCRATCH: Final = f"{_WRITABLE}/tmp"  # noqa: S108  in a root of its own
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
THREADS: Final = 1024
"""Threads of a program, where they can be counted."""
_STDIN: Final = f"{SCRATCH}/.stdin"


class Limits(NamedTuple):
    """What a program may take: seconds of processor and of wall time, bytes of memory, of each output, and of its folder.

    reserved: whether memory counts that is only reserved; some languages reserve far more than they ever use.
    """

    cpu_s: float = 10.0
    wall_s: float = 60.0
    memory: int = 1 << 30
    output: int = 16 << 20
    folder: int = 64 << 20
    reserved: bool = True


class Walls(NamedTuple):
    """Walls that stand: their tier, and the rules of Landlock as a file descriptor, where the kernel has it.

    folder: where files can be changed, in a tier that has no folder for each program. user: who root becomes; threads are
    counted by user, and those of one sandbox must not be held against another's.
    """

    tier: Tier
    rules: int | None
    folder: str = ""
    user: int = NOBODY


def build(tier: Tier, readable: Sequence[str], folder: str = "") -> Walls:
    """The walls of a tier, round this process or for those that it starts. Raises OSError.

    readable: what programs may read. folder: where files can be changed, for a tier that has no folder for each program.
    """
    if tier == "none":
        return Walls(tier, None, folder)
    return build_namespaces(readable) if tier == "namespaces" else build_landlock(readable, folder)


def build_namespaces(readable: Sequence[str]) -> Walls:
    """Move this process, which must have one thread, behind namespaces; whoever returns from here is their first process.

    readable: the places that programs may read. Raises OSError where the machine does not allow it.
    """
    user = _USERS + os.getpid()
    kinds = kernel.NEWNS | kernel.NEWPID | kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS
    if os.geteuid() == 0:
        kernel.unshare(kinds)
    else:
        _leave_users(kinds)
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    _build_root(readable)
    _become_first()
    rules = landlock.make_ruleset(["/"], [_WRITABLE, "/dev/null"]) if landlock.find_version() else None
    return Walls("namespaces", rules, user=user)


def build_landlock(readable: Sequence[str], folder: str = "") -> Walls:
    """Make the rules by which programs reach nothing but these places. Raises OSError where the kernel has no Landlock."""
    places = [*readable, *(device for device in DEVICES if Path(device).exists())]
    writable = [folder, "/dev/null"] if folder else []
    return Walls("landlock", landlock.make_ruleset(places, writable), folder)


def _leave_users(kinds: int) -> None:
    """An ordinary user gets namespaces by way of one of users, in which this user is nobody."""
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(kernel.NEWUSER | kinds)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {uid} 1"),
        ("gid_map", f"{NOBODY} {gid} 1"),
    ):
        Path(f"/proc/self/{name}").write_text(text)


def _build_root(readable: Sequence[str]) -> None:
    """A root in memory with read-only views of what may be read, and leave the old one."""
    kernel.mount("sandbox", _NEW_ROOT, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
    for path in readable:
        _show(path)
    new = Path(_NEW_ROOT)
    (new / "dev").mkdir(exist_ok=True)
    for device in DEVICES:
        if Path(device).exists():
            _bind(device, f"{_NEW_ROOT}{device}")
    (new / "dev" / "stdin").symlink_to(_STDIN)
    Path(f"{_NEW_ROOT}{SCRATCH}").mkdir(parents=True)
    if not (new / "tmp").exists():  # where this Python lies below it
        (new / "tmp").symlink_to(SCRATCH)
    (new / "old").mkdir()
    kernel.change_root(_NEW_ROOT, f"{_NEW_ROOT}/old")
    os.chdir("/")
    kernel.detach("/old")
    Path("/old").rmdir()
    kernel.make_readonly("/", devices=True)


def _show(path: str) -> None:
    place = Path(f"{_NEW_ROOT}{path}")
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if Path(path).is_symlink():
        place.symlink_to(Path(path).readlink())
        return
    _bind(path, str(place))
    kernel.make_readonly(str(place))


def _bind(path: str, place: str) -> None:
    if Path(path).is_dir():
        Path(place).mkdir(parents=True, exist_ok=True)
    else:
        Path(place).touch()
    kernel.mount(path, place, "", kernel.MS_BIND | kernel.MS_REC)


def _become_first() -> None:
    """Go on as the first process of the new namespace, with whose end the kernel ends all others; the old one waits for it."""
    first = os.fork()
    if first:
        os.closerange(0, 65536)
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    kernel.die_with_parent(signal.SIGKILL)


def shut_in(walls: Walls, limits: Limits, files: Sequence[int], kind: seccomp.Kind = "script") -> None:
    """Put this process, which was forked for one program, behind the walls for good.

    files: the descriptors that are to be its input, output, errors and what else it has, from 0 on. kind: what it will run.
    """
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.setsid()
    if walls.tier == "none":
        if walls.folder:
            os.chdir(walls.folder)
        _set_limits(limits, walls.tier, kind)
        _keep_files(files)
        kernel.die_with_parent(signal.SIGKILL)
        return
    if walls.tier == "namespaces":
        _make_scratch(limits, files[0])
    elif walls.folder:
        os.chdir(walls.folder)
    if walls.rules is not None:
        kernel.forbid_new_privileges()
        landlock.restrict(walls.rules)
    _set_limits(limits, walls.tier, kind)
    _keep_files(files)
    if os.getuid() == 0 and (walls.tier == "namespaces" or can_be_nobody()):
        _become_nobody(walls.user)
    kernel.drop_capabilities()
    kernel.forbid_new_privileges()
    kernel.die_with_parent(signal.SIGKILL)
    kernel.refuse_tracing()
    writes = walls.tier == "namespaces" or bool(walls.folder)
    seccomp.install(seccomp.make_filter(os.getpid(), writes, kind))


def _become_nobody(user: int) -> None:
    """Give up being root, for a user that nobody is, or where the machine has no such number, for nobody."""
    os.setgroups([])
    for one in (user, NOBODY):
        with suppress(OSError):
            os.setresgid(one, one, one)
            os.setresuid(one, one, one)
            return
    raise OSError("this process cannot give up being root")


def _make_scratch(limits: Limits, stdin: int) -> None:
    """A folder of the program's own, with its input under a name, too."""
    kernel.unshare(kernel.NEWNS)
    options = f"mode=1777,size={limits.folder},nr_inodes=4096"
    kernel.mount("scratch", SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC, options)
    size = os.fstat(stdin).st_size
    if size <= limits.folder // 2:
        copy = os.open(_STDIN, os.O_CREAT | os.O_WRONLY, 0o444)
        done = 0
        while done < size:
            done += os.sendfile(copy, stdin, done, size - done)
        os.close(copy)
    os.chdir(SCRATCH)


def _set_limits(limits: Limits, tier: Tier, kind: seccomp.Kind) -> None:
    """Limits that the program can only lower. Threads are counted where the count is its user's of this namespace alone.

    The stack is no limit: what it grows to is memory. But each thread has as much unless told, so it is large only where a
    program is not likely to have several.
    """
    stack = min(256 << 20, limits.memory // 4) if kind == "binary" and limits.reserved else 64 << 20
    seconds = max(1, int(limits.cpu_s) + 1)
    wanted = (
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_AS if limits.reserved else resource.RLIMIT_DATA, limits.memory, limits.memory),
        (resource.RLIMIT_FSIZE, limits.output, limits.output),
        (resource.RLIMIT_NOFILE, 64, 64),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_STACK, stack, resource.RLIM_INFINITY),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
        *([(resource.RLIMIT_NPROC, THREADS, THREADS)] if tier == "namespaces" else []),
    )
    for which, soft, hard in wanted:
        most = resource.getrlimit(which)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), most if hard == resource.RLIM_INFINITY else min(hard, most)
        resource.setrlimit(which, (soft, hard))


def _keep_files(files: Sequence[int]) -> None:
    """Make these the only open files."""
    kept = [os.dup(file) for file in files]  # above all targets, which may be among them
    while min(kept) < len(files):
        kept = [os.dup(file) for file in kept]
    for target, file in enumerate(kept):
        os.dup2(file, target)
    kernel.close_from(len(files))


def can_be_nobody() -> bool:
    """Whether nobody reaches the standard library, of which modules are imported while a program runs."""
    return all(folder.stat().st_mode & 0o001 for folder in Path(os.__file__).parents)


def leave(code: int, streams: Iterable[Any]) -> NoReturn:
    """End this process at once, with what was written given out, as Python does at its end. streams: those it began with."""
    written = [
        one for one in gc.get_objects() if issubclass(type(one), (io.TextIOWrapper, io.BufferedWriter))
    ]
    for stream in (*streams, *written):
        with suppress(BaseException):  # it is closed, or the program's own
            stream.flush()
    EXIT(code)
