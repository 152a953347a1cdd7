"""Words in whose order things are counted off, and words that a text may be padded with: data, not rules.

Weekdays and months are CLDR's (wide names, lower case); the number words those of CLDR's spell-out rules.
"""

from __future__ import annotations

import string

_SERIES = (
    string.ascii_lowercase,
    "αβγδεζηθικλμνξοπρστυφχψω",
    "甲乙丙丁戊己庚辛壬癸",
    "一二三四五六七八九十",
    "①②③④⑤⑥⑦⑧⑨⑩",
    "月火水木金土日",
    "월화수목금토일",
    "i ii iii iv v vi vii viii ix x",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
    "none single double triple quadruple",
    "once twice thrice",
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth last",
    "ones tens hundreds thousands",
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april may june july august september october november december",
    "uno dos tres cuatro cinco seis siete ocho nueve diez",
    "primer segundo tercer cuarto quinto sexto séptimo octavo noveno décimo",
    "primera segunda tercera cuarta quinta sexta séptima octava novena décima",
    "lunes martes miércoles jueves viernes sábado domingo",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "un deux trois quatre cinq six sept huit neuf dix",
    "premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième",
    "première deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte",
    "ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "um dois três quatro cinco seis sete oito nove dez",
    "primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono décimo",
    "primeira segunda terceira quarta quinta sexta sétima oitava nona décima",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "uno due tre quattro cinque sei sette otto nove dieci",
    "primo secondo terzo quarto quinto sesto settimo ottavo nono decimo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "один два три четыре пять шесть семь восемь девять десять",
    "первый второй третий четвёртый пятый шестой седьмой восьмой девятый десятый",
    "понедельник вторник среда четверг пятница суббота воскресенье",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)
RANKS: dict[str, dict[int, int]] = {}
"""The place of each word in every series that it is in, by the series' number."""
for _number, _series in enumerate(_SERIES):
    for _place, _word in enumerate(_series.split() if " " in _series else _series):
        RANKS.setdefault(_word, {}).setdefault(_number, _place)

_FILLERS = """
a about actually again all already also alternatively although an and another any anyway are as at back be
because been before being better both but by can check clearly consider correct could did different do does
done double else ever find fine first for from get go going good had has have he her here his hm hmm hold
how however i if in indeed instead into is it its just keep later least let like likely look made make many
maybe me might more most much must my need next no not now of off oh ok okay on once one only or other our
out over perhaps please point possible possibly problem quite rather re really recheck reconsider right
same say see shall she should since so some still sure surely than that the their them then there therefore
these they thing think this those though thus time to too try twice up us very wait was way we well were
what when whether which while will with would wrong yes yet you your
"""
FILLERS = frozenset(_FILLERS.split())
"""Words that say nothing new by themselves, if they are the only ones that a copy has more than those before."""

_HEDGES = """
again attendez check espera espere hmm maybe moment perhaps reconsider recheck sure unsure verify wait
warte подождите 再 等 또 確
"""
HEDGES = frozenset(_HEDGES.split())
"""Words of those who look once more: numbers in such sentences are guesses, unless they are computed."""
