"""Whether a chain reasons in code although nobody asked for code.

The paper (arXiv 2501.12948, section 2.3.3) drops chains with code blocks: a reader wants the reasoning, and
a student without a sandbox learns to pretend that it ran something. Inline code and formulas stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from filters.check import Role, SampleCheck, judge_safely
from filters.text_columns import make_text_column
from filters.think import split_response
from filters.types import Prompt, Sample, Verdict

Span = tuple[int, int]

# Fences with these labels hold text, data or formulas, not a program.
_PROSE_LABELS = frozenset(
    [
        "text",
        "txt",
        "plain",
        "plaintext",
        "output",
        "console",
        "math",
        "latex",
        "tex",
        "md",
        "markdown",
        "table",
    ]
)
_FENCE = re.compile(r"^[ \t]{0,9}(`{3,20}|~{3,20})[ \t]{0,9}([\w+#.-]{0,20})", re.M)
_CODE_LINE = re.compile(
    r"\s{0,40}(?:"
    r"(?:async )?def \w{1,60}\(|class \w{1,60}[(:{]|import [\w.]{1,60}\s{0,9}(?:as \w+|,|;|$)|from [\w.]{1,60} import "
    r"|for \w[\w, ]{0,40} in [^\n]{1,120}:\s{0,9}(?:#|$)|(?:while|if|elif|for) ?\([^\n]{1,120}\)\s{0,9}\{"
    r"|(?:if|elif|while|with) [^\n]{1,120}:\s{0,9}(?:#[^\n]*)?$|(?:else|try|finally):\s{0,9}$|except\b[^\n]{0,60}:\s{0,9}$"
    r"|print\(|printf\(|console\.log\(|System\.out\.|std::|cout ?<<|#include ?[<\"]|return [^\n.]{0,80};?$"
    r"|(?:int|long|double|float|bool|char|auto|void|const|let|var|public|private|static|fn|func|function) [^\n]{0,100}[;{=]\s{0,9}"
    r"|[\w.\[\]]{1,60} ?(?:[-+*/%|&]?=) ?[\w.]{1,40}\([^\n]{0,100}\)[;:]?\s{0,9}$"
    r"|[\w.\[\]]{1,40} (?:\+|-|\*|/|//|%)= [^\n]{1,60}$|SELECT [^\n]{1,120} FROM |>>> |\}\s{0,9}$)"
)
# What the line above may begin with, without its ends and bounds, for polars' engine: it sees too much, never
# too little.
_GATE = (
    r"(?m)(?:^|<think>)[\s\x1c-\x1f]*(?:(?:async )?def \w|class \w|import [\w.]|from [\w.]+ import |for \w[^\n]* in [^\n]+:|(?:while|if|elif|for) ?\("
    r"|(?:if|elif|while|with) [^\n]+:|(?:else|try|finally):|except|print\(|printf\(|console\.log\(|System\.out\.|std::|cout ?<<|#include"
    r"|return |(?:int|long|double|float|bool|char|auto|void|const|let|var|public|private|static|fn|func|function) [^\n]*[;{=]"
    r"|[\w.\[\]]+ ?[-+*/%|&]?= ?[\w.]+\(|[\w.\[\]]+ (?:\+|-|\*|/|//|%)= |SELECT |>>> |\})"
)
_ASSIGNMENT = re.compile(r"\s{0,40}[A-Za-z_][\w.]{0,40}(?:\[[^\]\n]{1,40}\])? ?= ?[^=\n]{1,120}$")
_ASKS = re.compile(
    r"```|\bdef \w+\(|#include\b"
    r"|(?<!zip )(?<!area )(?<!bar )(?<!postal )(?<!secret )(?<!morse )(?<!access )(?<!dress )(?<!digit )\bcod(?:e[ds]?|ing)\b(?! word)"
    r"|\b(?:python|javascript|typescript|java|c\+\+|c#|golang|rust|sql|bash|matlab|haskell|kotlin|pseudo-?code|regex)\b"
    r"|\b(?:implement|debug|refactor|compile)\b|\b(?:write|create|design|complete|fix) (?:\w+ ){0,4}"
    r"(?:program|script|function|algorithm|class|method|query)\b"
    r"|代码|程序|编程|编写|伪代码|写一?个?.{0,12}(?:函数|脚本|算法)|コード|プログラム|코드|프로그램"
    r"|\b(?:programa|código|programme|programm|programma|codice|quellcode|skript)\b|программ|\bкод\b|برنامج|كود|कोड|प्रोग्राम|\bchương trình\b",
    re.I,
)
_LINES_OF_CODE = 3
"""Unfenced code counts from this many lines on: `x = 5` alone is algebra."""


class CodeBlocks(SampleCheck):
    """The chain holds no code blocks, fenced or not, unless the prompt asks for code.

    The score is the share of the chain's characters that stand in code blocks.
    """

    name: ClassVar[str] = "code_blocks"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "code_block": "the chain's first code is a fenced block",
        "code_lines": "the chain's first code is at least three lines without a fence",
    }
    default_filter: ClassVar[bool] = True

    max_share: float = Field(default=0.0, ge=0, le=1)
    """Largest share of the chain's characters that may stand in code blocks; 0 allows none."""

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch: one look for fences and lines of code at all texts, then each that has some."""
        verdicts = [Verdict(True, score=0.0)] * len(batch)
        texts = make_text_column([sample.response for sample in batch])
        seen = texts.str.contains("```|~~~") | (texts.str.count_matches(_GATE) >= _LINES_OF_CODE)
        for number in seen.arg_true().to_list():
            verdicts[number] = judge_safely(self.judge, batch[number])
        return verdicts

    def judge(self, sample: Sample) -> Verdict:
        """Look for blocks first: few chains have one, and only then does the prompt matter."""
        text = sample.response
        begin, end = split_response(text).chain_span or (0, len(text))
        fenced, loose = _blocks(text, begin, end)
        blocks = sorted(fenced + loose)
        share = sum(stop - start for start, stop in blocks) / max(1, end - begin)
        if not blocks or share <= self.max_share or asks_for_code(sample.prompt):
            return Verdict(True, score=share)
        rule = "code_block" if blocks[0] in fenced else "code_lines"
        return Verdict(False, f"{rule}: {share:.0%} of the chain is code", share, blocks[0])


def asks_for_code(prompt: Prompt) -> bool:
    """Whether a prompt's domain or words ask for a program, or show one."""
    return prompt.domain == "code" or _ASKS.search(prompt.text) is not None


