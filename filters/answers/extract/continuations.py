r"""What goes on after an answer: items, conditions, hedges and steps that make it a part or a step of the answer.

"\boxed{5} and 7", "only if n is even", "though 6 is equally likely", "which we then divide by 2", "- wrong",
in ten languages. Each pattern is matched where the answer ends (`GOES_ON`, `NEXT`) or searched in the rest of
its sentence (`OTHER_VALUE`).
"""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE | re.MULTILINE
_GLUE = r"(?:[\s*_$)}\"”]|\\[ ,;!)\]]|\\(?:text|mathrm|textbf|textit|mbox)\s*\{|\\q?quad)*"
_NUMBER = r"[*_ ]*(?:\$|\\\(|\\)?\s*[-−]?(?:\d|\\[dt]?frac|\\sqrt)"
_ITEM = r"(?:\$|\\\(|\*\*)?\s*[-−]?(?:\d[\d.,/]*(?<=\d)|\\[dt]?frac\{?[^{}]{1,9}\}?\{?[^{}]{1,9}\}?|\\sqrt\{?\w{1,4}\}?)"
_END = r"(?:[\s*$)}\]]|\\[)\]])*(?:respectively|(?:[.!。।](?!\d))|\Z|\n)"
_OP = r"(?:divid(?:e|ing)|multiply(?:ing)?|subtract(?:ing)?|add(?:ing)?|doubl(?:e|ing)|halv(?:e|ing)|squar(?:e|ing)|cub(?:e|ing))"
_OPERATED = (
    r"(?:divided|multiplied|subtracted|added|doubled|halved|squared|cubed|rounded (?:up|down)|converted)"
)
_WRONG = (
    r"(?:wrong|incorrect|false|not (?:right|correct)|mistaken|falsch|faux|incorrect[oa]|equivocad[oa]|errad[oa]|incorret[oa]|неверно|неправильно|错误?|間違い|誤り|틀림|오답|गलत)"
    r"(?![\w-]| (?:answers?|options?|choices?|because|to)\b)"
)

ITEM_AFTER = re.compile(
    rf"{_GLUE}(?:[,;、，]|\b(?:and|y|et|und|e|и)\b|[和与と와과]|और)(?:\s|\\[ ,;!]|\\q?quad|\b(?:and|y|et|und|e|и)\b)*"
    rf"(?:(?P<name>[A-Za-z](?:_\{{?\w{{1,3}}\}}?)?)\s*=\s*)?{_ITEM}{_END}",
    _FLAGS,
)
"""A number after the answer that ends its sentence, as an item of a list does; its name where it has one."""

GOES_ON = re.compile(
    rf"{_GLUE}(?:"
    rf"[,;:(–—-]* *{_WRONG}"
    r"|[,;]? *(?:only|solely) (?:if|when|for)\b|[,;]? *(?:solo|sólo|solamente) si\b|[,;]? *(?:seulement|uniquement) si\b|[,;]? *nur (?:wenn|falls)\b"
    r"|[,;]? *(?:somente|só|apenas) se\b|[,;]? *только (?:если|при)\b|[,，]? *(?:仅当|只有当|只有在)|[,;]? *(?:केवल तभी|तभी जब)|(?:です|である)?[、]?.{0,12}(?:とき|場合)(?:のみ|だけ)|.{0,14}(?:때만|경우에만)"
    rf"|(?:is|was|are) (?:what|the (?:number|value|amount|quantity|one)(?: that| which)?) (?:we|you|I|one|they)(?: \w+){{0,3}} {_OP}\b"
    rf"|(?:must|needs? to|has to|have to|should|is to|will|then|still)(?: \w+){{0,2}} be (?:\w+ )?{_OPERATED}\b"
    rf"|[,;]? *(?:(?:and|then|now|which|that) )+(?:(?:we|you|I|then|now|must|need|have|to|still|should|can|will) )*{_OP} (?:it|this|that|by|to|from|the|\$?\d)"
    r"|[,，]?(?:再|然后|还要|还需|需要|接着)+(?:再)?(?:除以|乘以|加上?|减去?)|[,;]? *(?:que|y) (?:\w+ )?(?:hay que|debemos|tenemos que|se debe) (?:dividir|multiplicar|restar|sumar)"
    r"|[,;]? *(?:qu['’]il|il) faut (?:\w+ )?(?:diviser|multiplier|soustraire|ajouter)|[,;]? *muss (?:noch |dann )?[^.\n]{0,20}(?:geteilt|multipliziert|dividiert|abgezogen) werden"
    r"|[,;]? *(?:que|e) (?:\w+ )?(?:devemos|temos (?:de|que)|precisamos) (?:dividir|multiplicar|subtrair|somar)|[,;]? *(?:которое )?(?:нужно|надо) (?:ещё |еще )?(?:разделить|умножить|вычесть|прибавить)"
    r"|を\s*\d+\s*で(?:割|かけ|掛け)|[을를]? ?\d+(?:으?로|을|를) (?:나누|곱)|को \d+ से (?:भाग|गुणा)"
    r"|(?:だ|である|です)?と(?:は)?(?:思わない|思いません|考えられない)|(?:の)?はずがない|(?:이?라고) (?:생각하지 않|보지 않)|일 리가? 없"
    r"|(?:之间|の間|(?:와|과)?\s?사이|के बीच)"
    r")",
    _FLAGS,
)
"""What directly after an answer makes it a step, a condition's case, an end of a range, or wrong."""

