"""An evaluation says which of its prompts stand in what the model was trained on, and its score stays what it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from curate.stages.mix import MixOptions, mix_samples
from curate.store.finished_sets import compute_set_digest
from curate.store.layout import Run, create_run
from curate.store.whole_files import write_json
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.stage import evaluate_model
from distill.evaluation.trained_on import compare_with_training, find_training_sources
from filters.errors import UserError
from filters.types import Prompt
from tests.shown import shown

PROBLEMS = [
    "Anna has 3 red apples and buys 4 more of them in the market. How many apples has she now?",
    "The farmer counts ducks on his pond every morning and finds two more each day. When are there ten?",
    "Find the smallest positive integer whose square ends in the digits of its cube root and explain why.",
    "Seven friends share a long table at dinner, and none of the sisters sits beside her own brother. In how many ways?",
    "What is the sum of all primes below twenty that leave a remainder of one after division by six?",
    "Water flows into an empty tank at a steady rate while a leak lets a third of it out again. When is it full?",
]
OTHER = "A train leaves the city at noon and drives with eighty kilometres an hour. When is it at the sea?"


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def options(folder: Path, name: str, **more: Any) -> EvaluateOptions:
    lines = [{"prompt": text, "responses": [{"text": f"<think>\nI add.\n</think>\n\\boxed{{{n + 4 if n < 3 else 0}}}"}]} for n, text in enumerate(PROBLEMS)]  # fmt: skip
    script = write(folder / "script.jsonl", lines)
    prompts = write(
        folder / "problems.jsonl", [{"prompt": text, "answer": n + 4} for n, text in enumerate(PROBLEMS)]
    )
    return EvaluateOptions(run=folder / "run", name=name, prompts=str(prompts), samples=2, workers=1, engine={"kind": "scripted", "model": str(script)}, **more)  # fmt: skip


def read_metrics(folder: Path, name: str) -> dict[str, Any]:
    return json.loads((Run(folder / "run").evaluation(name) / "metrics.json").read_text())


def test_the_prompts_that_were_trained_on_are_counted_and_the_score_stays(tmp_path: Path):
    held = f"Solve it: {PROBLEMS[0].upper()}"
    rows = write(tmp_path / "set.jsonl", [{"prompt": text, "response": "<think>\n\n</think>\n\n1"} for text in (held, OTHER, held)])  # fmt: skip
    evaluate_model(options(tmp_path, "plain"))
    told = " ".join(shown(evaluate_model(options(tmp_path, "compared", trained_on=(str(rows),)))).split())
    plain, compared = (read_metrics(tmp_path, name) for name in ("plain", "compared"))
    assert plain["contamination"] is None and plain["pass@1"] == compared["pass@1"]
    found = compared["contamination"]
    assert found["contaminated"] == 1 and found["shown"][0]["set"] == str(rows)
    assert found["clean"]["value"] == pytest.approx(2 / 5) != compared["pass@1"]["value"]
    assert (
        "1 of 6 prompts stand in what the model was trained on" in told
        and "without them pass@1 is 40.0" in told
    )


def test_what_is_given_must_be_there_before_anything_is_sampled(tmp_path: Path):
    empty = write(tmp_path / "empty.jsonl", [])
    for given in (tmp_path / "none.jsonl", empty):
        with pytest.raises(UserError):
            evaluate_model(options(tmp_path, "e", trained_on=(str(given),)))
    assert not Run(tmp_path / "run").samples("eval-e").exists()


def make_model(run: Run, name: str, **about: Any) -> Path:
    write_json(run.model_info(name), {"name": name, "kind": "sft", "base": "", **about})
    return run.model(name)


def test_the_folders_of_models_say_what_they_and_their_bases_were_trained_on(tmp_path: Path):
    run = create_run(tmp_path / "run")
    (run.path / "sets").mkdir()
    rows = write(tmp_path / "rows.jsonl", [{"prompt": PROBLEMS[1], "response": "<think>\n\n</think>\n\n5"}])
    mix_samples(MixOptions(run=run.path, source=(str(rows),)))
    asked = write(tmp_path / "asked.jsonl", [{"question": PROBLEMS[2]}, {"question": PROBLEMS[3]}])
    first = make_model(run, "first", set="sft", set_digest=compute_set_digest(run.set("sft")))
    trained = {"prompts": str(asked), "split": "train", "map": {"prompt": "question"}, "limit": 1}
    last = make_model(run, "last", kind="grpo", base=str(first), options=trained)
    sources = find_training_sources(create_run(tmp_path / "elsewhere"), str(last), ())
    assert [one.name for one in sources] == [str(asked), "sft"]
    prompts = [Prompt.make(text, str(n)) for n, text in enumerate(PROBLEMS)]
    found = compare_with_training(prompts, sources)
    assert found is not None
    assert found["prompts"] == sorted(prompts[n].id for n in (1, 2))
    assert [(one["changed"], one["lost"]) for one in found["trained_on"]] == [(False, ""), (False, "")]
    mix_samples(MixOptions(run=run.path, source=(str(rows),), seed=1, name="sft", against=()))
    write(rows, [{"prompt": OTHER, "response": "<think>\n\n</think>\n\n5"}])
    mix_samples(MixOptions(run=run.path, source=(str(rows),)))
    asked.unlink()
    changed = compare_with_training(prompts, find_training_sources(run, str(last), ()))
    assert changed is not None and changed["contaminated"] == 0
    assert [one["changed"] for one in changed["trained_on"]] == [False, True]
    assert "asked.jsonl" in changed["trained_on"][0]["lost"]


def test_a_model_of_which_nothing_is_known_is_compared_with_nothing(tmp_path: Path):
    run = create_run(tmp_path / "run")
    assert find_training_sources(run, "some/model", ()) == []
    assert compare_with_training([], []) is None
    loop = make_model(run, "loop", base=str(run.model("loop")), set="gone")
    (one,) = find_training_sources(run, str(loop), ())
    assert "no set 'gone'" in one.lost


def test_a_row_that_holds_several_prompts_counts_for_each(tmp_path: Path):
    texts = [
        OTHER,
        "What is the area of a garden that is nine metres long and three metres wide, with a path of one metre?",
    ]
    rows = write(
        tmp_path / "set.jsonl", [{"prompt": "\n".join(texts), "response": "<think>\n\n</think>\n\n1"}]
    )
    prompts = [Prompt.make(text, "1") for text in [*texts, PROBLEMS[0]]]
    found = compare_with_training(
        prompts, find_training_sources(create_run(tmp_path / "run"), "m", [str(rows)])
    )
    assert found is not None and found["prompts"] == sorted(prompt.id for prompt in prompts[:2])
