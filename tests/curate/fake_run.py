"""A small run as the pipeline leaves it, made with the store's own functions: what report and publish read.

Its texts hold every flaw the checks look for, and what a hostile model could write.
"""

import json
import random
from pathlib import Path
from typing import Any

from curate.engines.identity import identify_engine
from curate.options import fill
from curate.stages.mix import MixOptions, mix_samples
from curate.store.finished_sets import compute_set_digest
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, VERDICTS, prompt_table, sample_row, verdict_row
from curate.store.whole_files import read_json, write_json
from filters.digest import digest
from filters.engine import EngineOptions
from filters.types import Prompt, Sample, Verdict

HOSTILE = (
    "<script>document.body.innerHTML='owned'</script> <img src=x onerror=alert(1)> {{ 7*7 }} "
    "\u202eright to left\u202c \x1b[31mred\x07 \u200bhidden </pre></details>"
)
CHECKS = (
    ("math_answer", "math_answer", {}),
    ("format", "format", {}),
    ("language", "language", {"min_share": 0.95}),
    ("code_blocks", "code_blocks", {}),
    ("repetition", "repetition", {}),
)
OPENINGS = {
    "en": ("", "Add from the left. ", "One step at a time. "),
    "zh": ("", "从左边加起。", "一步一步来。"),
}
JudgedSample = tuple[str, dict[str, Verdict]]


def make_run(path: Path, prompts: int = 90, samples: int = 8) -> Run:
    """A finished run: a teacher's samples, a general set, a mixed set, two students, six evaluations."""
    run = Run(path)
    draw = random.Random(7)
    _teacher(run, draw, prompts, samples)
    _general(run)
    mix_samples(fill(MixOptions, {"run": path, "source": ["teacher:per_prompt=4", "general"]}, "mix"))
    rows = read_json(path / "sets" / "sft.json")["rows"]
    _model(run, draw, rows, "student-qwen", "Qwen/Qwen2.5-0.5B", "060db6499f32faf8b98477b0a26969ef7d8b9987")
    _model(run, draw, rows, "student-llama", str((path / "base-llama").absolute()), None)
    _evaluation(run, "teacher", "shop/teacher-1M", 0.612, 0.585, 0.641)
    for name, before, after in (("qwen", 0.143, 0.518), ("llama", 0.118, 0.447)):
        _evaluation(run, f"{name}-base", f"shop/{name}-base", before, before - 0.021, before + 0.024)
        student = str(run.model(f"student-{name}").absolute())
        key = identify_engine(EngineOptions(model=student))
        _evaluation(
            run, name, student, after, after - 0.031, after + 0.03, f"{name}-base", after - before, key
        )
    recipe = "name: mini\nstages:\n- generate:\n    samples: 8\n- mix:\n    source: [teacher, general]\n"
    (path / "recipe.yaml").write_text(recipe)
    write_json(
        path / "timings.json", {"generate teacher": 48.2, "mix sft": 0.4, "distill student-qwen": 61.0}
    )
    return run


def answered(question: tuple[int, int, int], draw: random.Random, language: str) -> JudgedSample:
    """A chain about a + b + c with one flaw or none, and what the checks say of it."""
    a, b, c = question
    total = a + b + c
    words = {"en": ("First", "Then", "So the answer is"), "zh": ("首先", "然后", "所以答案是")}[language]
    opening = draw.choice(OPENINGS[language]) * draw.randint(1, 12)
    lines = [f"{opening}{words[0]} {a} + {b} = {a + b}.", f"{words[1]} {a + b} + {c} = {total}."]
    flaw = draw.choices(
        ("none", "wrong", "mixed", "code", "loop", "no_think", "unsure", "hostile"),
        (50, 18 + min(total, 90) / 4, 7, 5, 5, 4, 3, 1),
    )[0]
    verdicts = {label: Verdict(True) for label, _, _ in CHECKS}
    if flaw == "wrong":
        total += draw.choice((-10, -1, 1, 10))
        verdicts["math_answer"] = Verdict(False, f"wrong: {total} is not {a + b + c}", 0.0)
    insert = {"mixed": "等一下，让我再检查一遍。" if language == "en" else "Wait, let me check it again.",
              "code": "```python\nprint(a + b + c)\n```", "loop": "Let me see. " * 160, "hostile": HOSTILE}  # fmt: skip
    if flaw in insert:
        lines.insert(1, insert[flaw])
    answer = f"{words[2]} \\boxed{{{total}}}."
    text = (
        "\n".join(["<think>", *lines, "</think>", answer])
        if flaw != "no_think"
        else "\n".join([*lines, answer])
    )
    span = (text.find(insert.get(flaw, "")), text.find(insert.get(flaw, "")) + len(insert.get(flaw, "")))
    fault = {"mixed": ("language", "mixed: 38% of the words are in another language"),
             "code": ("code_blocks", "code_block: 31% of the chain is code"),
             "loop": ("repetition", "loop: 160 copies"), "no_think": ("format", "no_think: no <think>"),
             "hostile": ("format", f"template_token: {HOSTILE[:40]}")}  # fmt: skip
    if flaw in fault:
        label, reason = fault[flaw]
        verdicts[label] = Verdict(False, reason, 0.3, span)
    if flaw == "unsure":
        verdicts["math_answer"] = Verdict(None, "timeout: 5 s")
    return text, verdicts