NEXT = re.compile(
    r"[\s.!…*_$)}\]\"”。।]*(?:\b(?:actually|no|hmm|well|but|however|sorry|oops|unfortunately)\b[,.: ]*)*(?:"
    r"(?:that|this|it|which|the answer)(?: (?:is|was)|['’]s) (?:\w+ ){0,2}(?:wrong|incorrect|false|not (?:right|correct|it|true)|a mistake|an error)\b"
    r"|(?:that|this|it) (?:isn['’]t|wasn['’]t) (?:\w+ )?(?:right|correct|true|it)\b"
    r"|(?:that|this|it) (?:doesn['’]t|does not|can['’]t|cannot) (?:work|be right|be correct|make sense|fit|satisfy)\b"
    rf"|(?<=actually, ){_NUMBER}|(?<=actually ){_NUMBER}|(?<=actually )no\b|(?<=actually, )no\b|just kidding|I meant\b"
    r"|(?:please )?(?:ignore|disregard|forget) (?:that|this|it|the above|my (?:last|previous))\b"
    rf"|(?:now|next|then|finally),? (?:(?:we|you|I|must|need|have|to|should|can|just|will) )*{_OP} (?:it|this|that|by|the result|\$?\d)"
    r"|(?:实际上|其实)[^。\n]{0,4}(?:错|不对|不正确)|(?:en realidad,? )?(?:eso |esto )?(?:no es correct[oa]|está mal|es incorrect[oa])|(?:en fait,? )?(?:c['’]est faux|ce n['’]est pas (?:correct|juste|exact))"
    r"|(?:eigentlich |nein, )?(?:das )?(?:stimmt nicht|ist falsch)|(?:na verdade,? )?(?:isso )?(?:está errado|não está certo)|(?:на самом деле,? )?это (?:неверно|не так|неправильно)"
    r"|(?:いや|いいえ|実は)?、?違(?:います|う|った)|(?:아니요|사실)[, ]*(?:그건 )?(?:틀|아니)|(?:असल में|वास्तव में)[, ]*(?:यह )?(?:गलत|सही नहीं)"
    r")",
    _FLAGS,
)
"""A sentence directly after an answer's that takes it back, or goes on computing with it."""

_LIKELY = r"(?:likely|possible|plausible|probable|valid|acceptable|correct)"
OTHER_VALUE = re.compile(
    rf"\b(?:though|although|but|while|whereas|however)\b,? {_NUMBER}[^\s]{{0,12}} (?:is|are|seems|would be)(?: \w+){{0,2}} {_LIKELY}\b"
    rf"|{_NUMBER}[^\s]{{0,12}} (?:is|are|seems|would be) (?:also|equally|just as|as|still) {_LIKELY}\b"
    rf"|\b(?:it|this|that|the answer) (?:could|might|may) (?:also |well |equally )*be {_NUMBER}"
    rf"|\b(?:otherwise|sonst|andernfalls|sinon|de lo contrario|en caso contrario|caso contrário|senão|иначе|в противном случае)\b,? (?:[^\W\d]+ ){{0,3}}(?:[=] ?)?{_NUMBER}"
    rf"|(?:否则|そうでなければ|그렇지 않으면|अन्यथा|वरना)[^\d\n.。]{{0,10}}{_NUMBER}"
    rf"|(?:,| and| while| whereas| but)+ {_NUMBER}[^\s]{{0,12}} (?:if|when|for|otherwise|in case) (?!it\b|you\b|we\b)"
    rf"|\b(?:aunque|bien que|obwohl|embora|хотя)\b {_NUMBER}[^\s]{{0,12}} [^.\n]{{0,24}}(?:probable|posible|possible|wahrscheinlich|möglich|provável|possível|вероят|возмож)"
    rf"|(?:虽然|尽管|但|不过){_NUMBER}\S{{0,6}}(?:也|同样)[^。\n]{{0,6}}可能|{_NUMBER}\S{{0,6}}も(?:あり得|ありえ|可能)|{_NUMBER}\S{{0,6}}(?:도 가능|일 가능성)|{_NUMBER}\S{{0,6}} भी [^।\n]{{0,10}}(?:संभव|हो सकता)",
    _FLAGS,
)
"""Another value in the rest of the sentence that may be the answer as well."""
STEP_BEFORE = re.compile(rf"\b{_OP}\s*[$*\\(]*\Z", re.IGNORECASE)
STEP_AFTER = re.compile(r"[\s$*)}\\]*(?:by|to|from|with|and)\b", re.IGNORECASE)
