"""Rows of public trace sets, in the schema of their cards, are read without a flag; what is no trace is refused.

The texts are made up; the columns, keys and marks are those of the sets.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from curate.readers.read_samples import SampleReader
from curate.readers.row import Row
from filters.errors import UserError
from filters.think import split_response

Q = "What is 6 times 7?"
C = "Six sevens are 42."
A = "It is \\boxed{42}."
THINK = f"<think>\n{C}\n</think>\n\n{A}"
TAGS = f"<think>{C}</think><answer>{A}</answer>"
BESPOKE = f"<|begin_of_thought|>\n\n{C}\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n{A}\n\n<|end_of_solution|>"
ORDERS = (
    "Use <|begin_of_thought|> and <|end_of_thought|>, then <|begin_of_solution|> and <|end_of_solution|>."
)


def messages(*contents: str) -> list[dict[str, Any]]:
    return [{"role": ("user", "assistant")[n % 2], "content": c} for n, c in enumerate(contents)]


def sharegpt(*values: str, names: tuple[str, str] = ("human", "gpt")) -> list[dict[str, Any]]:
    return [{"from": names[n % 2], "value": value} for n, value in enumerate(values)]


@dataclass(frozen=True)
class Said:
    """What a sample must be; the prompt is Q alone, the chain C and the answer A, where nothing else is said."""

    prompt: tuple[tuple[str, str], ...] = (("user", Q),)
    chain: str = C
    answer: str = A
    reference: str | None = None
    id: str = "0"
    source: str = ""
    domain: str = ""
    language: str | None = None
    tokens: int | None = None
    cut: tuple[str, str] | None = None
    flags: dict[str, bool] = field(default_factory=dict)
    pass_rate: float | None = None
    generation: int | None = None


PLAIN = [Said()]
OPEN_R1_MATH = {
    "problem": Q, "solution": "6 · 7 = 42, so it is 42.", "answer": "42", "problem_type": "Algebra",
    "question_type": "math-word-problem", "source": "olympiads", "uuid": "u-1",
    "generations": [THINK, "<think>\nSix and seven are"], "is_reasoning_complete": [True, False],
    "correctness_math_verify": [True, False], "correctness_llama": None,
    "finish_reasons": None, "correctness_count": 1, "messages": messages(Q, THINK),
}  # fmt: skip
MATH_REASONING = {
    "problem": Q, "generated_solution": THINK, "expected_answer": "42", "problem_type": "has_answer_extracted",
    "problem_source": "aops_c4_high_school_math", "generation_model": "DeepSeek-R1", "inference_mode": "cot",
    "pass_rate_72b_tir": "0.96875", "used_in_kaggle": True,
}  # fmt: skip
S1K = {
    "question": Q, "solution": "42", "cot_type": "math", "source_type": "numina", "metadata": "{'a': 1}",
    "deepseek_thinking_trajectory": C, "deepseek_attempt": A, "gemini_thinking_trajectory": "7 · 6 = 41.",
    "gemini_attempt": "41", "deepseek_grade": "Yes", "deepseek_grade_reason": "It is correct.",
    "gemini_grade": "No", "gemini_grade_reason": "It is wrong.",
}  # fmt: skip
LLAMA_NEMOTRON = {
    "input": messages(Q), "output": THINK, "category": "math", "license": "cc-by-4.0", "reasoning": "on",
    "generator": "DeepSeek-R1", "used_in_training": "Super", "version": "v1",
    "system_prompt": "detailed thinking on",
}  # fmt: skip
LLAMA_RENDERED = (
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\ndetailed thinking on<|eot_id|>"
    f"<|start_header_id|>user<|end_header_id|>\n\n{Q}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
)
DETAILED = (("system", "detailed thinking on"), ("user", Q))
CODE = "def f():\n    return 42"
CODE_ANSWER = f"So:\n```python\n{CODE}\n```"
CODE_THINK = f"<think>\n{C}\n</think>\n\n{CODE_ANSWER}"
OPEN_CODE = {
    "id": "c-1", "input": Q, "output": CODE_THINK, "source": "codeforces", "license": "mit",
    "dataset": "code_contests", "split": "train", "difficulty": "10", "solution": CODE,
}  # fmt: skip
OPEN_CODE_2 = {
    "id": "c-2", "question_id": "q-2", "question": Q, "r1_generation": CODE_THINK, "qwq_critique": "It is right.",
    "judgement": "right", "pass_rate": "n/a", "source": "taco", "license": "mit", "dataset": "taco",
    "split": "train", "difficulty": "EASY", "solution": CODE, "index": "4",
}  # fmt: skip
NEMOTRON = {
    "uuid": "n-1", "license": "cc-by-4.0", "generator": "DeepSeek-R1-0528", "version": "v1", "category": "stem",
    "reasoning": "on", "messages": messages(Q, THINK),
}  # fmt: skip
CALL = {"type": "function", "function": {"name": "multiply", "arguments": '{"a": 6, "b": 7}'}}
CALL_TEXT = '<tool_call>\n{"name": "multiply", "arguments": {"a": 6, "b": 7}}\n</tool_call>'
TOOL_TURNS = [
    {"role": "user", "content": Q, "tool_calls": [], "reasoning_content": None},
    {"role": "assistant", "content": "", "tool_calls": [CALL], "reasoning_content": None},
    {"role": "tool", "content": "42", "tool_calls": [], "reasoning_content": None},
    {"role": "assistant", "content": A, "tool_calls": [], "reasoning_content": C},
]
TOOL_PROMPT = (("user", Q), ("assistant", CALL_TEXT), ("tool", "42"))
SYNTHETIC_1 = {
    "response_id": "r-1", "problem_id": "p-1", "source": "numina", "in_source_id": None, "hf_dataset_name": "x/y",
    "task_type": "verifiable_math", "prompt": Q, "gold_standard_solution": "42", "llm_response": THINK,
    "verification_info": '{"ground_truth": "42"}', "verification_result_info": '{"failure_reason": null}',
    "score": 1.0, "metadata": "{}",
}  # fmt: skip
SYNTHETIC_2 = {
    "problem_id": "p-2", "prompt": Q, "verification_info": '{"ground_truth": "42"}',
    "Qwen/Qwen3-32B_responses": [THINK, THINK], "Qwen/Qwen3-32B_avg_reward": 1.0,
}  # fmt: skip
AM = {
    "messages": [
        {"role": "user", "content": Q, "info": {"source": "am", "reference_answer": "42", "test_case": None}},
        {"role": "assistant", "content": TAGS, "info": {"think_content": C, "answer_content": A}},
    ]
}
AM_THINKING = {
    "system": "Think.",
    "conversations": [
        {"from": "human", "value": Q, "info": {"reference_answer": None}},
        {"from": "assistant", "value": TAGS, "info": {"think_content": C, "answer_content": A, "verify_score": 0.9}},
    ],
}  # fmt: skip
GENERAL = {
    "question_id": 7, "question_url": "https://example.org/7", "question": Q, "reference_answer": "42",
    "prev_messages": None, "model_name": "DeepSeek/DeepSeek-R1", "model_answer": A, "model_reasoning": C,
    "task": "Arithmetic", "question_license": "MIT", "question_source": "Human",
    "community_answer_score": 0.0, "community_question_score": 1, "verifier_score": 1.0,
}  # fmt: skip
CONGLIU = {
    "input": Q, "reasoning_content": C, "content": A, "repo_name": "gavinluo/applied_math",
    "prompt_tokens_len": 8, "reasoning_content_tokens_len": 9, "content_tokens_len": 6, "score": 10,
}  # fmt: skip
MAGPIE = {
    "uuid": "m-1", "instruction": Q, "response": THINK, "conversations": sharegpt(Q, THINK), "difficulty": "easy",
    "input_quality": "good", "task_category": "Math", "reward_model": "ArmoRM", "instruct_reward": 0.2,
    "language": "EN", "gen_response_configs": {"model": "r1"},
}  # fmt: skip
DEEP_MATH = {
    "question": Q, "final_answer": "42", "difficulty": 4.5, "topic": "Mathematics -> Algebra",
    "r1_solution_1": f"{C}\n</think>\n\n{A}", "r1_solution_2": THINK, "r1_solution_3": f"Okay.\n</think>\n\n{A}",
}  # fmt: skip
SMOLTALK = {
    "messages": messages(Q, THINK), "source": "OpenThoughts3",
    "chat_template_kwargs": {"enable_thinking": True, "custom_instructions": "", "python_tools": [], "xml_tools": []},
}  # fmt: skip
MULTILINGUAL = {
    "reasoning_language": "French", "developer": "Réfléchis.", "user": Q, "analysis": C, "final": A,
    "messages": [
        {"role": "system", "content": "reasoning language: French", "thinking": None},
        {"role": "user", "content": Q, "thinking": None},
        {"role": "assistant", "content": A, "thinking": C},
    ],
}  # fmt: skip
DOLCI_KEYS = {"function_calls": None, "functions": None}
DOLCI = {
    "id": "d-1", "source": "olmo",
    "messages": [{**turn, **DOLCI_KEYS} for turn in messages(Q, THINK)],
}  # fmt: skip
DOLCI_TOOLS = {
    "id": "d-2",
    "messages": [
        {"role": "user", "content": Q, **DOLCI_KEYS},
        {"role": "assistant", "content": None, "functions": None, "function_calls": json.dumps([CALL["function"]])},
        {"role": "environment", "content": "42", **DOLCI_KEYS},
        {"role": "assistant", "content": A, **DOLCI_KEYS},
    ],
}  # fmt: skip
CODEFORCES = {
    "id": "1000/A", "title": "Product", "description": "Multiply.", "examples": [{"input": "6 7", "output": "42"}],
    "prompt": Q, "generation": CODE_THINK, "messages": messages(Q, CODE_THINK), "finish_reason": "length",
    "api_metadata": {"completion_tokens": 90}, "language": "python", "time_limit": 2.0,
}  # fmt: skip

SETS: dict[str, tuple[dict[str, Any], list[Said]]] = {
    "open-r1/OpenR1-Math-220k": (OPEN_R1_MATH, [
        Said(reference="42", id="u-1", source="olympiads", flags={"correctness_math_verify": True}, generation=0),
        Said(reference="42", id="u-1", source="olympiads", flags={"correctness_math_verify": False}, generation=1,
             chain="Six and seven are", answer="", cut=("is_reasoning_complete", "false")),
    ]),
    "open-r1/OpenR1-Math-220k, flags by a model": (
        {**OPEN_R1_MATH, "generations": [THINK], "is_reasoning_complete": [True], "correctness_math_verify": [None],
         "correctness_llama": [True], "finish_reasons": ["length"]},
        [Said(reference="42", id="u-1", source="olympiads", flags={"correctness_llama": True}, generation=0,
              cut=("finish_reasons", "length"))]),
    "open-r1/Mixture-of-Thoughts": (
        {"messages": messages(Q, THINK), "num_tokens": 30, "source": "open-r1/OpenR1-Math-220k"},
        [Said(tokens=30, source="open-r1/OpenR1-Math-220k")]),
    "open-r1/codeforces-cots": (CODEFORCES, [
        Said(answer=CODE_ANSWER, id="1000/A", cut=("finish_reason", "length"))]),
    "open-r1/codeforces-cots without messages": (
        {k: v for k, v in CODEFORCES.items() if k not in ("messages", "finish_reason")},
        [Said(answer=CODE_ANSWER, id="1000/A")]),
    "open-thoughts/OpenThoughts-114k": (
        {"system": ORDERS, "conversations": sharegpt(Q, BESPOKE, names=("user", "assistant"))},
        [Said(prompt=(("system", ORDERS), ("user", Q)))]),
    "open-thoughts/OpenThoughts-114k, metadata": (
        {"problem": Q, "deepseek_reasoning": C, "deepseek_solution": A, "ground_truth_solution": "42",
         "domain": "math", "source": "numina_math", "test_cases": None, "starter_code": None},
        [Said(reference="42", domain="math", source="numina_math")]),
    "open-thoughts/OpenThoughts2-1M": (
        {"conversations": sharegpt(Q, THINK, names=("user", "assistant")), "question": Q, "source": "dolphin",
         "id": 5}, [Said(id="5", source="dolphin")]),
    "open-thoughts/OpenThoughts3-1.2M": (
        {"difficulty": None, "source": "ai2-adapt", "domain": "math", "conversations": sharegpt(Q, THINK)},
        [Said(domain="math", source="ai2-adapt")]),
    "bespokelabs/Bespoke-Stratos-17k": (
        {"system": ORDERS, "conversations": sharegpt(Q, BESPOKE, names=("user", "assistant"))},
        [Said(prompt=(("system", ORDERS), ("user", Q)))]),
    "HuggingFaceH4/Bespoke-Stratos-17k": (
        {"messages": [{"role": "system", "content": ORDERS}, *messages(Q, BESPOKE)]},
        [Said(prompt=(("system", ORDERS), ("user", Q)))]),
    "nvidia/OpenMathReasoning, cot": (MATH_REASONING, [
        Said(reference="42", source="aops_c4_high_school_math", pass_rate=0.96875)]),
    "nvidia/OpenMathReasoning, proof": (
        {**MATH_REASONING, "problem_type": "converted_proof", "expected_answer": "n/a", "pass_rate_72b_tir": "n/a"},
        [Said(source="aops_c4_high_school_math")]),
    "nvidia/OpenCodeReasoning, split_0": (OPEN_CODE, [
        Said(answer=CODE_ANSWER, id="c-1", source="codeforces")]),
    "nvidia/OpenCodeReasoning-2": (OPEN_CODE_2, [
        Said(answer=CODE_ANSWER, id="c-2", source="taco", flags={"judgement": True})]),
    "nvidia/OpenCodeReasoning-2, wrong": (
        {**OPEN_CODE_2, "judgement": "wrong", "pass_rate": "0.25"},
        [Said(answer=CODE_ANSWER, id="c-2", source="taco", flags={"judgement": False}, pass_rate=0.25)]),
    "nvidia/Llama-Nemotron-Post-Training-Dataset": (LLAMA_NEMOTRON, [Said(prompt=DETAILED, domain="math")]),
    "nvidia/Llama-Nemotron-Post-Training-Dataset, off": (
        {**LLAMA_NEMOTRON, "reasoning": "off", "system_prompt": "detailed thinking off", "output": A},
        [Said(prompt=(("system", "detailed thinking off"), ("user", Q)), chain="", domain="math")]),
    "nvidia/Llama-Nemotron-Post-Training-Dataset, rendered": (
        {**LLAMA_NEMOTRON, "input": LLAMA_RENDERED}, [Said(prompt=DETAILED, domain="math")]),
    "nvidia/Nemotron-Post-Training-Dataset-v1": (
        {**NEMOTRON, "metadata": '{"expected_answer": "42"}'}, [Said(id="n-1", domain="stem")]),
    "nvidia/Nemotron-Post-Training-Dataset-v1, tool_calling": (
        {**NEMOTRON, "messages": TOOL_TURNS, "metadata": "{}"},
        [Said(prompt=TOOL_PROMPT, id="n-1", domain="stem")]),
    "nvidia/Nemotron-Post-Training-Dataset-v2": (
        {**NEMOTRON, "messages": [{"role": "system", "content": ""}, *messages(Q, THINK)]},
        [Said(id="n-1", domain="stem")]),
    "nvidia/Nemotron-Math-v2": (
        {"uuid": "v2", "problem": Q, "expected_answer": "42", "original_expected_answer": None, "tools": [],
         "changed_answer_to_majority": False, "data_source": "aops", "used_in": ["nano"], "metadata": {"x": 1},
         "license": "cc-by-4.0", "messages": [*messages(Q), {"role": "assistant", "content": A, "reasoning_content": C}]},
        [Said(reference="42", id="v2", source="aops")]),
    "nvidia/Nemotron-Competitive-Programming-v1": (
        {"uuid": "k", "messages": [*messages(Q), {"role": "assistant", "content": A, "reasoning_content": C}],
         "tools": None, "dataset": "taco", "split": "train", "index": "1", "question_id": "q", "source": "taco",
         "difficulty": "EASY"}, [Said(id="k", source="taco")]),
    "PrimeIntellect/SYNTHETIC-1": (SYNTHETIC_1, [
        Said(reference="42", id="r-1", source="numina", domain="verifiable_math")]),
    "PrimeIntellect/SYNTHETIC-1-SFT-Data": (
        {"response_id": "r-1", "problem_id": "p-1", "task_type": "verifiable_math", "score": 1.0,
         "messages": messages(Q, THINK)}, [Said(id="r-1", domain="verifiable_math")]),
    "PrimeIntellect/SYNTHETIC-2": (SYNTHETIC_2, [Said(id="p-2", generation=0), Said(id="p-2", generation=1)]),
    "PrimeIntellect/SYNTHETIC-2-SFT-verified": (
        {"problem_id": "p-2", "task_type": "math", "reward": 1.0, "messages": messages(Q, THINK)},
        [Said(id="p-2", domain="math")]),
    "a-m-team/AM-DeepSeek-R1-Distilled-1.4M": (AM, [Said(reference="42", answer=f"<answer>{A}</answer>")]),
    "a-m-team/AM-Thinking-v1-Distilled": (AM_THINKING, [
        Said(prompt=(("system", "Think."), ("user", Q)), answer=f"<answer>{A}</answer>")]),
    "Congliu/Chinese-DeepSeek-R1-Distill-data-110k": (CONGLIU, PLAIN),
    "Congliu/Chinese-DeepSeek-R1-Distill-data-110k-SFT": (
        {"instruction": Q, "input": "", "output": THINK, "repo_name": "x/y", "score": 9}, PLAIN),
    "simplescaling/s1K-1.1": (S1K, [
        Said(reference="42", flags={"deepseek_grade": True}, generation=0),
        Said(reference="42", flags={"gemini_grade": False}, generation=1, chain="7 · 6 = 41.", answer="41")]),
    "simplescaling/s1K-1.1_tokenized": (
        {"text": "<|im_start|>system\nThink.<|im_end|>\n<|im_start|>user\n" + Q + "<|im_end|>\n<|im_start|>assistant\n"
                 f"<|im_start|>think\n{C}\n<|im_start|>answer\n{A}<|im_end|>"},
        [Said(prompt=(("system", "Think."), ("user", Q)))]),
    "FreedomIntelligence/medical-o1-reasoning-SFT": ({"Question": Q, "Complex_CoT": C, "Response": A}, PLAIN),
    "glaiveai/reasoning-v1-20m": ({"prompt": Q, "response": THINK}, PLAIN),
    "GeneralReasoning/GeneralThought-430K": (GENERAL, [Said(reference="42", id="7", source="Human")]),
    "GeneralReasoning/GeneralThought-430K, a follow-up": (
        {**GENERAL, "prev_messages": messages("Hi", "Hello!")},
        [Said(prompt=(("user", "Hi"), ("assistant", "Hello!"), ("user", Q)), reference="42", id="7", source="Human")]),
    "Magpie-Align/Magpie-Reasoning-V2-250K-CoT": (MAGPIE, [Said(id="m-1", language="en")]),
    "zwhe99/DeepMath-103K": (DEEP_MATH, [
        Said(reference="42", domain="Mathematics -> Algebra", generation=0),
        Said(reference="42", domain="Mathematics -> Algebra", generation=1),
        Said(reference="42", domain="Mathematics -> Algebra", generation=2, chain="Okay.")]),
    "HuggingFaceTB/smoltalk2, think": (SMOLTALK, [Said(source="OpenThoughts3")]),
    "HuggingFaceTB/smoltalk2, no_think": (
        {**SMOLTALK, "messages": messages(Q, A)}, [Said(chain="", source="OpenThoughts3")]),
    "HuggingFaceTB/smoltalk2, with instructions": (
        {**SMOLTALK, "chat_template_kwargs": {"enable_thinking": True, "custom_instructions": "Be brief."}},
        [Said(prompt=(("system", "Be brief."), ("user", Q)), source="OpenThoughts3")]),
    "HuggingFaceH4/Multilingual-Thinking": (MULTILINGUAL, [
        Said(prompt=(("system", "reasoning language: French"), ("user", Q)), language="fr")]),
    "allenai/Dolci-Think-SFT-7B": (DOLCI, [Said(id="d-1", source="olmo")]),
    "allenai/Dolci-Instruct-SFT-7B, tools": (DOLCI_TOOLS, [
        Said(prompt=TOOL_PROMPT, chain="", id="d-2")]),
    "tatsu-lab/alpaca": (
        {"instruction": "Multiply.", "input": "6 and 7", "output": A, "text": "Below is an instruction …"},
        [Said(prompt=(("user", "Multiply.\n\n6 and 7"),), chain="")]),
    "Alpaca with history": (
        {"instruction": Q, "input": "", "output": THINK, "system": "Think.", "history": [["Hi", "Hello!"]]},
        [Said(prompt=(("system", "Think."), ("user", "Hi"), ("assistant", "Hello!"), ("user", Q)))]),
    "ShareGPT": (
        {"id": "s", "conversations": sharegpt("Hi", "Hello!", Q, A)},
        [Said(prompt=(("user", "Hi"), ("assistant", "Hello!"), ("user", Q)), chain="", id="s")]),
    "HuggingFaceH4/ultrachat_200k": (
        {"prompt": Q, "prompt_id": "pp", "messages": messages(Q, "41?", "No.", A)},
        [Said(prompt=(("user", Q), ("assistant", "41?"), ("user", "No.")), chain="", id="pp")]),
    "AI-MO/NuminaMath-1.5": (
        {"problem": Q, "solution": A, "answer": "42", "problem_type": "Algebra", "source": "olympiads"},
        [Said(chain="", reference="42", source="olympiads")]),
    "a solution alone is no reference of itself": ({"problem": Q, "solution": A}, [Said(chain="")]),
    "nvidia/HelpSteer, whose correctness is a scale": (
        {"prompt": Q, "response": A, "helpfulness": 4, "correctness": 1, "coherence": 4}, [Said(chain="")]),
}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_a_row_is_read_without_a_flag(name: str):
    row, wanted = SETS[name]
    samples = read(row)
    assert [describe(sample) for sample in samples] == wanted


def read(row: dict[str, Any]) -> list[Any]:
    (found,) = SampleReader("rows.jsonl").read([Row("rows.jsonl, line 1", row)])
    return found.samples


def describe(sample: Any) -> Said:
    parts = split_response(sample.reading.response)
    prompt, facts = sample.prompt, sample.facts
    return Said(
        prompt=tuple((message["role"], message["content"]) for message in prompt.messages),
        chain=parts.chain.strip(),
        answer=(parts.answer or "").strip(),
        reference=prompt.answer,
        id=prompt.source_id,
        source=facts.source,
        domain=prompt.domain,
        language=prompt.language,
        tokens=facts.tokens,
        cut=facts.cut,
        flags=dict(facts.flags),
        pass_rate=facts.pass_rate,
        generation=sample.reading.generation,
    )


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "openai/gsm8k": ({"question": Q, "answer": "6 * 7 = 42\n#### 42"}, "there is no response.*--map response=COLUMN"),
    "nvidia/OpenMathReasoning, genselect": (
        {**MATH_REASONING, "inference_mode": "genselect"}, "genselect: its response chooses among other solutions"),
    "nvidia/OpenCodeReasoning, split_1": ({**OPEN_CODE, "input": "-", "index": "4"}, "'input' is '-': the set refers"),
    "nvidia/OpenCodeReasoning-2": ({**OPEN_CODE_2, "question": "-"}, "'question' is '-': the set refers"),
    "nvidia/Nemotron-Competitive-Programming-v1": ({"messages": messages("-", THINK)}, "asks '-': the set refers"),
    "nvidia/Nemotron-3-Nano-RL-Training-Blend": (
        {"responses_create_params": {"input": messages(Q)}, "ground_truth": "42", "environment_name": "math",
         "agent_ref": {"name": "x"}, "pass_rate": 0.5}, "there is no response"),
    "PrimeIntellect/SYNTHETIC-2, several models": (
        {**SYNTHETIC_2, "deepseek/R1_responses": [THINK]},
        "several lists of responses, Qwen/Qwen3-32B_responses, deepseek/R1_responses: name one with --map"),
    "a preference set": ({"prompt": Q, "chosen": messages(Q, A), "rejected": messages(Q, "41")}, "no response"),
    "simplescaling/s1K-1.1, a teacher torn apart": (
        {key: cell for key, cell in S1K.items() if key != "gemini_attempt"}, "'gemini_thinking_trajectory' has lost"),
    "open-r1/OpenR1-Math-220k as a table": (
        {**OPEN_R1_MATH, "generations": f"['{THINK}']"}, "'generations' is a text, where a list of responses"),
    "open-r1/OpenR1-Math-220k, lists of other lengths": (
        {**OPEN_R1_MATH, "correctness_math_verify": [True]}, "'correctness_math_verify' has 1 values for 2 responses"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_that_is_no_trace_is_refused_with_what_to_do(name: str):
    row, reason = REFUSED[name]
    with pytest.raises(UserError, match=reason) as refusal:
        read(row)
    assert str(refusal.value).startswith("rows.jsonl, line 1: ")


def test_one_of_several_lists_is_named_with_map():
    row = {**SYNTHETIC_2, "deepseek/R1_responses": [A]}
    row["response"] = row.pop("Qwen/Qwen3-32B_responses")
    assert [sample.reading.response for sample in read(row)] == [THINK, THINK]


def test_how_a_set_was_read_is_one_line():
    reader = SampleReader("open-r1")
    list(reader.read([Row(f"open-r1, row {n}", OPEN_R1_MATH) for n in (1, 2)]))
    assert reader.describe() == "read as: generations (2 a row), chain inline"
