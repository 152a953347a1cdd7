"""Where things lie in a run folder: every folder and file name, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from curate.store.copies import find_folder, lists_folder, read_url
from curate.store.journal_lines import has_lines, list_journals
from curate.store.storage import STORAGE
from curate.store.whole_files import read_json, write_json
from filters.chosen_names import NAME, validate_name
from filters.errors import UserError

EVALUATION: Final = "eval-"
"""How the names of an evaluation's samples begin."""
MODEL_INFO: Final = "r1curate.json"
"""In the folder of a trained model, or of what `publish` made: what it was made from. Tells such a folder from others."""
SETS: Final = "sets"
"""The folder of a run that holds its sets."""
ROLLOUTS: Final = "rollouts.jsonl"
"""In the folder of a model trained on rewards: one group of samples per rollout."""
INSPECTION: Final = "inspection.json"
"""In the folder of a fine-tuned model: what the student saw of its set, with a few rows."""
FORMAT: Final = 2
"""The version of this layout and of the files in it. 1, which has no file that says so, knew no content keys."""
PART: Final = "part"
"""How the names of parts of whole samples, of prompts and of verdicts begin."""
PARTIAL: Final = "partial"
"""How the names of parts of samples that are not whole begin."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder; each method gives the path of one thing in it, whether it exists or not.

    temporary: whether it is gone with the command that made it, so that nothing in it is ever looked for again.
    """

    path: Path
    temporary: bool = False

    @property
    def recipe(self) -> Path:
        """What was asked of the run: its recipe, resolved."""
        return self.path / "recipe.yaml"

    @property
    def timings(self) -> Path:
        """Seconds by stage."""
        return self.path / "timings.json"

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.path / "report.html"

    @property
    def format(self) -> Path:
        """Which version of this layout the run has; absent in a run of the first."""
        return self.path / "format.json"

    def lock(self, kind: str, name: str = "") -> Path:
        """The lock of one thing of the run: of what kind, and its name."""
        return self.path / ".locks" / f"{kind}-{name}.lock"

    def prompts(self, name: str) -> Path:
        """The folder of the prompts that `samples(name)` answer."""
        return self.path / "prompts" / validate_name(name)

    def repairs(self, name: str) -> Path:
        """The references of these prompts that a judge was asked about, and what became of them."""
        return self.prompts(name) / "repairs.parquet"

    def repair_journal(self, name: str) -> Path:
        """What the judge said that is not in `repairs(name)` yet."""
        return self.prompts(name) / "repairs.jsonl"

    def samples(self, name: str) -> Path:
        """The folder of whole samples, partial ones, and the journal while they are being written."""
        return self.path / "samples" / validate_name(name)

    def journal(self, name: str, segment: str = "") -> Path:
        """Samples that are not yet in a part. segment: the one of several writers that they are of."""
        return self.samples(name) / (f"journal-{segment}.jsonl" if segment else "journal.jsonl")

    def list_segments(self, name: str) -> list[str]:
        """The writers that have left a journal, of those that wrote beside others."""
        names = (path.stem for path in list_journals(self.samples(name)))
        return [stem.partition("-")[2] for stem in names if "-" in stem]

    def generation(self, name: str) -> Path:
        """With which model and settings `samples(name)` were generated; absent for imported ones."""
        return self.samples(name) / "generation.json"

    def import_info(self, name: str) -> Path:
        """From which file `samples(name)` were imported; absent for generated ones."""
        return self.samples(name) / "adopted.json"

    def jobs(self, command: str, name: str = "") -> Path:
        """The folder of the jobs that a command has written for a batch system: their scripts and logs."""
        return self.path / "jobs" / validate_name(f"{command}-{name}" if name else command)

    def metrics(self, name: str) -> Path:
        """Throughput of `generate` over time, one line every few seconds."""
        return self.samples(name) / "metrics.jsonl"

    def verdicts(self, name: str) -> Path:
        """The folder of verdicts on `samples(name)`: one folder per check's label."""
        return self.path / "verdicts" / validate_name(name)

    def sidecar(self, name: str, label: str, part: Path) -> Path:
        """The verdicts of one check on one part of samples."""
        return self.verdicts(name) / label / part.name

    def signatures(self, name: str, label: str = "") -> Path:
        """The folder of the signatures of `samples(name)`: one folder per label of a check that compares all of them."""
        return self.path / "signatures" / validate_name(name) / label

    def checks(self, name: str) -> Path:
        """Which checks were asked for, in order."""
        return self.verdicts(name) / "checks.json"

    def verifier_audit(self, name: str) -> Path:
        """What `verify --audit` measured."""
        return self.verdicts(name) / "audit.json"

    def calibration(self, name: str, label: str) -> Path:
        """How often a check that asks a model errs, by its label."""
        return self.verdicts(name) / label / "calibration.json"

    def answers(self, name: str, label: str) -> Path:
        """What the model of a check answered; a journal by its name, which object stores hold in pieces."""
        return self.verdicts(name) / label / "journal-answers.jsonl"

    def usage(self, name: str, label: str) -> Path:
        """The requests and tokens of a check that asks a model."""
        return self.verdicts(name) / label / "usage.json"

    def filter_audit(self, name: str) -> Path:
        """What people judged in `filter --audit`."""
        return self.verdicts(name) / "filter-audit.json"

    def pass_rates(self, name: str) -> Path:
        """How often each prompt was answered correctly."""
        return self.path / "rates" / f"{validate_name(name)}.parquet"

    def set(self, name: str) -> Path:
        """The folder of a set that `mix` made."""
        return self.path / SETS / validate_name(name)

    def set_info(self, name: str) -> Path:
        """What a set was made from; a set counts as made once this file exists."""
        return self.set(name).with_name(f"{name}.json")

    def set_left_out(self, name: str) -> Path:
        """The samples that all checks of their source accept and that the set leaves out for what they have in common with others."""
        return self.set(name).with_name(f"{name}.left_out.parquet")

    def model(self, name: str) -> Path:
        """The folder of a trained model."""
        return self.path / "models" / validate_name(name)

    def model_info(self, name: str) -> Path:
        """What a model was trained on and how."""
        return self.model(name) / MODEL_INFO

    def rollouts(self, name: str) -> Path:
        """One group of samples per rollout of a training on rewards."""
        return self.model(name) / ROLLOUTS

    def inspection(self, name: str) -> Path:
        """What a fine-tuned model saw of its set."""
        return self.model(name) / INSPECTION

    def evaluation(self, name: str) -> Path:
        """The folder of an evaluation."""
        return self.path / "evals" / validate_name(name)

    def evaluation_metrics(self, name: str) -> Path:
        """The statistics of an evaluation."""
        return self.evaluation(name) / "metrics.json"

    def evaluation_grades(self, name: str) -> Path:
        """Each sample's grade by prompt, for paired comparisons."""
        return self.evaluation(name) / "grades.json"

    def published_folder(self, name: str) -> Path:
        """The folder that `publish` makes unless told otherwise."""
        return self.path / "published" / name

    def sample_names(self) -> list[str]:
        """The names under samples/, sorted."""
        return sorted(p.name for p in (self.path / "samples").glob("[!.]*") if p.is_dir())

    def set_names(self) -> list[str]:
        """The names of finished sets, sorted: where either the folder or the information is gone, there is none."""
        return sorted(p.stem for p in (self.path / SETS).glob("[!.]*.json") if p.with_suffix("").is_dir())

    def model_names(self) -> list[str]:
        """The names of trained models, sorted."""
        return sorted(p.parent.name for p in (self.path / "models").glob(f"[!.]*/{MODEL_INFO}"))

    def evaluation_names(self) -> list[str]:
        """The names of finished evaluations, sorted."""
        return sorted(p.parent.name for p in (self.path / "evals").glob("[!.]*/metrics.json"))

    def has_samples(self, name: str) -> bool:
        """Whether there is a folder of samples of that name; any text may be asked for."""
        return NAME.fullmatch(name) is not None and (self.path / "samples" / name).is_dir()

    def is_unfinished(self, name: str) -> bool:
        """Whether a killed `generate` left a journal that nothing but `generate` can take in."""
        return any(has_lines(journal) for journal in list_journals(self.samples(name)))