def _teacher(run: Run, draw: random.Random, prompts: int, samples: int) -> None:
    asked, made = [], []
    for number in range(prompts):
        question = (draw.randint(2, 99), draw.randint(2, 99), draw.randint(2, 99))
        language = draw.choice(("en", "zh"))
        text = {"en": "What is {} + {} + {}?", "zh": "{} 加 {} 加 {} 等于多少？"}[language].format(*question)
        asked.append(
            Prompt.make(text, str(sum(question)), domain="math", language=language, source_id=f"q{number}")
        )
        made += [(asked[-1], index, answered(question, draw, language)) for index in range(samples)]
    write_table(run.prompts("teacher") / "part-00000.parquet", prompt_table(asked))
    half = len(made) // 2
    for number, chunk in enumerate((made[:half], made[half:])):
        _part(run, "teacher", number, chunk)
    lost = Sample(digest("lost"), asked[0], "", samples, None, "error")
    partial = run.samples("teacher") / "partial-00000.parquet"
    write_part(partial, [sample_row(lost, "failed", error="gone")], SAMPLES)
    checks = [
        {"check": check, "label": label, "options": options, "digest": digest(label)}
        for label, check, options in CHECKS
    ]
    write_json(run.verdicts("teacher") / "checks.json", checks)
    generation = {"model": "shop/teacher-1M", "identity": "c0ffee" * 5, "temperature": 1.0, "top_p": 1.0,
                  "top_k": None, "max_tokens": 512, "stop": [], "seed": 0}  # fmt: skip
    write_json(run.samples("teacher") / "generation.json", generation)


