"""A small world for plans: prompts whose samples have known tokens, a recipe that samples, filters and mixes them."""

import json
from pathlib import Path

import yaml

from curate.cli.recipe_plan import plan_recipe, read_recipe
from curate.planning.amounts import Amount
from curate.planning.cluster import Cluster
from curate.planning.plan import PlannedStage, RecipeNeeds, estimate_recipe
from curate.store.layout import Run
from curate.store.whole_files import write_json

PROMPTS, SAMPLES = 10, 2


def tokens_of(number: int) -> int:
    """Of each sample of a prompt."""
    return 10 * (number + 1)


def is_right(number: int) -> bool:
    return number % 3 != 0


def write_world(folder: Path, **generate: object) -> Path:
    """Prompts, a script and a recipe; prompts whose number three divides are answered wrongly. Gives the recipe's file."""
    rows = [{"prompt": f"What is {n}?", "answer": str(n)} for n in range(PROMPTS)]
    answers = [
        [
            f"<think>\nso it is {k}\n</think>\n\n\\boxed{{{n if is_right(n) else n + 1}}}"
            for k in range(SAMPLES)
        ]
        for n in range(PROMPTS)
    ]
    script = [
        {
            "prompt": row["prompt"],
            "responses": [{"text": text, "tokens": tokens_of(n)} for text in answers[n]],
        }
        for n, row in enumerate(rows)
    ]
    for name, lines in (("prompts", rows), ("script", script)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    engine = {"kind": "scripted", "model": str(folder / "script.jsonl")}
    asked = {"prompts": str(folder / "prompts.jsonl"), "samples": SAMPLES, "engine": engine, "workers": 1}
    return write_recipe(
        folder,
        {"generate": {**asked, **generate}},
        {"filter": {"name": "teacher", "check": ["format"], "workers": 1}},
        {"mix": {"source": ["teacher:per_prompt=1"]}},
    )


def run_stages(path: Path, run: Run) -> None:
    """What `run` does, in this process; the filter is said to have taken three seconds."""
    for stage in plan_recipe(read_recipe(path), path, run.path):
        stage.function(stage.options)
    write_json(run.timings, {"filter teacher": 3.0})


def write_recipe(folder: Path, *stages: object) -> Path:
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump({"name": "small", "stages": list(stages)}))
    return path


def read_stages(path: Path) -> list[dict[str, dict[str, object]]]:
    found: list[dict[str, dict[str, object]]] = yaml.safe_load(path.read_text())["stages"]
    return found


def plan(path: Path, run: Run, pilot: Run | None = None, cluster: Cluster | None = None) -> RecipeNeeds:
    stages = plan_recipe(read_recipe(path), path, run.path)
    named = [
        PlannedStage(f"{one.kind} {getattr(one.options, 'name', None) or ''}".rstrip(), one.kind, one.options)
        for one in stages
    ]
    return estimate_recipe(named, run, pilot or run, cluster)


def amounts_of(needs: RecipeNeeds, title: str) -> dict[str, Amount]:
    return dict(dict(needs.stages)[title].amounts)