def _blocks(text: str, begin: int, end: int) -> tuple[list[Span], list[Span]]:
    """The fenced blocks that hold code, and the runs of unfenced lines that do."""
    fenced, loose, at = [], [], begin
    for start, stop, body, label in _fences(text, begin, end):
        loose += _code_runs(text, at, start)
        if label.lower() not in _PROSE_LABELS and (label or _is_code(text, *body)):
            fenced.append((start, stop))
        at = stop
    return fenced, loose + _code_runs(text, at, end)


def _fences(text: str, begin: int, end: int) -> Iterator[tuple[int, int, Span, str]]:
    """Whole span, body's span and label of each fenced block; one that never closes reaches the end."""
    if "```" not in text and "~~~" not in text:
        return
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text, begin, end):
        if opened is None:
            opened = fence
        elif fence[1][0] == opened[1][0] and len(fence[1]) >= len(opened[1]) and not fence[2]:
            yield opened.start(), fence.end(), (opened.end(), fence.start()), opened[2]
            opened = None
    if opened is not None:
        yield opened.start(), end, (opened.end(), end), opened[2]


def _is_code(text: str, begin: int, end: int) -> bool:
    """Whether an unlabelled fence holds a program: at least a quarter of its lines look like code."""
    lines = [line for line in text[begin:end].split("\n") if line.strip()]
    hits = sum(_CODE_LINE.match(line) is not None for line in lines)
    return hits > 0 and hits * 4 >= len(lines)


def _code_runs(text: str, begin: int, end: int) -> list[Span]:
    """Runs of lines that look like code; an assignment or an indented line continues one."""
    runs: list[Span] = []
    start, hits, last = -1, 0, begin
    for line_start, line_end in _lines(text, begin, end):
        if _CODE_LINE.match(text, line_start, line_end):
            start, hits, last = (line_start if start < 0 else start), hits + 1, line_end
        elif start >= 0 and not _continues(text, line_start, line_end):
            runs += [(start, last)] * (hits >= _LINES_OF_CODE)
            start, hits = -1, 0
    return runs + [(start, last)] * (start >= 0 and hits >= _LINES_OF_CODE)


def _continues(text: str, begin: int, end: int) -> bool:
    blank = begin == end
    return blank or text[begin] in " \t#" or _ASSIGNMENT.match(text, begin, end) is not None


def _lines(text: str, begin: int, end: int) -> Iterator[Span]:
    while begin < end:
        stop = text.find("\n", begin, end)
        stop = end if stop < 0 else stop
        yield begin, stop
        begin = stop + 1
