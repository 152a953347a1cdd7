"""The composition root: which commands there are, and what an error looks like.

Commands are named as strings and imported when called, so that `r1curate --help` imports none of the
libraries the work needs.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import gc
import os
import signal
import sys
import threading
import traceback
from types import FrameType
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from curate.cli.commands import COMMANDS, load_command
from filters.errors import UserError

STDERR_NUMBER = 2
INTERRUPTED_CODE = 130
"""The exit code that typer makes of Ctrl-C."""

USAGE_ERROR: Any = typer.BadParameter.__base__
"""What typer raises of flags it cannot take; its own name for it has moved."""

DENIED_ERRORS = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.EISDIR,
    errno.ENAMETOOLONG,
)
"""What the system says of a place that this user may not read or write, or that is a file and not a folder."""


def _explain_usage(error: Any, page: str) -> str:
    """A refused flag in one sentence, with the nearest one or the help page to look at."""
    said, _, _ = error.format_message().rstrip(".").partition(" (Possible options")
    near = getattr(error, "possibilities", None)
    if not near:
        return f"{said}; see {page}."
    from filters.chosen_names import suggest_name

    return f"{said}; {suggest_name(error.option_name, near)}"


class LazyGroup(TyperGroup):
    """A command group that lists its commands from a table and imports one when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in with the command's one line: enough to list it."""
        entry = COMMANDS.get(cmd_name)
        return None if entry is None else TyperCommand(cmd_name, help=entry.help)

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Take what stands before the command; without anything the help is shown."""
        given = bool(args)
        try:
            return super().parse_args(ctx, args)
        except USAGE_ERROR as error:
            if not given:
                raise
            raise UserError(_explain_usage(error, "r1curate --help")) from None

    def invoke(self, ctx: Any) -> Any:
        """Call a command; what it refuses of its flags is told as every other mistake is."""
        try:
            return super().invoke(ctx)
        except USAGE_ERROR as error:
            raise UserError(_explain_usage(error, f"r1curate {ctx.invoked_subcommand} --help")) from None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command, imported now."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from filters.chosen_names import suggest_name

            raise UserError(f"There is no command '{args[0]}'; {suggest_name(args[0], COMMANDS)}")
        name, stand_in, rest = super().resolve_command(ctx, args)
        return name, (build_command(name) if name and stand_in else stand_in), rest


def build_command(name: str) -> Any:
    """Import a command and build its flags."""
    from curate.cli.arrays import give_to_array
    from curate.cli.flags import make_command

    if (
        name == "mix"
    ):  # numpy's threads spin from their start on, and here, unlike where torch is, nothing needs them
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    model, function = load_command(name)
    command = make_command(name, model, give_to_array(name, function))
    gc.set_threshold(50_000)
    gc.freeze()  # what the modules hold stays: the collector need not look through it again and again
    return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root() -> None:
    """Rejection sampling to SFT, the DeepSeek-R1 way: sample, verify, filter, mix, distill, measure.

    Exit codes: 0: all that was asked is done, or was refused for good and is counted. 1: an internal error, or work
    left undone. 2: a mistake in the input. 130: interrupted, by Ctrl-C or SIGTERM.
    """


def main() -> None:
    """Run the command line; exit 0 when the work was done, 2 for a user's mistake, 1 for an internal error or work left undone, 130 for an interrupt."""
    _open_closed_streams()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
    # Read when torch is first imported: threads that spin while they wait starve each other on busy cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # For children that libraries start: they import nothing from the current folder.
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        app()
    except UserError as error:
        _fail(str(error), error.exit_code)
    except (SystemExit, KeyboardInterrupt) as stop:
        if isinstance(stop, SystemExit) and stop.code != INTERRUPTED_CODE:
            raise
        _tell("Interrupted. Finished work is kept; run the same command again to resume.")
        _end_now(INTERRUPTED_CODE)
    except Exception as error:  # noqa: BLE001  the one handler of all
        from curate.store.full_disk import is_disk_full

        if is_disk_full(error):
            _fail(
                "The disk is full. Finished work is kept; free some space and run the same command again to resume.",
                1,
            )
        if isinstance(error, OSError) and error.errno in DENIED_ERRORS:
            _fail(f"'{error.filename}' cannot be used: {error.strerror}.", 2)
        _fail(f"internal error\n{traceback.format_exc().rstrip()}", 1)


def _open_closed_streams() -> None:
    """Give streams that the caller has closed (`>&-`) a place to go: Python has none for them, and files would take their numbers."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= STDERR_NUMBER:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does: batch systems and containers ask with SIGTERM, also where Ctrl-C is ignored."""
    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


def _fail(text: str, code: int) -> NoReturn:
    _tell(text)
    raise SystemExit(code)


def _tell(text: str) -> None:
    from curate.console import write_message

    write_message(f"r1curate: {text}")


def _end_now(code: int) -> NoReturn:
    """End the process once what was registered for its end is done, whatever threads are left.

    Python would wait for its threads; and an engine that was interrupted while it loads leaves threads of C++,
    whose end by Python's own is an abort.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
