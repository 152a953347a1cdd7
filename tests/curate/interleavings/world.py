"""The small world the commands work in: prompts, scripted answers whose texts follow from seeds, and a check of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from curate.options import fill
from curate.sampling.sampler import derive_seed
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.generate import GenerateOptions, generate_samples
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.layout import PARTIAL, Run, list_parts
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.stage import evaluate_model
from filters.engine import SamplingOptions
from filters.types import Prompt

QUESTIONS: Final = tuple((f"What is {n} + {n}?", str(2 * n)) for n in range(2, 6))
PROMPTS: Final = tuple(Prompt.make(question, answer) for question, answer in QUESTIONS)
SAMPLING: Final = {
    "generate": SamplingOptions(max_tokens=64),
    "evaluate": SamplingOptions(temperature=0.6, top_p=0.95, max_tokens=64),
}
OWN: Final = """
from typing import ClassVar
from filters import SampleCheck, Verdict

class Own(SampleCheck):
    rules: ClassVar = {{"odd": "it is odd"}}

    def judge(self, sample):
        return Verdict(len(sample.response) % {number} != 0, "odd")
"""


def build_world(folder: Path) -> None:
    """Write the files that the commands are given."""
    rows = [{"prompt": question, "answer": answer} for question, answer in QUESTIONS]
    _write(folder / "prompts.jsonl", rows)
    general = [{"prompt": f"Say {word}.", "response": word} for word in ("one", "two", "three")]
    _write(folder / "general.jsonl", general)
    for model in ("a", "b"):
        lines = [
            {"prompt": question, "responses": list_responses(model, answer)} for question, answer in QUESTIONS
        ]
        _write(folder / f"{model}.jsonl", lines)
    votes = [
        {"prompt": "*", "responses": [{"text": "It is right.\nCORRECT"}, {"text": "It is not.\nINCORRECT"}]}
    ]
    _write(folder / "judge.jsonl", votes)
    change_check(folder, 3)


def change_check(folder: Path, number: int) -> None:
    """Write the check of one's own, with another rule for each number."""
    (folder / "own.py").write_text(OWN.format(number=number), "utf-8")


def list_responses(model: str, answer: str) -> list[dict[str, Any]]:
    """What a prompt's seeds are answered: right, wrong, undecidable, unreadable, refused and failed."""
    right = f"<think>\n{model} adds up.\n</think>\nIt is \\boxed{{{answer}}}."
    return [
        {"text": right},
        {"text": right.replace(answer, "1", 1)},
        {"text": f"{model}: \\boxed{{{answer}}}"},
        {"text": f"<think>\n{model} \\boxed{{{answer}}}", "finish": "length"},
        {"text": "<think>\nhm\n</think>\nmaybe \\boxed{\\foo{?}}"},
        {"refused": "the prompt is too long"},
        {"error": "no answer"},
    ]


def expect_response(model: str, prompt: Prompt, index: int, command: str = "generate") -> dict[str, Any]:
    """What the scripted model answers to a prompt's sample."""
    responses = list_responses(model, str(prompt.answer))
    return responses[derive_seed(SAMPLING[command], prompt, index) % len(responses)]


def run_step(folder: Path, step: dict[str, Any]) -> int:
    """Run one command in this process and give its exit code."""
    run = folder / "run"
    common = {"run": run, "prompts": str(folder / "prompts.jsonl"), "workers": 1}
    asked = {**common, "sampling": {"max_tokens": 64}}
    match step["do"]:
        case "generate":
            given = {**asked, "engine": _engine(folder, step["model"]), **step["options"]}
            return generate_samples(fill(GenerateOptions, given, "generate")).exit_code
        case "evaluate":
            given = {**asked, "engine": _engine(folder, "a"), "name": "e", "samples": step["samples"]}
            return evaluate_model(fill(EvaluateOptions, given, "evaluate")).exit_code
        case "verify":
            given = {
                "source": str(run),
                "workers": 1,
                "check": [_resolve(folder, one) for one in step["checks"]],
            }
            return verify_samples(fill(VerifyOptions, given, "verify")).exit_code
        case "filter":
            given = {
                "source": str(run),
                "workers": 1,
                "check": [_resolve(folder, one) for one in step["checks"]],
            }
            return filter_samples(fill(FilterOptions, given, "filter")).exit_code
        case "mix":
            sources = [one.replace("general", str(folder / "general.jsonl")) for one in step["sources"]]
            given = {"run": run, "source": sources, "name": step["name"], "seed": step["seed"]}
            return mix_samples(fill(MixOptions, given, "mix")).exit_code
        case "change check":
            change_check(folder, step["number"])
        case "delete":
            _delete(Run(run), step["what"], step["number"])
    return 0


def _engine(folder: Path, model: str) -> dict[str, Any]:
    return {"kind": "scripted", "model": str(folder / f"{model}.jsonl"), "concurrency": 5}


def _resolve(folder: Path, check: Any) -> Any:
    if check == "judge":
        return {"check": "judge", "after": "math_answer", "options": {"engine": _engine(folder, "judge")}}
    return f"{folder / 'own.py'}:Own" if check == "own" else check


def _delete(run: Run, what: str, number: int) -> None:
    """Delete a part of samples, whole or not, or of verdicts, as a person might."""
    folder = run.samples("teacher") if what != "verdicts" else run.verdicts("teacher")
    files = (
        sorted(folder.rglob("*.parquet"))
        if what == "verdicts"
        else list_parts(folder, {"samples": "part"}.get(what, PARTIAL))
    )
    if files:
        files[number % len(files)].unlink()


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
