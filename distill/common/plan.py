"""What a training starts from: its folder, its base model, and the content key of all that decides the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from curate.engines.identity import Source, find_model, find_template
from curate.store.layout import name_run
from distill.common.options import TrainingOptions
from filters.digest import digest_file
from filters.engine import EngineOptions


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training starts from, and the content key of all of it."""

    folder: Path
    base: Source
    key: str

    @property
    def aside(self) -> Path:
        """Where the training keeps its data, its checkpoints and the unfinished model."""
        return self.folder.with_name(f".{self.folder.name}.{self.key[:8]}")


def resolve_start(options: TrainingOptions) -> tuple[Path, Source, str | None]:
    """The trained model's folder, the weights it starts from, and the digest of the template given for it.

    Raises UserError where the model or the template cannot be found.
    """
    base = find_model(EngineOptions(model=options.model, revision=options.revision))
    template = None if options.template is None else digest_file(find_template(options.template))
    return name_run(options.run).model(options.name), base, template
