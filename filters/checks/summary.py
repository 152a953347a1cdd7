"""Whether a response ends in a summary that its reader can use, as the cold start's examples do.

The paper (arXiv 2501.12948, section 2.3.1) writes its first chains in a readable form: the reasoning, then a
summary of what came out of it; what is not friendly to the reader is dropped. A policy that starts from such
examples keeps its searching inside the think block and its answer outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from filters.answers.extract.final_answer import FinalAnswer, extract_answer
from filters.check import Role, SampleCheck
from filters.languages.prose import blank_non_prose
from filters.languages.scripts import SCRIPTS
from filters.sentences import ends_sentence
from filters.think import Parts, split_response
from filters.types import Prompt, Sample, Verdict

_READ = 40_000
"""Characters of a summary in which phrases are looked for; only a program or a story is longer."""
_SHORT = 200
"""A summary of at most this many characters may be longer than its chain: a simple question needs little of one."""
_WORD = re.compile(r"[^\W\d_]+")
_TOGETHER = re.compile(f"[{SCRIPTS['han']}{SCRIPTS['kana']}{SCRIPTS['thai']}]")
_LETTERS_A_WORD = 2
"""Of scripts without blanks between words: enough to tell a sentence from an answer."""
_NAMED = re.compile(r"\d|\\[A-Za-z]|\A\W{0,4}[A-Z]\W{0,4}\Z")
"""References that a response must give as an answer: numbers, formulas, letters. Others can stand in prose."""

_BEGINS = r"(?:\A|(?<=[.!?。！？؟।۔…\n,，،;；؛])|(?<=[.!?] )|(?<=[。！？؟।۔] ))[ \t]{0,9}"
"""Where a sentence or clause may begin: 'wait' and its like are orders to oneself only there."""
_SEARCHING = re.compile(
    rf"(?P<begins>{_BEGINS})(?:(?:oh|but|no|so|ok|okay)?,? ?(?:wait|hold on|hang on)\b ?(?:[,.!?…—-]|no\b|but\b|a (?:minute|moment|second)|let\b|is\b|that)"
    r"|h+m{2,}\b|oops\b|on second thoughts?\b|scratch that\b|actually,? (?:no|wait)\b)"
    r"|\blet(?: me|['’]s|s| us) (?:just |quickly |now )?(?:double[- ]check|re-?(?:check|compute|calculate|consider|think|do|examine|verify)"
    r"|check|verify|think|see if|try (?:again|another|something))\b"
    r"|\bi (?:should|need to|must|have to) (?:double[- ]check|re-?(?:check|compute|calculate|consider|think)|check (?:this|that|my|it))\b"
    r"|\b(?:that|this)(?: is|['’]s| was) (?:not right|wrong)[,.!…]|\bi made (?:a|an) (?:mistake|error)\b|\bi(?: am|['’]m) (?:not sure|confused|stuck)\b"
    r"|(?:\A|(?<=[。！？!?…\n]))[ \t]{0,9}(?:等等|等一下|等会儿|且慢|慢着|不对|嗯+|哎呀|唔)[，,。！…、\s]"
    r"|(?:让我|我们?|我得|我要|我应该|我需要)(?:们)?(?:再|重新|先|来)?(?:检查|验算|验证|想想|想一想|想一下|思考|确认|算一[遍下次]|试试)"
    r"|(?:再|重新)(?:检查|验算|想一想|想想|算)一?[遍下次]|我(?:好像)?(?:算|弄|搞)错了|我不(?:太)?确定",
    re.IGNORECASE,
)
_UNFRIENDLY = re.compile(
    r"\b(?:you(?:['’]re| are)?|are you|how) (?:(?:an?|such an?|so|too|really|just|being) ){0,2}(?:\w{1,20} )?(?:idiots?|stupid|morons?|dumb|imbeciles?|fools?)\b"
    r"|\b(?:stupid|dumb|idiotic|silly|ridiculous) question\b|\bshut up\b|\b(?:stop|quit) (?:wasting|bothering)\b|\bwast(?:e|ing) (?:of )?my time\b"
    r"|\bdo (?:your own|it) (?:homework|work|yourself)\b|\b(?:figure|work) it out (?:for )?yourself\b|\b(?:that|this|it)(?:['’]s| is) not my (?:problem|job)\b"
    r"|\bi (?:don['’]t|do not) (?:care|feel like)\b|\bas i (?:already|have already|['’]ve already) (?:said|told you)\b|\bleave me alone\b"
    r"|白痴|笨蛋|蠢货|傻瓜|你(?:真|太|好|是不是)?(?:蠢|笨|傻)|闭嘴|(?:愚蠢|弱智|无聊)的问题|别(?:来)?烦我|自己(?:去)?(?:想|算|查)(?:吧|去)|关我什么事|浪费我的?时间",
    re.IGNORECASE,
)


class Summary(SampleCheck):
    """A summary for the reader follows the chain: a sentence with the answer, without further searching.

    Only what follows the last `</think>` is read; quotations, code and phrases that the prompt itself uses are
    allowed. English and Chinese are covered. No score.
    """

    name: ClassVar[str] = "summary"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "no_summary": "nothing follows the chain, or there is no closed chain to sum up",
        "unfriendly": "the summary insults the reader or sends them away",
        "thinks_aloud": "the summary goes on searching or checking",
        "no_answer": "the reference is a number, a formula or a letter, and the summary gives no answer",
        "bare": "the answer stands alone, with too few words beside it",
        "longer_than_chain": "the summary is longer than its chain and than 200 characters",
    }
    version: ClassVar[int] = 2

    least_words: int = Field(default=1, ge=0)
    """Words the summary has beside the answer; two letters of Chinese, Japanese or Thai count as a word."""

    def judge(self, sample: Sample) -> Verdict:
        """The first fault found."""
        parts = split_response(sample.response)
        if parts.chain_span is None or parts.answer_span is None:
            return Verdict(False, "no_summary: there is no closed think block")
        if not (parts.answer or "").strip():
            return Verdict(False, "no_summary: nothing after </think>", None, parts.answer_span)
        found = extract_answer(parts)
        return (
            _phrase_fault(parts, sample.prompt)
            or _answer_fault(parts, found, sample.prompt)
            or self._length_fault(parts, found)
            or Verdict(True)
        )

    def _length_fault(self, parts: Parts, found: FinalAnswer) -> Verdict | None:
        """Too few words around the answer, or more text than the chain it sums up."""
        summary = parts.answer or ""
        words = _words_beside(parts, found)
        if words < self.least_words:
            return Verdict(False, f"bare: {words:g} words beside the answer", None, parts.answer_span)
        size, chain = len(summary.strip()), len(parts.chain.strip())
        if size > max(chain, _SHORT):
            reason = f"longer_than_chain: {size} characters, the chain has {chain}"
            return Verdict(False, reason, None, parts.answer_span)
        return None


def _phrase_fault(parts: Parts, prompt: Prompt) -> Verdict | None:
    """An unfriendly word, or one that goes on thinking; quoted, or asked for by the prompt, it is neither."""
    begin = parts.answer_span[0] if parts.answer_span else 0
    prose, asked = blank_non_prose((parts.answer or "")[:_READ]), prompt.text.casefold()
    for rule, pattern in (("unfriendly", _UNFRIENDLY), ("thinks_aloud", _SEARCHING)):
        for found in pattern.finditer(prose):
            phrase = found[0].strip(" ,.!?\n…，。！")
            if phrase.casefold() not in asked and not _within_sentence(prose, found):
                span = begin + found.start(), begin + found.end()
                return Verdict(False, f"{rule}: {' '.join(phrase.split())}", None, span)
    return None


def _within_sentence(prose: str, found: re.Match[str]) -> bool:
    """Whether a phrase that is an order only where a sentence begins stands after a full stop that ends none: `e.g. hmm`."""
    if found.re is not _SEARCHING or found["begins"] is None:
        return False
    at = len(prose[: found.start()].rstrip(" ")) - 1
    return prose[at : at + 1] == "." and prose[at - 1 : at] != "." and not ends_sentence(prose, at)


def _answer_fault(parts: Parts, found: FinalAnswer, prompt: Prompt) -> Verdict | None:
    """A summary that gives no answer where the reference says that there is one to give."""
    if found.text.strip() or not _NAMED.search(prompt.answer or ""):
        return None
    return Verdict(False, "no_answer: the summary names no final answer", None, parts.answer_span)


def _words_beside(parts: Parts, found: FinalAnswer) -> float:
    """How many words the summary has beside its final answer and formulas."""
    begin, text = (parts.answer_span or (0, 0))[0], parts.answer or ""
    if found.span is not None:
        first, last = (max(0, place - begin) for place in found.span)
        text = text[:first] + " " * (last - first) + text[last:]
    words = _WORD.findall(blank_non_prose(text, quotations=False))
    together = (len(_TOGETHER.findall(word)) for word in words)
    return sum(max(1.0, letters / _LETTERS_A_WORD) for letters in together)
