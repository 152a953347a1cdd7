"""Texts that were rendered with a chat template: read back into turns, or refused, and never trained on as they are.

A text that only speaks of a template's tokens cannot be told from a damaged rendering, so it is refused as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from curate.readers.shapes.cells import BLANKS
from curate.readers.shapes.chains import normalize_chain
from curate.readers.shapes.misfit import Misfit
from filters.think import OPEN

_TOKEN: Final = re.compile(
    r"<\|(?!(?:begin|end)_of_(?:thought|solution)\|>)"
    r"(?:(?:im|fim|start|end|begin|header|eo[tms]|bos|pad|vision|image|audio|tool|reserved|role|turn)(?:[_▁][\w▁]{1,40})?"
    r"|eot|endoftext|startoftext|user|assistant|system|developer|observation|channel|message|return|call|constrain"
    r"|(?:START|END)_[A-Z_]{1,40})\|>"
    r"|<\|turn>|<turn\|>|<(?:extra_id|reserved)_\d{1,4}>|\]~!?b[\]\[]|\[e~\[|<seed:(?:bos|eos|pad)>|<role>[A-Z]{2,12}</role>|<(?:bos|eos|pad)>"
    r"|<｜[^｜\n]{1,40}｜>|<(?:start|end)_of_turn>|\[/?INST\]|\[/?SYSTEM_PROMPT\]|<</?SYS>>"
    r"|<s>\s{0,3}(?:Human|User|USER|System|Assistant|ASSISTANT):"
)
"""A special token; the marks of Bespoke-Stratos' chains are none, since system prompts explain them."""
_END: Final = re.compile(
    r"(?:\s{0,20}(?:<\|(?:im_end|eot_id|eom_id|end_of_text|end_of_turn|endoftext|end|return|eot|eos|pad|finetune_right_pad_id)\|>"
    r"|<｜(?:end▁of▁sentence|▁pad▁)｜>|<end_of_turn>|<turn\|>|</s>|<(?:eos|pad)>|<seed:(?:eos|pad)>|\[e~\[))+\s*\Z"
)
_BEGIN: Final = re.compile(
    r"\s*(?:(?:<\|begin_of_text\|>|<\|startoftext\|>|<｜begin▁of▁sentence｜>|<bos>|<s>|\[gMASK\]|<sop>)\s*)*"
)
_PREAMBLE: Final = 2000
"""Characters that may stand before the first speaker."""
_TAIL: Final = 200
"""End tokens are looked for in this many characters at a text's end; only pad tokens may be more."""
_PADS: Final = ("<pad>", "<|pad|>", "<|endoftext|>", "<｜▁pad▁｜>", "<|finetune_right_pad_id|>")
_OPENED: Final = re.compile(
    rf"(?:(?:\A|\n) ?(?:### ?(?:Response|Assistant)|Assistant|ASSISTANT)|\s(?:ASSISTANT|### ?Assistant)):"
    rf"[{BLANKS}]*(?:<think>)?[{BLANKS}]*\Z"
)
"""How a prompt ends whose answer a template in words has opened."""


_SPEAKER: Final = re.compile(r"\s*(?:### ?(?:Human|User|Instruction)|USER|Human|User):")
_LATER_SPEAKER: Final = re.compile(r"\s(?:### ?(?:Human|User)|USER):")
_ANSWERER: Final = re.compile(r"(?:### ?(?:Assistant|Response)|\b(?:ASSISTANT|Assistant)):")
"""Vicuna's and Guanaco's words, which nothing but their colons tells from a text's own."""


class RenderedTurn(NamedTuple):
    """A turn read back. closed: whether its end token stood there, so that nothing can go on from it."""

    role: str
    content: str
    closed: bool


@dataclass(frozen=True, slots=True)
class _Family:
    """One template: how a turn begins, with its role, and what its roles are called.

    ended: whether every turn has an end token, by which a header inside a turn's text shows. words: whether its
    marks are words, which count in a whole text alone. single: whether it has one question and one answer.
    """

    header: re.Pattern[str]
    roles: Mapping[str, str]
    ended: bool = True
    system_first: bool = False
    words: bool = False
    single: bool = False


