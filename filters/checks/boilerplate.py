"""Whether a response speaks of what no reader should see: refusals, the model itself, a given answer, its prompt.

A chain that says "the reference answer says 7" was not reasoned but fitted to an answer that its teacher was
shown; a student learns to expect one. Such phrases are few and fixed, so they are looked for as they are; a
phrase that the prompt itself uses is an answer to it, and not a fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from filters.check import Role, SampleCheck, judge_safely
from filters.text_columns import make_gate, make_text_column
from filters.think import split_response
from filters.types import Sample, Verdict

_OPENING = 400
"""Characters of the response after the chain in which a refusal stands: further on it is a caveat."""
_MAKERS = "openai|anthropic|google|deepmind|meta|microsoft|deepseek|alibaba|mistral|baidu|moonshot"

# Without look-around, so that polars' engine can look for the same over a whole batch.
_SELF = (
    r"\bas an? (?:\w+ )?(?:ai|artificial intelligence|language model|llm|chatbot)\b(?:[ ,.]|$)"
    r"|\bi(?: am|'m|’m) (?:just |only )?an? (?:\w+ )?(?:ai|language model|llm|chatbot)\b"
    rf"|\b(?:trained|developed|created) by (?:{_MAKERS})\b|\bmy (?:training data|knowledge cut-?off)\b"
    r"|作为(?:一个|一名|一款|一种)?(?:人工智能|ai|大?语言模型|大模型|聊天机器人)|我(?:只)?是(?:一个|一名|一款)?(?:人工智能|ai|大?语言模型|大模型)"
    r"|\bals (?:eine? )?(?:ki|künstliche intelligenz)\b|\bals (?:ein )?sprachmodell\b"
    r"|\ben tant qu(?:e modèle de langage|['’](?:ia|intelligence artificielle|assistant virtuel))\b"
    r"|\bcomo (?:una? |um |uma )?(?:modelo de (?:lenguaje|linguagem)|ia|inteligencia artificial|inteligência artificial)\b"
    r"|\bcome (?:una? )?(?:modello linguistico|ia|intelligenza artificiale)\b"
    r"|\bкак (?:ии|искусственный интеллект|языковая модель)\b|\bai(?:言語モデル|アシスタント)?として"
    r"|\bai ?(?:언어 ?모델로서|로서)|인공지능으로서|\blà một (?:mô hình ngôn ngữ|trí tuệ nhân tạo)"
    r"|كنموذج لغوي|بصفتي (?:نموذج|ذكاء)|एक (?:एआई|ai) (?:भाषा मॉडल|के रूप में)"
)
_GIVEN = (
    r"\b(?:(?:reference|gold|golden|ground[- ]truth|official|provided|supplied|model) (?:answer|solution)|standard answer) "
    r"(?:is|says|states|gives|shows|was|has|given|provided|which|must|seems|claims|suggests|indicates|and)\b"
    r"|\b(?:the|with|to|from|match(?:es)?) (?:reference|gold|golden|ground[- ]truth) (?:final )?(?:answer|solution)\b"
    r"|\b(?:according to|given|based on|match(?:es)?|matching|agrees? with|consistent with|from|as per|look(?:ing)? at) "
    r"the (?:given|provided|supplied|reference|official|correct|expected) (?:final )?(?:answer|solution)\b(?:[ ,.:;]|$)"
    r"|\b(?:the|my) (?:correct|final|right|true) answer (?:is|was) (?:given|provided|supplied|known|stated) (?:to be|as|above|to me|in advance)\b"
    r"|\b(?:the )?answer (?:that )?(?:i was|i've been|i have been|we were) (?:given|told|shown|provided)\b"
    r"|\b(?:the )?answer key\b"
    r"|参考(?:答案|解答)|标准答案|(?:给定|给出|提供|所给|已知)的?(?:正确|参考|标准|最终)?答案(?:是|为|中|说|来|，)|(?:根据|按照|依照|与)(?:给出|给定|提供|所给|题目给)的?(?:正确)?答案"
    r"|\brespuesta (?:de referencia|proporcionada|correcta dada)\b|\bréponse (?:de référence|fournie)\b"
    r"|\breferenz(?:antwort|lösung)\b|\bmusterlösung\b|\bvorgegebenen? (?:antwort|lösung)\b|\bresposta (?:de referência|fornecida)\b|\bgabarito\b"
    r"|\brisposta (?:di riferimento|fornita)\b|эталонн(?:ый|ого|ому|ым) ответ|模範解答|参考解答|与えられた(?:答え|解答)|모범 ?답안|참고 ?답안|주어진 답(?:은|이|과)"
)
_PROMPT = (
    r"\b(?:system|developer) (?:prompt|message)\b|\b(?:my|the hidden|the system) (?:system )?(?:instructions|guidelines) (?:say|state|tell|are|require|forbid|prohibit)\b"
    r"|\b(?:content|usage) polic(?:y|ies)\b|\baccording to my (?:instructions|guidelines|programming)\b"
    r"|系统提示|系统消息|内容政策|使用政策|システムプロンプト|시스템 프롬프트"
    r"|(?:^|\n)(?:#{2,3} ?(?:instruction|response|input|human|assistant|user|system)s?:|\n(?:human|assistant): )"
    r"|\bconversation between (?:a )?user and (?:an )?assistant\b"
)
_REFUSAL = (
    r"\b(?:i|we)(?: am|'m|’m| are)? (?:unable|not able) to (?:assist|help|provide|comply|answer|fulfill?|complete|continue)\b"
    r"|\b(?:i|we) (?:cannot|can['’]?t|can not|won['’]?t|will not|must decline to|have to decline to) "
    r"(?:assist|help(?: (?:you|with))|provide|comply|fulfill?|engage|generate|discuss|answer (?:that|this|your)|share|create|support)\b"
    r"|\b(?:sorry|apologi[sz]e),? (?:but )?(?:i|we) (?:cannot|can['’]?t|am (?:unable|not able)|won['’]?t)\b|\bi must (?:refuse|decline)\b"
    r"|(?:抱歉|对不起|很遗憾)[，,。！ ]{0,2}(?:但)?我?(?:不能|无法|没有办法|没法)|我(?:无法|不能)(?:提供|协助|帮助|满足|回答|完成)(?:您|你|这|该|此|任何)?"
    r"|\blo siento,? (?:pero )?no puedo\b|\bje (?:suis désolée?|regrette),? (?:mais )?je ne peux\b|\btut mir leid,? (?:aber )?(?:ich kann|das kann ich)\b"
    r"|\bdesculpe,? (?:mas )?(?:eu )?não posso\b|\bmi dispiace,? (?:ma )?non posso\b|извините,? (?:но )?я не могу|申し訳(?:ありません|ございません)|죄송(?:합니다|하지만)"
    r"|\bxin lỗi,? (?:nhưng )?tôi không thể\b"
)
_PHRASES = (("self_reference", _SELF), ("given_answer", _GIVEN), ("leaked_prompt", _PROMPT))
_FIND = {rule: re.compile(pattern, re.IGNORECASE) for rule, pattern in _PHRASES}
_GATE = make_gate("|".join([_SELF, _GIVEN, _PROMPT, _REFUSAL]))
_REFUSES = re.compile(_REFUSAL, re.IGNORECASE)
_NOUN = re.compile(
    r"(?:reference|gold|golden|ground[- ]truth|official|standard|provided|supplied|model|given|correct|expected) (?:final )?(?:answer|solution)"
    r"|answer key|参考答案|参考解答|标准答案|musterlösung|gabarito|模範解答",
    re.IGNORECASE,
)
"""What a phrase about a given answer is about: a prompt that speaks of it has given it to read."""
_QUOTES = (("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"), ("„", "“"))
_ABOUT_MODELS = re.compile(
    r"\b(?:ai|a\.i\.|artificial intelligence|language models?|llms?|chatbots?|chatgpt|assistant|robots?|are you|your)\b|人工智能|语言模型|机器人|你是|您是|你的|AI",
    re.IGNORECASE,
)
"""A prompt that speaks of such things, or asks the model of itself, may be answered as one."""


class Boilerplate(SampleCheck):
    """The response does not refuse, and does not speak of being a model, of an answer it was given, or of its prompt.

    English and Chinese are covered best, ten more languages by their most common phrases. A phrase that the
    prompt itself uses is allowed. No score.
    """

    name: ClassVar[str] = "boilerplate"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "self_reference": "chain or response says that a language model is speaking",
        "given_answer": "chain or response speaks of a reference answer that the model was given",
        "leaked_prompt": "chain or response speaks of a system prompt or policy, or holds a chat template's headings",
        "refusal": "the response begins with a refusal",
    }
    default_filter: ClassVar[bool] = True
    version: ClassVar[int] = 2

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch: one look for all phrases at all texts, then each text that holds one by itself."""
        verdicts = [Verdict(True)] * len(batch)
        seen = make_text_column([sample.response for sample in batch]).str.contains(_GATE)
        for number in seen.arg_true().to_list():
            verdicts[number] = judge_safely(self.judge, batch[number])
        return verdicts

    def judge(self, sample: Sample) -> Verdict:
        """The first rule with a phrase that the prompt does not use."""
        text, prompt = sample.response, sample.prompt.text
        for rule, pattern in _FIND.items():
            if rule == "self_reference" and _ABOUT_MODELS.search(prompt):
                continue
            found = _unasked(pattern, text, prompt, 0, len(text))
            if found is not None:
                return _fault(rule, found)
        begin = (split_response(text).answer_span or (len(text), 0))[0]
        refused = _unasked(_REFUSES, text, prompt, begin, begin + _OPENING)
        if refused is None or _is_spoken(text[begin : refused.start()]):
            return Verdict(True)
        return _fault("refusal", refused)


def _unasked(pattern: re.Pattern[str], text: str, prompt: str, begin: int, end: int) -> re.Match[str] | None:
    """The first match whose words do not stand in the prompt."""
    asked = prompt.casefold()
    for found in pattern.finditer(text, begin, end):
        noun = _NOUN.search(found[0])
        if (noun or found)[0].strip(" ,.:;\n").casefold() not in asked:
            return found
    return None


def _is_spoken(before: str) -> bool:
    """Whether a quotation is open after this text: then it is somebody in a story who refuses."""
    return before.count('"') % 2 == 1 or any(before.count(a) > before.count(b) for a, b in _QUOTES)


def _fault(rule: str, found: re.Match[str]) -> Verdict:
    return Verdict(False, f"{rule}: {' '.join(found[0].split())}", None, found.span())
