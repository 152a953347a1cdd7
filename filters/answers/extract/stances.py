r"""Phrases further off, before an answer, that deny it, suppose it or call it somebody's mistake, in ten languages.

`phrases` holds what stands directly before an answer; these reach over the rest of their clause: "I don't think
the answer is", "if the answer were", "a common wrong answer is", "a naive solution would give".
"""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE | re.MULTILINE
_GAP = (
    r"(?:, (?:dass|что|чтобы)\b|(?!\b(?:but|so|thus|hence|therefore|then|because|since|and|pero|mais|aber|sondern|mas|но|а)\b|[,;:，；：。])"
    r"[^\n]){0,70}\Z"
)
"""The rest of a clause: a comma or a word like "so" begins another one."""

_DENIED = (
    r"\b(?:do|does|did|would|could|can|should)(?:n['’]t| not) (?:\w+ )?(?:think|believe|suppose|expect|agree|accept|claim|say|guess|imagine|buy)\b"
    r"|\bcannot (?:\w+ )?(?:say|claim|conclude|accept|believe)\b"
    r"|(?<!not )\b(?:impossible|improbable|implausible|unlikely|doubtful|untrue|false|wrong|incorrect|mistaken) (?:that|to (?:say|think|claim|answer|conclude|assume|believe))\b"
    r"|\bnot (?:true|possible|correct|right|likely|clear|certain|sure|proven|the case|convinced) (?:that|whether|if|to say)\b"
    r"|\bno (?:way|chance|evidence|proof)\b|\bI (?:seriously |highly |really )?(?:doubt|deny|dispute|reject)\b|\bnobody\b|\bno one\b"
)
_DENIED_ELSEWHERE = (
    r"不(?:认为|觉得|相信|同意)|不(?:可能|太可能|大可能)|\bno (?:creo|pienso|considero|parece) que\b|\bes (?:imposible|falso|improbable) que\b|\bdudo que\b"
    r"|\b(?:ne|n['’])\s?(?:pense|crois|estime) pas\b|\best (?:impossible|faux|improbable) que\b|\bdoute que\b"
    r"|\bglaube (?:ich )?(?:nicht|kaum)\b|\bbezweifle\b|\bunmöglich\b|\bnão (?:acho|creio|penso|acredito) que\b|\bé (?:impossível|falso|improvável) que\b|\bduvido que\b"
    r"|\bне (?:думаю|считаю|верю|согласен)\b|\bневозможно\b|\bсомневаюсь\b|नहीं लगता|असंभव"
)
_SUPPOSED = (
    r"(?:^|[.!?(] *)(?:were|had|should) (?:the|it|this|that|our|my)\b"
    r"|\b(?:suppose|supposing|assume|assuming|imagine|if|unless)(?: that)? (?:the|our|my|its|this) (?:\w+ )?(?:answer|result|solution)\b"
    r"|\b(?:si la (?:respuesta|solución) (?:fuera|fuese)|supongamos|si la (?:réponse|solution) était|supposons|wäre die (?:antwort|lösung)"
    r"|angenommen|se a (?:resposta|solução) fosse|suponhamos|suponha|если бы|предположим|допустим)\b|假如|倘若|若答案|假设|अगर|यदि|मान ल|もし|仮に|만일|만약"
)
_MISTAKEN = (
    r"\b(?:wrong|incorrect|false|mistaken|erroneous|flawed|na[iï]ve) (?:\w+ )?(?:answer|value|result|solution|choice|option|guess|response|conclusion|method|approach|calculation|reasoning)s?\b"
    r"|\b(?:common|usual|typical|frequent|easy|classic|popular|tempting) (?:\w+ ){0,2}(?:mistake|error|misconception|pitfall|trap|slip)s?\b"
    r"|\b(?:trap|tempting|distractor) (?:\w+ ){0,2}(?:answer|choice|option)\b|\bna[iï]vely\b"
    r"|\b(?:one|you|some|many|most|people|students|beginners)(?: \w+)? (?:might|may|could|would) (?:\w+ )?(?:think|guess|say|believe|expect|answer|be tempted)\b"
    r"|\b(?:many|some|most|careless|other) (?:students?|people|solvers?|beginners?)\b|\ba (?:careless|hasty|weak) \w+\b"
    r"|(?:错误|常见)的?(?:答案|解法|结果|错误)|\b(?:respuesta|solución) (?:incorrecta|errónea|equivocada|ingenua)\b|\berror (?:común|frecuente)\b"
    r"|\b(?:mauvaise|fausse) (?:réponse|solution)\b|\b(?:réponse|solution) (?:fausse|naïve|incorrecte|erronée)\b|\berreur (?:courante|fréquente)\b"
    r"|\b(?:falsche|naive|verkehrte) (?:antwort|lösung)\b|\bhäufige[rn]? fehler\b|\b(?:resposta|solução) (?:errada|incorreta|ingênua)\b|\berro comum\b"
    r"|\b(?:неверн|неправильн|ошибочн|наивн)\w* (?:ответ|решени)\w*|\b(?:частая|типичная|распространённая) ошибка\b|गलत उत्तर|(?:よくある|一般的な)(?:間違い|誤り|誤答)|誤答|(?:흔한|일반적인) (?:오답|실수)|오답"
)
FAR_BEFORE = re.compile(
    rf"(?:{_DENIED}|{_DENIED_ELSEWHERE}|{_SUPPOSED}|(?:{_MISTAKEN})(?: *[:：])?){_GAP}",
    _FLAGS,
)
BETWEEN = re.compile(
    r"\b(?:between|entre|zwischen|между)\s+(?:[$\\(*]*)-?[\d.,/]*\d[^\s]{0,12}\s+(?:and|y|et|und|e|и)\s+[$\\(*]*\Z",
    _FLAGS,
)
"""A range whose other end is a number: between 4 and 5."""
LISTED_BEFORE = re.compile(
    r"\b(?:answers|solutions|roots|zeros|zeroes|values|numbers)\b[^.\n]{0,40}?\b(?:are|is|:)\s+"
    r"(?:[$\\(*]*(?:[A-Za-z]\w?\s*=\s*)?-?\d[\d./]*[$\\)*]*(?:,| and|,? or)\s+)+(?:and |or )?[$\\(*]*(?:[A-Za-z]\w?\s*=\s*)?\Z",
    _FLAGS,
)
"""Items of a list, the last of which alone is in a box: the solutions are 7 and 5."""
TURNED_BEFORE = re.compile(
    r"\b(?:a|an|net|total|overall|is|was) (?:\w+ )?(?:loss|deficit|debt|decrease|drop|decline|reduction|shortfall)(?: in \w+)? of\b"
    r"[\s$*\\(:]*(?:\btext\{)?[\s$*]*\Z"
    r"|(?:亏损|亏|减少|下降|欠)了?[\s$]*\Z|\b(?:una? (?:pérdida|disminución|deuda|déficit)|une? (?:perte|baisse|diminution|dette)|(?:uma?|um) (?:perda|diminuição|queda|dívida)) (?:total |nette |neta )?de[\s$]*\Z"
    r"|\bein(?:en)? (?:Verlust|Rückgang|Defizit) von[\s$]*\Z|\b(?:убыток|потеря|долг|снижение)(?: в| на)?[\s$]*\Z|का (?:घाटा|नुकसान)[\s$]*\Z|損失は?[\s$]*\Z|손실은?[\s$]*\Z",
    _FLAGS,
)
"""Words that turn the sign of what follows: a loss of 5 is a profit of -5."""