_PLAIN: Final = {one: one for one in ("system", "user", "assistant", "tool", "developer")}
_LINE: Final = r"(?:\A|(?<=\n)|(?<=</s>)|(?<=\|>)|(?<=<sop>))"
_FAMILIES: Final = (
    _Family(re.compile(r"<\|im_start\|>(system|user|assistant|tool|developer)(?:\n|\Z)"), _PLAIN),
    _Family(
        re.compile(r"<\|start_header_id\|>(system|user|assistant|tool|ipython)<\|end_header_id\|>\n*"),
        {**_PLAIN, "ipython": "tool"},
    ),
    _Family(
        re.compile(r"<｜(User|Assistant)｜>"),
        {"User": "user", "Assistant": "assistant"},
        ended=False,
        system_first=True,
    ),
    _Family(
        re.compile(r"<\|turn>(system|user|model)(?:\n|\Z)"),
        {"system": "system", "user": "user", "model": "assistant"},
    ),
    _Family(re.compile(r"<start_of_turn>(user|model)\n"), {"user": "user", "model": "assistant"}),
    _Family(
        re.compile(rf"(?:{_LINE}<\||<\|(?=\w{{1,9}}\|>\n))(system|user|assistant)\|>\n?"), _PLAIN, ended=False
    ),
    _Family(
        re.compile(r"<\|start\|>(system|developer|user|assistant)(?:<\|message\|>|(?=<\|channel\|>)|\Z)"),
        _PLAIN,
    ),
    _Family(
        re.compile(r"(?:\A|(?<=\n))### (Instruction|Response):[ \t]*(?:\n|\Z)"),
        {"Instruction": "user", "Response": "assistant"},
        ended=False,
        system_first=True,
        words=True,
        single=True,
    ),
    _Family(
        re.compile(r"(?:\A|(?<=\n\n))(Human|Assistant):(?: |\n|\Z)"),
        {"Human": "user", "Assistant": "assistant"},
        ended=False,
        words=True,
    ),
)
"""ChatML, Llama 3, DeepSeek, Gemma, Zephyr with Phi and GLM, gpt-oss, Alpaca, Human and Assistant."""
_ALPACA_INPUT: Final = "\n\n### Input:\n"


def may_hold_tokens(text: str) -> bool:
    """Whether a text is worth a closer look for special tokens of a chat template.

    A single character is found ten times as fast as several, and most texts lack most of these.
    """
    if ("|" in text and ("<|" in text or "|>" in text)) or "<｜" in text:
        return True
    if "~" in text and ("e~[" in text or "]~" in text):
        return True
    if "]" in text and ("INST]" in text or "PROMPT]" in text):
        return True
    if "_" in text and ("_of_turn>" in text or "<extra_id_" in text or "<reserved_" in text):
        return True
    return ">" in text and any(one in text for one in ("os>", "<pad>", "SYS>>", ":pad>", "<role>", "<s>"))


def has_tokens(text: str) -> bool:
    """Whether a special token of a chat template stands in a text."""
    return may_hold_tokens(text) and _TOKEN.search(text) is not None


def strip_end(text: str, rendered: bool = False) -> str:
    """A text without the end-of-turn tokens on which it ends.

    Decoders leave them right behind the text, or on a line of their own; elsewhere they may be words of it, save in a
    text that is rendered. `</s>` is HTML where `<s>` stands before it.
    """
    tail = text if text[-_TAIL:].rstrip().endswith(_PADS) else text[-_TAIL:]
    if not tail.rstrip().endswith((">", "[e~[")) or (tail.rstrip().endswith("</s>") and "<s>" in text):
        return text
    found = _END.search(tail)
    if found is None:
        return text
    kept = text[: len(text) - len(tail) + found.start()]
    glued = bool(kept) and kept[-1] not in "`'\"(:" and not found[0].startswith((" ", "\t", "\u00a0"))
    return kept if rendered or glued else text


def require_plain(text: str, name: str) -> str:
    """A text without end tokens. Raises Misfit where another token of a chat template stands in it."""
    text = strip_end(text)
    if has_tokens(text) and (token := _TOKEN.search(text)):
        raise Misfit(
            f"'{name}' holds '{token[0]}' of a chat template, and is not a whole conversation in that template"
        )
    return text


def parse_rendered(text: str, words: bool = False) -> list[RenderedTurn] | None:
    """The turns of a text that is a whole conversation in a chat template; None where it does not begin like one.

    words: also where the marks are words (Alpaca's, Human and Assistant). The last turn may be an assistant's that
    was only opened. Raises Misfit where it begins like one, and is not one to its end.
    """
    tokens = has_tokens(text)
    if not tokens and not words:
        return None
    start = _BEGIN.match(text)
    body = text[start.end() :] if start and tokens else text
    if body.startswith("[INST]"):
        return _parse_inst(body)
    for family in _FAMILIES:
        if family.words is tokens:
            continue
        pieces = family.header.split(body)
        before = pieces[0].strip(BLANKS)
        if len(pieces) < 3 or (before and not family.system_first) or has_tokens(before):
            continue
        if family.roles[pieces[1]] == "assistant" and (family.words or before):
            continue
        return _make_turns(family, before, pieces[1:])
    return None


