r"""Phrases beside an answer that change it, deny it, hedge it or take it back, in ten languages.

Each pattern is one alternation over short text: what stands directly before the answer (`STANCE_BEFORE` on it,
`CHANGE_BEFORE` to it), between two (`EITHER_OR`), directly after it (`AFTER`), anywhere in the rest of its
sentence (`IN_SENTENCE`), or in what follows (`LATER`).
"""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE | re.MULTILINE
_BOXLESS = r"\s|[$}:*_=(,\"'“]|\\[(\[]|\\text\{|\b(?:to|the|a|an|exactly|just|number|about|x|y|n)\b"
_LINK = rf"(?:{_BOXLESS}){{0,10}}\Z"
_LONG_LINK = (
    rf"(?:{_BOXLESS}|\b(?:be|been|is|are|was|were|had|equal|equals|actually|really|simply|final|correct|answer|value|result|solution|"
    r"option|choice|necessarily|get|we|then|[a-z])\b){0,12}\Z"
)

_DENIED = (
    r"\b(?:not|never|cannot|neither|nor|without|except|excluding|unlike|(?:wrong|incorrect|false|mistaken) (?:answer|value|result|solution)|"
    r"rather than|instead of|other than|different from|unequal to|no longer|isnt|wasnt|cant)\b|n['’]t\b"
)
_MAYBE = (
    r"\b(?:might|may|could)(?: (?:also|well|equally|still|then|possibly))? be\b|\b(?:either|maybe|perhaps|possibly|whether)\b"
    r"|\b(?:or|otherwise|alternatively|else)\b(?: (?:else|maybe|perhaps|possibly|even))?"
)
_SAMPLE = (
    r"\bexamples? of\b[^.]{0,30}|\b(?:for example|for instance|e\.g\.|such as|placeholder|example)\b"
    r"|\b(?:suppose|assume|assuming|if|unless|imagine|say)\b(?: that\b)?"
    r"|\bI (?:first |initially |originally |had |at first )?(?:thought|believed|assumed|guessed|expected)\b[^.]{0,30}"
    r"|\b(?:initial|previous|earlier|old|wrong|student['’]s|naive) (?:answer|guess|attempt)\b"
)
_DENIED_ELSEWHERE = (
    r"不是|并非|而非|不等于|不为|不可能是|不会是|不应该是|不能是|没有|除了"
    r"|\bno (?:es|son|puede ser|era|está)\b|\bnunca es\b|\ben lugar de\b|\bn['’](?:est|étaient|était) (?:pas|plus)\b"
    r"|\bne (?:sont|peut|peuvent|vaut|valent|font|fait) pas\b(?: être\b)?|\bau lieu de\b|\bnicht\b|\bkein(?:e|er|es)?\b|\bniemals\b|\bstatt\b"
    r"|\bnão (?:é|são|pode ser|era)\b|\bnunca é\b|\bem vez de\b|\bне\b(?: (?:равен|равно|равна|является|может быть))?|\bвместо\b|नहीं"
)
_MAYBE_ELSEWHERE = (
    r"(?:可能|也许|或许|大概|要么|或者|抑或)(?:是|为)?|शायद|아마도?|혹은|또는|たぶん|おそらく|または|もしくは"
    r"|\b(?:quizás?|tal vez|puede ser|podría ser|o bien|peut-être|soit|pourrait être|vielleicht|entweder|könnte(?: sein)?|möglicherweise"
    r"|talvez|pode ser|poderia ser|ou então|возможно|может быть|либо|наверное)\b"
)
_SAMPLE_ELSEWHERE = (
    r"例如|比如|(?:如果|假设)(?:答案)?(?:是|为)?|例えば|예를 들어|만약|\b(?:por ejemplo|si la respuesta es|par exemple|si la réponse est"
    r"|zum Beispiel|wenn die Antwort|por exemplo|se a resposta é|например|если ответ)\b|उदाहरण|अगर उत्तर"
)
_MORE = (
    r"\b(?:(?:more|less|fewer|greater|smaller|larger|higher|lower|bigger) than|at (?:least|most)|up to|below|above|under|over|between|minus"
    r"|negative|plus|times|divided by|half(?: of)?|twice|double|triple|thrice|squared?|cubed?"
    r"|(?:square|cube|square root|cube root|root|reciprocal|inverse|opposite|negation|negative|factorial|double|half|logarithm|complement) of)\b"
)
_MORE_ELSEWHERE = (
    r"(?:大于|小于|至少|至多|最多|最少|不超过|不少于|超过|低于|高于|负|减去?|加上?|乘以|除以|介于)(?:是|为|有)?|少なくとも|マイナス|적어도|마이너스"
    r"|\b(?:más de|menos de|mayor que|menor que|al menos|a lo sumo|como máximo|mitad de|doble de|cuadrado de|plus (?:de|que)|moins (?:de)?|au (?:moins|plus)"
    r"|supérieure? à|inférieure? à|moitié de|carré de|mehr als|weniger als|mindestens|höchstens|größer als|kleiner als|Hälfte von|Doppelte von|minus|menos"
    r"|mais de|maior que|pelo menos|no máximo|metade de|dobro de|больше(?: чем)?|меньше(?: чем)?|более|менее|половина от|минус)\b|कम से कम|ऋण"
)
STANCE_BEFORE = re.compile(
    rf"(?:{_DENIED}|{_MAYBE}|{_SAMPLE}|{_DENIED_ELSEWHERE}|{_MAYBE_ELSEWHERE}|{_SAMPLE_ELSEWHERE}){_LONG_LINK}",
    _FLAGS,
)
CHANGE_BEFORE = re.compile(rf"(?:{_MORE}|{_MORE_ELSEWHERE}){_LINK}", _FLAGS)
EITHER_OR = re.compile(
    r"\b(?:either|or|alternatively|otherwise|maybe|perhaps|oder|ou|o|или|либо)\b|或|要么|または|もしくは|또는|혹은|(?<!\w)या(?!\w)",
    _FLAGS,
)

