"""What runs a program in another place: this file's text is sent along with it, so it imports nothing of ours.

It keeps to what Python 3.8 has. Nothing here is to be trusted where the program runs, and nothing here needs to be: whether an
output or a value is right is told on this machine alone.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import sys
import traceback
import types
from collections import Counter, OrderedDict, defaultdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_MAPPINGS = (dict, Counter, OrderedDict, defaultdict)


def drive(
    source: str, cpu_s: float, memory: int, call: Sequence[Any] | None, names: Sequence[str], mark: str
) -> None:
    """Run a program as Python runs a script, and where `call` names a function and its arguments, call it and write its value.

    names: of the files that are the program's arguments. mark: what the value is written behind, in JSON, on a line of its own.
    """
    set_limits(cpu_s, memory)
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace")):
        stream.reconfigure(encoding="utf-8", errors=errors)  # type: ignore[union-attr]
    output = os.dup(1)
    program = types.ModuleType("program" if call else "__main__")
    program.__dict__["__builtins__"] = __builtins__
    sys.modules[program.__name__] = program
    sys.argv = ["program.py", *names]
    try:
        exec(compile(source.encode("utf-8", "replace"), "program.py", "exec", 0, True), program.__dict__)  # noqa: S102
        if call:
            _write_value(output, mark, find_function(program.__dict__, call[0])(*call[1]))
    except SystemExit:
        raise
    except BaseException:  # noqa: BLE001  the program's, told as Python tells it
        kind, error, frames = sys.exc_info()
        traceback.print_exception(kind, error, frames.tb_next if frames else None, limit=50)
        raise SystemExit(1) from None


def boot(given: Mapping[str, Any]) -> None:
    """Be the first process of a container: run the program in a second one, and tell how that ended as the last of the errors.

    A first process takes no signal that it has no handler for, so a program that is one could not be ended by its limits.
    """
    os.write(2, given["began"].encode())
    for name, content in given["named"].items():
        with open(name, "wb") as file:  # noqa: PTH123  as short as what is sent can be
            file.write(base64.b64decode(content))
    child = os.fork()
    if not child:
        return drive(**given["program"])
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))  # nobody has ended this container: it ends itself
    signal.alarm(int(given["wall_s"]) + 30)
    _, status, used = os.wait4(child, 0)
    died = os.WIFSIGNALED(status)
    told = {
        "code": 0 if died else os.WEXITSTATUS(status), "signal": os.WTERMSIG(status) if died else 0,
        "cpu_s": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss * 1024, "starved": count_starved(),
    }  # fmt: skip
    os.write(2, (given["ended"] + json.dumps(told)).encode())
    os._exit(0)


def set_limits(cpu_s: float, memory: int) -> None:
    """Limits that the program can only lower, where the place has none that are lower still."""
    seconds = int(cpu_s) + 1
    wanted = (
        (resource.RLIMIT_CPU, seconds, seconds + 1), (resource.RLIMIT_AS, memory, memory), (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_STACK, 64 << 20, 64 << 20),
    )  # fmt: skip
    for kind, soft, hard in wanted:
        most = resource.getrlimit(kind)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.setrlimit(kind, (soft, hard))


def count_starved() -> int:
    """How many processes of this container the kernel has ended for want of memory; 0 where it does not say."""
    try:
        with open("/sys/fs/cgroup/memory.events") as file:  # noqa: PTH123
            return sum(int(line.split()[1]) for line in file if line.startswith("oom_kill "))
    except (OSError, ValueError):
        return 0


def find_function(names: Mapping[str, Any], function: str) -> Any:
    """A program's function, or a method of its `Solution`, by its name."""
    found = names.get(function)
    if found is None and "Solution" in names:
        found = getattr(names["Solution"](), function, None)
    if found is None:
        raise NameError(f"name '{function}' is not defined")
    return found


def make_plain(value: Any) -> Any:
    """A value of JSON's own types, exactly; a tuple is a list. Raises TypeError for any other, also one that only looks like it."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (list, tuple) or (issubclass(kind, tuple) and hasattr(kind, "_fields")):
        return (
            [make_plain(one) for one in tuple.__iter__(value)]
            if kind is not list
            else [*map(make_plain, value)]
        )
    if kind in _MAPPINGS and all(type(key) in (str, int) for key in value):
        return {str(key): make_plain(one) for key, one in value.items()}
    raise TypeError(f"returned a {kind.__name__}, which is no plain value")


def _write_value(output: int, mark: str, value: Any) -> None:
    said = f"\n{mark}{json.dumps(make_plain(value))}\n".encode()
    sys.stdout.flush()
    while said:
        said = said[os.write(output, said) :]
