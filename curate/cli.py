"""The composition root: which commands there are, and what an error looks like.

Commands are named as strings and imported when called, so that `r1curate --help` imports none of the
libraries the work needs.
"""

from __future__ import annotations

import errno
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from curate.commands import COMMANDS, load
from filters.vocabulary import UserError


class LazyGroup(TyperGroup):
    """A command group that lists its commands from a table and imports one when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in with the command's one line: enough to list it."""
        entry = COMMANDS.get(cmd_name)
        return None if entry is None else TyperCommand(cmd_name, help=entry.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command, imported now."""
        name, stand_in, rest = super().resolve_command(ctx, args)
        return name, (real_command(name) if name and stand_in else stand_in), rest


def real_command(name: str) -> Any:
    """Import a command and build its flags."""
    from curate.options import command

    return command(name, *load(name))


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root() -> None:
    """Rejection sampling to SFT, the DeepSeek-R1 way: sample, verify, filter, mix, distill, measure."""


def main() -> None:
    """Run the command line; exit 0 when the work was done, 2 for a user's mistake, 1 for a fault of ours."""
    try:
        app()
    except UserError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        _fail("Interrupted. What was finished is kept; the same command goes on from there.", 130)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _fail(
            "The disk is full. What was finished is kept; free some space and give the same command again.", 2
        )


def _fail(text: str, code: int) -> None:
    sys.stderr.write(f"r1curate: {text}\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