def begins_in_words(text: str) -> bool:
    """Whether a text begins with a speaker's name, perhaps after what the system says, and has an answerer's, as templates in words have them."""
    head = text.partition(OPEN)[0]
    found = _SPEAKER.match(head) or _LATER_SPEAKER.search(head, 0, _PREAMBLE)
    return found is not None and _ANSWERER.search(text, found.end()) is not None


def parse_prompt(text: str, name: str) -> list[RenderedTurn] | None:
    """The turns of a prompt that was rendered, with tokens or in words; None where it was not.

    Raises Misfit where it ends on an opened answer, as a template in words leaves it, and is none from its beginning.
    """
    opened = _OPENED.search(text, max(0, len(text) - _TAIL))
    turns = parse_rendered(text, words=opened is not None)
    if opened and turns is None:
        raise Misfit(
            f"'{name}' ends on '{opened[0].strip()}' of a prompt template, which cannot be read back: give the question alone"
        )
    return turns


def _make_turns(family: _Family, before: str, pieces: list[str]) -> list[RenderedTurn]:
    turns = [RenderedTurn("system", before, True)] if before else []
    pairs = list(zip(pieces[::2], pieces[1::2], strict=True))
    pairs = _join_channels(pairs)
    for number, (name, content) in enumerate(pairs):
        turn = _make_turn(family.roles[name], content)
        if family.ended and number < len(pairs) - 1 and not turn.closed:
            raise Misfit(f"it is rendered with a chat template, but turn {number + 1} has no end token")
        if not family.ended and turns and turns[-1].role == turn.role:
            raise Misfit(
                f"it is rendered with a chat template, but has two turns of the {turn.role} in a row"
            )
        turns.append(turn)
    if family.single and len(pairs) != 2:
        raise Misfit(
            f"it has {len(pairs)} headers like '### {pairs[0][0]}:', where one question and one answer should be"
        )
    return turns


def _join_channels(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """gpt-oss begins each of its channels like a turn; they are one."""
    joined: list[tuple[str, list[str]]] = []
    for name, content in pairs:
        if content.startswith("<|channel|>") and joined and joined[-1][1][0].startswith("<|channel|>"):
            joined[-1][1].append(f"<|start|>{name}{content}")
        else:
            joined.append((name, [content]))
    return [(name, "".join(contents)) for name, contents in joined]


def _make_turn(role: str, content: str) -> RenderedTurn:
    text = strip_end(content, rendered=True)
    closed = len(text) < len(content.rstrip())
    if role != "assistant":
        if has_tokens(text):
            require_plain(text, f"the {role}'s turn")
        head, found, more = text.partition(_ALPACA_INPUT)
        return RenderedTurn(role, (f"{head}\n\n{more}" if found else text).strip(BLANKS), closed)
    if has_tokens(text):  # s1's and gpt-oss' chains have tokens for marks
        if not closed and normalize_chain(text).marks == "":
            require_plain(text, "the assistant's turn")
        text = require_plain(normalize_chain(text).text, "the assistant's turn")
    # What a turn only opens is given on to its response, blanks and all.
    return RenderedTurn(role, text, closed)


def _parse_inst(text: str) -> list[RenderedTurn]:
    """Mistral's and Llama 2's turns, with the system message inside the first one."""
    turns: list[RenderedTurn] = []
    pieces = text.split("[INST]")[1:]
    for number, piece in enumerate(pieces):
        asked, closed, answer = piece.partition("[/INST]")
        if not closed:
            raise Misfit(
                "it begins with [INST] of a chat template, and is not a whole conversation in that template"
            )
        if number == 0 and asked.lstrip().startswith("<<SYS>>"):
            system, _, asked = asked.lstrip().removeprefix("<<SYS>>").partition("<</SYS>>")
            turns.append(RenderedTurn("system", require_plain(system.strip(), "the system's turn"), True))
        turns.append(RenderedTurn("user", require_plain(asked.strip(), "the user's turn"), True))
        if number < len(pieces) - 1:
            answer = answer.rstrip().removesuffix("<s>")
        said = require_plain(strip_end(answer, rendered=True), "the assistant's turn")
        turns.append(RenderedTurn("assistant", said.strip(), len(said) < len(answer.rstrip())))
    return turns


def parse_echo(response: str) -> list[RenderedTurn]:
    """The turns of a response that begins with its prompt as it was rendered, itself the last one; else none."""
    if not has_tokens(response[:2000]):
        return []
    turns = parse_rendered(response) or []
    return turns if turns and turns[-1].role == "assistant" else []


def cut_plain_echo(response: str, asked: str) -> str:
    """A response without the prompt's text, where it begins with that and a chain follows."""
    if not asked.strip(BLANKS) or not response.startswith(asked):
        return response
    rest = response[len(asked) :].lstrip(BLANKS)
    return rest if rest.startswith(OPEN) else response
