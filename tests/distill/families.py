"""Small models with random weights in the shapes of Qwen2.5, Qwen3 and Llama 3.x: tokenizer, template, settings.

Their special tokens stand after the text's, embeddings are padded beyond the tokens, and each family has its own
way with the end of a text, the end of a turn, padding and the beginning.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    set_seed,
)

TEXT = [
    "The sum of 12 and 30 is 42, so the answer is 42.",
    "Let me think step by step. First add, then check.",
]
DIGITS = {"qwen": r"\p{N}", "llama": r"\p{N}{1,3}"}
SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN25 = """\
{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or message.role == "assistant" %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
QWEN3 = """\
{%- for message in messages %}
    {%- if message.role == "assistant" %}
        {%- set content = message.content %}
        {%- set reasoning = '' %}
        {%- if '</think>' in content %}
            {%- set reasoning = content.split('</think>')[0].split('<think>')[-1].strip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.last %}
            {{- '<|im_start|>assistant\\n<think>\\n' + reasoning + '\\n</think>\\n\\n' + content }}
        {%- else %}
            {{- '<|im_start|>assistant\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""
LLAMA3 = """\
{{- bos_token }}
{%- if strftime_now is defined %}
    {%- set date_string = strftime_now("%d %b %Y") %}
{%- else %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\nCutting Knowledge Date: December 2023\\nToday Date: " }}
{{- date_string + "\\n\\n" + system_message + "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""


@dataclass(frozen=True)
class Family:
    """What sets a family apart. special: in the order of their ids, which follow the text's tokens. plain: added, not special.

    end: the token of a turn's end. eos: the tokenizer's own. stops: those of the generation config.
    """

    name: str
    template: str
    special: tuple[str, ...]
    plain: tuple[str, ...]
    end: str
    eos: str
    stops: tuple[str, ...]
    bos: str | None
    pad: str | None
    tied: bool
    config: type[PretrainedConfig]
    model: type[PreTrainedModel]
    tokenizer_class: str


FAMILIES = {
    one.name: one
    for one in (
        Family(
            "qwen2.5", QWEN25, ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>"),
            ("<tool_call>", "</tool_call>", "<|fim_prefix|>"), "<|im_end|>", "<|endoftext|>", ("<|endoftext|>",), None,
            "<|endoftext|>", True, Qwen2Config, Qwen2ForCausalLM, "Qwen2Tokenizer",
        ),
        Family(
            "qwen3", QWEN3, ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>"),
            ("<tool_call>", "</tool_call>", "<think>", "</think>"), "<|im_end|>", "<|im_end|>",
            ("<|im_end|>", "<|endoftext|>"), None, "<|endoftext|>", True, Qwen3Config, Qwen3ForCausalLM, "Qwen2Tokenizer",
        ),
        Family(
            "llama3", LLAMA3,
            ("<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|finetune_right_pad_id|>",
             "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>", "<|python_tag|>"),
            (), "<|eot_id|>", "<|eot_id|>", ("<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"), "<|begin_of_text|>", None,
            False, LlamaConfig, LlamaForCausalLM, "PreTrainedTokenizerFast",
        ),
    )
}  # fmt: skip


def make_family(folder: Path, family: Family) -> Path:
    """A model folder of a family, as it is downloaded."""
    tokenizer = _make_tokenizer(family)
    tokenizer.save_pretrained(folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings["tokenizer_class"] = family.tokenizer_class
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    stops = [tokenizer.convert_tokens_to_ids(token) for token in family.stops]
    bos = tokenizer.convert_tokens_to_ids(family.bos or "<|endoftext|>")
    set_seed(1)
    config = family.config(
        # Padded, as real ones are, to a multiple that suits a GPU.
        vocab_size=-(-len(tokenizer) // 64) * 64 + 64,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        max_position_embeddings=1024,
        tie_word_embeddings=family.tied,
        bos_token_id=bos,
        eos_token_id=stops if family.bos else stops[0],
        **({"rope_parameters": LLAMA3_ROPE} if family.bos else {}),
    )
    family.model(config).bfloat16().save_pretrained(folder)
    pad = None if family.pad is None else tokenizer.convert_tokens_to_ids(family.pad)
    sampling = {"do_sample": True, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "repetition_penalty": 1.05}
    GenerationConfig(bos_token_id=bos, eos_token_id=stops, pad_token_id=pad, **sampling).save_pretrained(
        folder
    )
    return folder


LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 256,
}


def _make_tokenizer(family: Family) -> PreTrainedTokenizerFast:
    trained = Tokenizer(models.BPE())
    pattern = SPLIT.format(digits=DIGITS["llama" if family.bos else "qwen"])
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trained.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trained.train_from_iterator(
        TEXT, trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    )
    trained.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in family.special]
    )
    trained.add_tokens([AddedToken(token, special=False, normalized=False) for token in family.plain])
    if family.bos:
        number = trained.token_to_id(family.bos)
        trained.post_processor = processors.TemplateProcessing(
            single=f"{family.bos} $A",
            pair=f"{family.bos} $A {family.bos} $B",
            special_tokens=[(family.bos, number)],
        )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained, bos_token=family.bos, eos_token=family.eos, pad_token=family.pad
    )
    tokenizer.chat_template = family.template
    return tokenizer
