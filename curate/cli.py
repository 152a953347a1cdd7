"""The composition root: which commands there are, and what an error looks like.

Commands are named as strings and imported when called, so that `r1curate --help` imports none of the
libraries the work needs.
"""

from __future__ import annotations

import errno
import sys
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from filters.vocabulary import UserError


class Entry(NamedTuple):
    """Where a command's function and option model live, and its line in `r1curate --help`."""

    module: str
    function: str
    options: str
    help: str


COMMANDS: dict[str, Entry] = {
    "run": Entry("curate.recipe", "run", "RunOptions", "Run a recipe, all its stages; go on where it was."),
    "generate": Entry(
        "curate.generate",
        "generate",
        "GenerateOptions",
        "Sample responses to prompts, verified while sampling.",
    ),
    "verify": Entry("curate.verify", "verify", "VerifyOptions", "Check whether answers are correct."),
    "filter": Entry("curate.verify", "filter_samples", "FilterOptions", "Check whether chains are readable."),
    "mix": Entry(
        "curate.mix", "mix", "MixOptions", "Select good samples and merge sets into one to train on."
    ),
    "distill": Entry("distill.sft", "distill", "DistillOptions", "Fine-tune a student on a set."),
    "evaluate": Entry(
        "distill.evaluate", "evaluate", "EvaluateOptions", "Measure pass@1 and cons@k of a model."
    ),
    "publish": Entry(
        "curate.publish", "publish", "PublishOptions", "Make a Hub dataset or model folder; push it."
    ),
    "report": Entry(
        "curate.report", "report", "ReportOptions", "Show what a run did; write its HTML report."
    ),
    "explain": Entry(
        "curate.explain", "explain", "ExplainOptions", "Trace one row: prompt, response, verdicts."
    ),
    "recipes": Entry(
        "curate.recipe", "recipes", "RecipesOptions", "List the recipes that come along; copy one."
    ),
    "doctor": Entry(
        "curate.doctor", "doctor", "DoctorOptions", "Say what this machine can run, what is missing."
    ),
}


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
        return name, (load(name) if name and stand_in else stand_in), rest


def load(name: str) -> Any:
    """Import a command and build its flags."""
    from curate.options import command

    entry = COMMANDS[name]
    module = import_module(entry.module)
    return command(name, getattr(module, entry.options), getattr(module, entry.function))


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