def open_run(path: str | Path) -> Run:
    """An existing run folder. Raises UserError where there is none."""
    folder = find_folder(path)
    if not folder.is_dir():
        raise UserError(f"There is no run folder '{folder}'.")
    if not any((folder / part).exists() for part in ("recipe.yaml", "samples", SETS, "models", "evals")):
        raise UserError(
            f"'{read_url(path) or path}' is not a run folder: it holds no samples, sets, models or evaluations."
        )
    return name_run(folder)


def name_run(path: str | Path) -> Run:
    """A run folder that need not be there yet. Raises UserError where a newer version made it."""
    run = Run(find_folder(path))
    _require_known_format(run)
    return run


def create_run(path: str | Path) -> Run:
    """A run folder to write to, new or existing; it says from now on that it has today's format.

    Raises UserError where a newer version made it.
    """
    run = name_run(path)
    if _require_known_format(run) < FORMAT:
        run.path.mkdir(parents=True, exist_ok=True)
        write_json(run.format, {"format": FORMAT})
    return run


def _require_known_format(run: Run) -> int:
    """The version of a run's format. Raises UserError where it is newer than this program knows."""
    try:
        about = read_json(run.format)
        said = 1 if about is None else about["format"]
    except (UserError, TypeError, KeyError):
        said = None
    if not isinstance(said, int):
        raise UserError(f"'{run.format}' does not say which format the run has; restore that file.")
    if said > FORMAT:
        raise UserError(
            f"'{run.path}' has format {said}, made by a newer r1curate; this one knows formats up to {FORMAT}: "
            "upgrade r1curate."
        )
    return said


def is_run(path: str | Path) -> bool:
    """Whether a folder, or an address, holds samples, as a run does."""
    return lists_folder(path, "samples")


MAGIC: Final = b"PAR1"
"""The first and the last bytes of a Parquet file."""


def list_parts(folder: Path, kind: str = PART) -> list[Path]:
    """The committed Parquet parts of a folder, in order. Raises UserError where one is not whole.

    A file without a byte is a fence: no part of that name can be committed any more (`curate.store.segments`).
    """
    parts = list_parts_there(folder, kind)
    for part in parts:
        require_parquet(part)
    return parts


def list_parts_there(folder: Path, kind: str = PART) -> list[Path]:
    """As `list_parts`, also those that are damaged."""
    return [part for part in STORAGE.list_files(folder, kind, ".parquet") if part.stat().st_size]


def require_parquet(path: Path) -> None:
    """Refuse a file that does not begin and end as Parquet does: it was cut off, or is something else."""
    with path.open("rb") as file:
        begin = file.read(len(MAGIC))
        file.seek(max(0, path.stat().st_size - len(MAGIC)))
        if (begin, file.read()) != (MAGIC, MAGIC):
            raise UserError(
                f"'{path}' is not a whole Parquet file: this run folder was damaged, or changed by hand."
            )