_WRONG = (
    r"(?:wrong|incorrect|false|invalid|impossible|too (?:large|small|big|high|low|many|few)|a mistake|mistaken|an? error|rejected|extraneous"
    r"|an? (?:wrong|example|guess|placeholder))"
)
_ADVERB = r"(?: (?:clearly|obviously|actually|definitely|probably|simply|just|also|of course|certainly|therefore|then))?"
AFTER = re.compile(
    r"(?:[\s*_$)}\"”]|\\[ ,;!]|\\(?:text|mathrm|textbf|textit|mbox)\s*\{)*(?:"
    r"\?|？|~~|≠|\\neq?\b"
    rf"|(?:is|are|was|were|seems|looks|appears|would be|must be){_ADVERB} (?:not\b(?! only)|{_WRONG}\b)"
    rf"|(?:isn['’]t|aren['’]t|wasn['’]t|cannot|can['’]t|can not|doesn['’]t|does not|didn['’]t|did not|won['’]t|would not|wouldn['’]t|must not"
    r"|should not|shouldn['’]t|contradicts|fails|violates)\b"
    rf"|[,;]? *(?:which|that|this|it|but (?:that|this|it)) (?:is|was|seems|looks|must be|would be){_ADVERB} {_WRONG}\b"
    r"|times(?: (?:the|as|that|\$|\d)|\s*\}\s*[\w\\(])|(?:plus|minus|divided|multiplied|squared|cubed|factorial|raised|per (?:mille|thousand)|or so)\b"
    r"|(?:more|less|fewer|greater|smaller|larger)(?= than (?:\$|\\|\(?[a-z]\b|\d|half\b|twice\b|the (?:sum|product|square|number)\b)|\s*(?:[.,;}]|$))|(?:below|above) zero|over (?=[$\d])|to the (?:power|\w+th)\b"
    r"|(?:tenth|hundredth|thousandth)s?\b|if (?=\$|\\|[a-z]\b|otherwise)|unless\b|otherwise\b"
    r"|[,;(]? *(?:or|and/or|alternatively)\b(?! equivalently| approximately| about| roughly| simply| in other words| in (?:decimal|simplest|fraction|reduced))"
    r"|[,;(]? *(?:maybe|perhaps|possibly)\b"
    r"|不是|是错|错误|不对(?!称|应)|不成立|不符合|不满足|分之|以上|以下|以内|左右|或|的(?:平方|立方|一半|两倍|倒数|相反数)"
    r"|では?(?:ない|ありません)|じゃない|は(?:間違い|誤り|正しくな)|か[、。]|または|未満|の(?:2乗|半分|2倍)"
    r"|[이가은는] ?아니|[은는이가]? ?틀[렸린]|또는|혹은|이상|이하|미만|의 (?:제곱|절반|두 배)"
    r"|(?:no es|es incorrect[oa]|es fals[oa]|no son|o (?:quizás?|tal vez|bien|\$?\d)|al cuadrado|al cubo|por mil|más (?:que|de)|menos (?:que|de))\b"
    r"|(?:n['’]est pas|est (?:faux|incorrecte?)|ou (?:bien|peut-être|\$?\d)|au carré|au cube|de plus que|de moins que)\b"
    r"|(?:ist (?:nicht|falsch)|oder|zum Quadrat|hoch \d|mehr als|weniger als)\b"
    r"|(?:não é|está errad[oa]|é incorret[oa]|ou (?:talvez|então|\$?\d)|ao quadrado|ao cubo|a mais que|a menos que)\b"
    r"|[—-]? *(?:не(?:верн|прав)|это не\b|или\b|в квадрате|в кубе|больше|меньше)"
    r"|(?:नहीं|गलत|या)(?=\s|[।.,]|$)"
    r")",
    _FLAGS,
)

