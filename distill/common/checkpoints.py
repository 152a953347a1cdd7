"""A checkpoint counts once it is sealed: all processes have written, all is on the disk, and its files are listed with their sizes.

Trainers of transformers write a checkpoint's files one after the other into its folder, and go on in silence without
some of them: a training that lost its scheduler's state would end with other weights than it should.
"""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError

from curate.store.whole_files import read_json, write_json
from distill.common import parallel
from distill.common.plan import Plan
from filters.errors import UserError

SEAL: Final = "files.json"
"""In a checkpoint's folder: the size in bytes of each file, written last."""
STATE: Final = "trainer_state.json"
"""Where a trainer of transformers keeps at which step it is."""
UNREADABLE: Final = (
    OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError, pickle.UnpicklingError, SafetensorError
)  # fmt: skip
"""What libraries raise of a file that is not what was written."""


class SealedCheckpoints:
    """Before the class of a trainer of transformers: it seals each checkpoint before it removes the one before."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)  # type: ignore[misc]
        place = parallel.get_process_state()
        place.wait_for_everyone()
        if place.is_main_process:
            folder = Path(self._get_output_dir(trial=trial)) / f"checkpoint-{self.state.global_step}"  # type: ignore[attr-defined]
            seal(folder)
            for other in list_folders(folder.parent):
                if other != folder:
                    shutil.rmtree(other)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        with _explain(resume_from_checkpoint):
            super()._load_from_checkpoint(resume_from_checkpoint, model)  # type: ignore[misc]

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        with _explain(checkpoint):
            super()._load_optimizer_and_scheduler(checkpoint)  # type: ignore[misc]

    def _load_rng_state(self, checkpoint: str | None) -> None:
        with _explain(checkpoint):
            super()._load_rng_state(checkpoint)  # type: ignore[misc]


def seal(checkpoint: Path) -> None:
    """Force a checkpoint's files to the disk and list them; from now on it counts."""
    sizes = {}
    for path in sorted(checkpoint.rglob("*")):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if path.is_file():
            sizes[str(path.relative_to(checkpoint))] = path.stat().st_size
    write_json(checkpoint / SEAL, sizes)


def is_whole(checkpoint: Path) -> bool:
    """Whether a checkpoint was sealed and has all its files, of the sizes they had."""
    try:
        sizes = read_json(checkpoint / SEAL)
        return all((checkpoint / name).stat().st_size == size for name, size in sizes.items()) and isinstance(
            read_json(checkpoint / STATE), dict
        )
    except (UserError, OSError, AttributeError):
        return False


def list_folders(checkpoints: Path) -> list[Path]:
    """The checkpoints of a folder, whole or not, by step."""
    numbered = [(path.name.partition("-")[2], path) for path in checkpoints.glob("checkpoint-*")]
    return [path for step, path in sorted((int(step), path) for step, path in numbered if step.isdigit())]


def find_checkpoint(plan: Plan) -> Path | None:
    """The last whole checkpoint of a training, or None."""
    return next(filter(is_whole, reversed(list_folders(plan.aside / "checkpoints"))), None)


@contextmanager
def _explain(checkpoint: str | None) -> Iterator[None]:
    """Raises UserError where a checkpoint's files have their sizes and are not what was written all the same."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except UNREADABLE as error:
        if checkpoint is None:
            raise
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(
            f"The checkpoint '{checkpoint}' cannot be read ({said}): it was damaged; remove it to start this training anew."
        ) from error