def _part(run: Run, name: str, number: int, made: list[tuple[Prompt, int, JudgedSample]]) -> None:
    part = run.samples(name) / f"part-{number:05d}.parquet"
    rows = [Sample(digest(p.id, i), p, text, i, max(1, len(text) // 3)) for p, i, (text, _) in made]
    write_part(part, [sample_row(sample, prompt_tokens=20, seed=1) for sample in rows], SAMPLES)
    for label, check, options in CHECKS:
        verdicts = [
            verdict_row(s.id, s.content, judged[label])
            for s, (_, _, (_, judged)) in zip(rows, made, strict=True)
        ]
        about = {"check": check, "label": label, "digest": digest(label), "version": 1, "options": options}
        write_part(run.verdicts(name) / label / part.name, verdicts, VERDICTS, about)


def _general(run: Run) -> None:
    pairs = [
        ("Hello!", "Hello, how can I help?"),
        ("What is the capital of Peru?", "Lima."),
        ("Hi | `there`", HOSTILE),
    ]
    rows = []
    for question, answer in pairs:
        prompt = Prompt.make(question, None, domain="general", language="en")
        rows.append((prompt, Sample(digest(prompt.id, answer), prompt, answer)))
    write_table(run.prompts("general") / "part-00000.parquet", prompt_table([prompt for prompt, _ in rows]))
    write_part(run.samples("general") / "part-00000.parquet", [sample_row(s) for _, s in rows], SAMPLES)
    adopted = {"source": "general.jsonl", "split": "train", "map": {}, "state": []}
    write_json(run.samples("general") / "adopted.json", adopted)


TROUBLE = "collapse: reward math_answer fell from 0.60 to 0.20; '{base}' <b>\u202e"


def add_rewarded(run: Run, name: str = "rewarded") -> None:
    """A model trained on rewards, its rollouts hostile and torn, beside the others of a run."""
    base = str((run.path / "base-llama").absolute())
    rewards = [("math_answer", 1.0), ("format", 0.5)]
    curve = [
        {"step": n, "reward": 0.5 + n / 40, "reward math_answer": 0.1 + n / 40, "reward format": 0.8, "tokens": 90.0 + n,
         "entropy": 0.2, "undecided": 0.0, "truncated": 0.01 * n, "groups without signal": 0.25, "gradient norm": 0.1,
         "loss": 0.0, "seconds": 2.0}
        for n in range(1, 21)
    ]  # fmt: skip
    options = {"model": base, "name": name, "reward": [{"check": c, "label": c, "options": {}, "weight": w, "prompts": "reasoning"} for c, w in rewards],
               "prompts": str((run.path / "secret" / "train.jsonl").absolute()), "split": "train", "general": None,
               "questions": 8, "samples": 4, "learning_rate": 2e-4, "kl": 0.0, "reference_steps": 400, "lora": None,
               "sampling": {"temperature": 1.0, "top_p": 1.0, "top_k": None, "max_tokens": 160}, "clip": 10.0}  # fmt: skip
    about = {"name": name, "digest": digest(name), "kind": "grpo", "base": base, "base_commit": None, "base_digest": digest(base),
             "preset": "r1", "rewards": [c for c, _ in rewards], "prompts": 600, "general_prompts": 0, "steps": 20,
             "seconds": 40.0, "troubles": [TROUBLE.format(base=base)], "curve": curve, "options": options, "versions": {}}  # fmt: skip
    folder = run.model(name)
    write_json(folder / "r1curate.json", about)
    write_json(folder / "config.json", {"model_type": "qwen2"})
    (folder / "README.md").write_text("---\n---\n")
    (folder / "model.safetensors").write_bytes(name.encode())
    rows = [_rollout(step, reward) for step in (0, 10, 19) for reward in (0.5, None, 1.5, 0.0)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "rollouts.jsonl").write_text(text + '{"step": 20, "prom', encoding="utf-8")


def _rollout(step: int, reward: float | None) -> dict[str, Any]:
    text = f"<think>step {step}, reward {reward}</think>{HOSTILE}"
    return {"step": step, "prompt": f"Question of step {step}?", "answer": "4", "response": text, "reward": reward,
            "rewards": {"math_answer": reward, "format": 0.0}, "reasons": {"math_answer": HOSTILE, "format": "no_think"}}  # fmt: skip


def _evaluation(
    run: Run, name: str, model: str, value: float, low: float, high: float,
    before: str | None = None, gain: float | None = None, identity: str | None = None,
) -> None:  # fmt: skip
    metrics: dict[str, Any] = {
        "name": name, "model": model, "identity": identity or digest(model), "prompts": 200, "samples_per_prompt": 8,
        "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 512, "seed": 0}, "check": "math_answer",
        "pass@1": {"value": value, "low": low, "high": high},
        "cons@k": {"k": 8, "value": value + 0.08, "low": low + 0.05, "high": high + 0.08},
        "undecided": 3, "bounds": [value, value + 0.002], "tokens_mean": 61.4, "truncated": 0.012,
        "checks": {"language": 0.97, "format": 0.99},
        "by_domain": {"en": {"prompts": 104, "value": value + 0.02, "low": low - 0.01, "high": high + 0.05},
                      "zh": {"prompts": 96, "value": value - 0.02, "low": low - 0.05, "high": high + 0.01}},
        "before": before,
        "gain": None if gain is None else {"value": gain, "low": gain - 0.04, "high": gain + 0.04},
    }  # fmt: skip
    write_json(run.evaluation(name) / "metrics.json", metrics)


def _model(run: Run, draw: random.Random, rows: int, name: str, base: str, commit: str | None) -> None:
    steps = range(6, 301, 6)
    loss = [{"step": n, "loss": 0.35 + 2.4 * 0.985**n + draw.uniform(-0.05, 0.05)} for n in steps]
    options = {"name": name, "model": base, "set": "sft", "revision": None, "epochs": 3.0, "batch_size": 64,
               "learning_rate": 1e-4, "max_length": 32768, "lora": None}  # fmt: skip
    about = {"name": name, "digest": digest(name), "set": "sft", "set_digest": compute_set_digest(run.set("sft")), "base": base,
             "base_commit": commit, "base_digest": digest(base), "rows": rows - 2, "left_out": 2,
             "left_out_by": {"too_long": 2, "nothing_to_learn": 0}, "tokens": 17_300, "learned_tokens": 12_100,
             "longest": 240, "learning_rate": 1e-4, "steps": 300, "seconds": 61.0, "loss": loss,
             "options": options, "versions": {"torch": "2.13.0", "trl": "1.16.0"}}  # fmt: skip
    folder = run.model(name)
    write_json(folder / "r1curate.json", about)
    write_json(folder / "config.json", {"model_type": "qwen2"})
    (folder / "README.md").write_text("---\n---\n")
    (folder / "model.safetensors").write_bytes(name.encode())