IN_SENTENCE = re.compile(
    r"\b(?:not (?:entirely |completely |fully |quite |really |at all |100% )?(?:sure|certain|confident)|unsure|uncertain"
    r"|(?:might|may|could) (?:also|well|equally|instead|just as well)\b|or (?:maybe|perhaps|possibly|something|it (?:might|may|could))"
    r"|something else|alternatively|just a guess|only a guess|who knows"
    r"|but (?:that|this|it|the answer|I)(?: \w+){0,2} (?:wrong|incorrect|should)|but (?:that|this|it) (?:is|was) not)\b"
    r"|不确定|不太确定|也可能|或者是|无法确定|自信がない|かもしれ|わからない|확실하지|모르겠|일 수도"
    r"|\bno estoy segur|\bpodría ser|\bne suis pas sûr|\bpourrait être|\bnicht sicher|\bkönnte auch|\bnão tenho certeza|\bpode ser que"
    r"|не уверен|может быть|возможно|यकीन नहीं|शायद",
    _FLAGS,
)

_AMISS = r"(?:wrong|incorrect|false|mistaken|a mistake|an? error|not (?:right|correct|true|the (?:answer|correct)))"
_SUBJECT = r"(?:that|this|it|the above|(?:my|our)(?: \w+)? (?:answer|result|calculation|computation|value|work|reasoning|solution)|the (?:above|boxed|previous) (?:answer|result|value))"
_VALUE = r"(?=[*_ ]*(?:\$|\\|-?\d|\(?[A-E]\)?(?:[.,;]|$)))"
LATER = re.compile(
    r"(?:^|[.!?]|\b(?:hmm|oh|but|no|so)[,. ]|[~…]) *wait\b(?! for| until| time)|\bwait *(?:[,!:—…]|\.\.)"
    r"|\b(?:oops|scratch that|on second thoughts?|correction *[:—-]|never ?mind|hold on\b|my mistake|my bad)"
    rf"|\b{_SUBJECT} (?:is|was|seems|looks|must be){_ADVERB} {_AMISS}\b|\b{_SUBJECT} can(?:not|['’]t) be (?:right|correct)\b"
    r"|\bI (?:have |had |['’]ve )?(?:made|make) (?:a |an )?(?:\w+ )?(?:mistake|error|slip)\b|\bI (?:dropped|forgot|overlooked|misread|miscounted|miscalculated|misunderstood)\b"
    r"|\bI should have\b|\bI (?:take|took) (?:it|that|this) back\b|\bI (?:retract|withdraw)\b"
    rf"|\b(?:it|this|that|the (?:\w+ )?(?:answer|result|value)) should (?:actually |instead |really |rather |in fact )?(?:be|have been|read){_VALUE}"
    rf"|\bactually,? (?:the (?:\w+ )?(?:answer|result|value)|it|that|x) (?:is|should be|was|equals|must be){_VALUE}"
    r"|\blet(?: me|['’]s| us) (?:re-?(?:compute|consider|calculate|do|think|evaluate)|start over|try again)\b"
    r"|\bI (?:could|can|did|do|was|am)(?: ?not|n['’]t) (?:able to )?(?:solve|know|tell|determine|figure|find|sure|certain|decide|confident)\b"
    r"|\bI['’]m not (?:\w+ )?(?:sure|certain|confident)\b|\b(?:just|only) (?:a|my) guess\b|\b(?:could|might) (?:also|equally|instead) be\b|\bunable to (?:solve|determine)\b"
    r"|不对(?=[，。,.!！；;：:]|$)|错了|算错|(?<!是否)(?<!没)有误(?!差)|更正|纠正|等一下|(?:^|[。！？])\s*等等|重新(?:计算|考虑|算)|(?:实际上|其实)[^。\n]{0,4}答案|应该?(?:是|为)\s*[$\d\\-]"
    r"|我不(?:确定|知道)|无法(?:确定|解决|解出)|待って|間違(?:い|え)(?:ました|です|た|でした)|訂正|正しくは|計算ミス|わかりません|잠깐|잠시만|틀렸|정정|실수했|다시 계산|모르겠"
    r"|\bespera[,.:]|\bcorrección *:|\bme equivoqué\b|\b(?:eso|esto|mi respuesta|la respuesta) (?:está mal|es incorrect[oa]|era incorrect[oa])|\ben realidad,? (?:la respuesta|es|son)\b"
    r"|\battend(?:s|ez)[,.: ]|\bme suis trompé|\bcorrection *:|\b(?:c['’]est|c['’]était) (?:faux|incorrect)\b|\ben fait,? (?:la réponse|c['’]est)\b"
    r"|\bmoment[,.:]|\bwarte[,.:]|\bkorrektur *:|\bdas (?:ist|war) falsch\b|\bhabe mich (?:geirrt|vertan|verrechnet)\b|\b(?:tatsächlich|eigentlich) (?:ist|lautet|wäre) die antwort\b"
    r"|\bespere[,.:]|\bcorreção *:|\b(?:eu )?errei\b|\bme enganei\b|\bisso está errado\b|\bna verdade,? (?:a resposta|é)\b"
    r"|\bподожди|\bстоп[,.!]|\bя ошиб|\bэто (?:неверно|неправильно)\b|\bисправлени|на самом деле,? ответ|\bя не (?:знаю|уверен)"
    r"|रुको|रुकिए|गलती|यह गलत|सुधार *:|वास्तव में उत्तर",
    _FLAGS,
)
