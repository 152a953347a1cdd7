"""The words and signs that tell one problem from another, by what they mean: data for `skeleton.py`."""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
0: zero null cero ноль нуль 零 〇
1: one uno eins один одна одно 一
2: two zwei deux dos due dois duas два две 二 两 兩
3: three drei trois tres tre три 三
4: four vier quatre cuatro quattro quatro четыре 四
5: five fünf cinq cinco cinque пять 五
6: six sechs seis sei шесть 六
7: seven sieben sept siete sette sete семь 七
8: eight acht huit ocho otto oito восемь 八
9: nine neun neuf nueve nove девять 九
10: ten zehn dix diez dieci dez десять 十
11: eleven elf onze once undici одиннадцать
12: twelve zwölf douze doce dodici doze двенадцать dozen dozens
13: thirteen dreizehn treize trece tredici treze тринадцать
14: fourteen vierzehn quatorze catorce quattordici catorze четырнадцать
15: fifteen fünfzehn quinze quince quindici пятнадцать
16: sixteen sechzehn seize dieciséis sedici dezesseis шестнадцать
17: seventeen siebzehn diecisiete diciassette dezessete семнадцать
18: eighteen achtzehn dieciocho diciotto dezoito восемнадцать
19: nineteen neunzehn diecinueve diciannove dezenove девятнадцать
20: twenty zwanzig vingt veinte venti vinte двадцать 廿
30: thirty dreißig dreissig trente treinta trenta trinta тридцать
40: forty vierzig quarante cuarenta quaranta quarenta сорок
50: fifty fünfzig cinquante cincuenta cinquanta cinquenta пятьдесят
60: sixty sechzig soixante sesenta sessanta sessenta шестьдесят
70: seventy siebzig setenta settanta семьдесят
80: eighty achtzig ochenta ottanta oitenta восемьдесят
90: ninety neunzig noventa novanta девяносто
100: hundred hundreds hundert cent cien ciento cento cem сто 百
1000: thousand thousands tausend mille mil тысяча тысяч тысячи 千
10000: 万 萬
1e6: million millions millionen millón millones milione milioni milhão milhões миллион миллиона миллионов
1e8: 亿 億
1e9: billion billions milliard milliarde milliarden миллиард
half: half halves halb halbe hälfte moitié demi mitad medio media metà mezzo metade половина половину 半
third: third thirds drittel tiers tercio terceira terzo треть
quarter: quarter quarters viertel cuarto четверть
nth: first second fourth fifth sixth seventh eighth ninth tenth hundredth 第
once: once einmal
double: double doubles doubled twice doppelt doppelte doble doppio dobro вдвое дважды 倍
triple: triple tripled triples thrice dreifach triplo втрое
no: not cannot
nonzero: nonzero nonnegative nonpositive nonempty nontrivial unequal
>: greater larger bigger größer больше 大于 大於
<: less smaller fewer kleiner меньше 小于 小於
<=: most höchstens máximo massimo 至多 最多 不超过
>=: least mindestens mínimo minimo 至少 最少 不少于
=: equal equals equalling gleich égal égale égaux igual iguales uguale равно равен равна 等于 等於 相等
max: maximum maximal maximize maximise maximizes largest greatest biggest größte größter größten maximum maximale máxima máximo наибольшее наибольшая максимальное максимум 最大
min: minimum minimal minimize minimise minimizes smallest kleinste kleinster kleinsten minimale mínima наименьшее наименьшая минимальное минимум 最小
increase: increase increases increased increasing rise rises rose grow grows grew zunehmen steigt erhöht augmente augmenté aumenta aumentó увеличить увеличился 增加 增长
decrease: decrease decreases decreased decreasing drop drops dropped fall falls fell shrink shrinks reduce reduces reduced abnehmen sinkt verringert diminue diminué disminuye disminuyó уменьшить уменьшился 减少 减小
+: add adds added adding plus
*: multiply multiplied multiplication
-: subtract subtracted minus subtraction
/: divide divides divided dividing деление
%: percent percentage prozent pourcent porcentaje por ciento процент процентов
remainder: remainder modulo mod reste resto остаток 余 余数
mean: mean average averages durchschnitt mittelwert moyenne promedio média media среднее 平均
median: median médiane mediana медиана 中位数
mode: mode modus 众数
variance: variance 方差
even: even gerade par pari чётное четное чётных 偶
odd: odd ungerade impair impar dispari нечётное нечетное нечётных 奇
prime: prime primes primzahl premier premiers primo primos primi простое простых 质数 素数
composite: composite 合数
positive: positive positives positiv positif positivo положительное 正
negative: negative negatives negativ négatif negativo отрицательное 负 負
real: real complex imaginary rational irrational integer integers natural whole 整数 实数 复数 有理数 无理数
area: area fläche flächeninhalt aire superficie área площадь 面积
perimeter: perimeter umfang périmètre perímetro perimetro периметр 周长
volume: volume volumen объём объем 体积
surface: surface oberfläche 表面积
circumference: circumference circonférence circunferencia
radius: radius radii rayon radio raio raggio радиус 半径
diameter: diameter durchmesser diamètre diámetro diâmetro diametro диаметр 直径
side: triangle square rectangle circle hexagon pentagon octagon sphere cube cone cylinder 三角形 正方形 长方形 圆
all: all every each alle jeder tous toutes chaque todos todas cada tutti ogni все каждый 所有 每 都
exists: exists exist existiert existe существует 存在
both: both either only exactly beide nur genau seulement exactement seul ambos solo sólo exactamente apenas exatamente только ровно 只 恰
first: last final letzte dernier último ultimo последний 最后 末
before: before earlier vor vorher avant antes prima до раньше 前 之前
after: after later nach später après después depois dopo после 后 之后
left: left links gauche izquierda esquerda sinistra слева 左
right: right rechts droite derecha direita destra справа 右
up: up upward top north inside increasing ascending clockwise 上 北 内 东
down: down downward bottom south outside descending counterclockwise anticlockwise 下 南 外 西
east: east
west: west
true: true correct 正确 对
false: false incorrect wrong 错误 错
parallel: parallel parallèle paralelo 平行
perpendicular: perpendicular senkrecht 垂直
replacement: replacement zurücklegen remise 放回
sin: sin sine
cos: cos cosine
tan: tan tangent
log: log logarithm
ln: ln
lim: lim limit
gcd: gcd hcf
lcm: lcm
derivative: derivative derivatives differentiate ableitung dérivée derivada производная 导数
integral: integral integrals integrate intégrale интеграл 积分
km: km kilometer kilometers kilometre kilometres 千米 公里
cm: cm centimeter centimeters centimetre centimetres 厘米
mm: mm millimeter millimeters
metre: meter meters metre metres 米
mile: mile miles
foot: foot feet ft
inch: inch inches
yard: yard yards
kg: kg kilogram kilograms 千克 公斤
gram: gram grams 克
pound: pound pounds lb lbs
litre: liter liters litre litres 升
second: sec seconds secs 秒
minute: minute minutes min mins 分钟
hour: hour hours hr hrs 小时 时
day: day days daily 天 日
week: week weeks weekly 周 星期
month: month months monthly 月
year: year years yearly annual annually 年
dollar: dollar dollars
cent: cents penny pennies
euro: euro euros
"""
_OTHERS: Final = "up down real side all both nth nonzero right first"
OTHERS: Final = frozenset(_OTHERS.split())
"""Words of these lines are not alike: each is itself."""


def _read() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _WORDS.strip().splitlines():
        meaning, _, words = line.partition(": ")
        for word in words.split():
            found.setdefault(word, f"{meaning}.{word}" if meaning in OTHERS else meaning)
    return found


MEANINGS: Final = _read()
"""What each word means; words with one meaning may stand for each other."""

SIGNS: Final = {
    **dict.fromkeys(("×", "⋅", "·", "∗", "*", "✕", "⨯", "\\times", "\\cdot", "\\ast", "\\bullet", "•"), "*"),
    **dict.fromkeys(("÷", "/", "∕", "⁄", "\\div", "\\over"), "/"),
    **dict.fromkeys(("+", "＋", "\\plus"), "+"),
    **dict.fromkeys(("-", "−", "–", "﹣", "－", "‐", "‑"), "-"),
    **dict.fromkeys(("±", "\\pm"), "±"),
    **dict.fromkeys(("∓", "\\mp"), "∓"),
    **dict.fromkeys(("=", "＝", "=="), "="),
    **dict.fromkeys(("≠", "!=", "<>", "\\ne", "\\neq"), "≠"),
    **dict.fromkeys(("<", "＜", "\\lt", "&lt;"), "<"),
    **dict.fromkeys((">", "＞", "\\gt", "&gt;"), ">"),
    **dict.fromkeys(("≤", "⩽", "≦", "<=", "=<", "\\le", "\\leq", "\\leqslant", "\\leqq"), "≤"),
    **dict.fromkeys(("≥", "⩾", "≧", ">=", "\\ge", "\\geq", "\\geqslant", "\\geqq"), "≥"),
    **dict.fromkeys(("≈", "\\approx"), "≈"),
    **dict.fromkeys(("≡", "\\equiv"), "≡"),
    **dict.fromkeys(("∼", "~", "\\sim"), "~"),
    **dict.fromkeys(("∈", "\\in"), "∈"),
    **dict.fromkeys(("∉", "\\notin"), "∉"),
    **dict.fromkeys(("⊂", "\\subset"), "⊂"),
    **dict.fromkeys(("⊆", "\\subseteq"), "⊆"),
    **dict.fromkeys(("∪", "\\cup"), "∪"),
    **dict.fromkeys(("∩", "\\cap"), "∩"),
    **dict.fromkeys(("∅", "\\emptyset", "\\varnothing"), "∅"),
    **dict.fromkeys(("∞", "\\infty"), "∞"),
    **dict.fromkeys(("→", "->", "\\to", "\\rightarrow"), "→"),
    **dict.fromkeys(("⇒", "=>", "\\Rightarrow", "\\implies"), "⇒"),
    **dict.fromkeys(("⇔", "<=>", "\\iff", "\\Leftrightarrow"), "⇔"),
    **dict.fromkeys(("¬", "\\neg", "\\lnot"), "¬"),
    **dict.fromkeys(("∧", "\\land", "\\wedge"), "∧"),
    **dict.fromkeys(("∨", "\\lor", "\\vee"), "∨"),
    **dict.fromkeys(("∀", "\\forall"), "∀"),
    **dict.fromkeys(("∃", "\\exists"), "∃"),
    **dict.fromkeys(("√", "\\sqrt", "\\surd"), "√"),
    **dict.fromkeys(("°", "\\circ", "\\degree"), "°"),
    **dict.fromkeys(("%", "％", "\\%"), "%"),
    **dict.fromkeys(("∫", "\\int"), "∫"),
    **dict.fromkeys(("∑", "Σ", "\\sum"), "∑"),
    **dict.fromkeys(("∏", "\\prod"), "∏"),
    **dict.fromkeys(("∂", "\\partial"), "∂"),
    **dict.fromkeys(("⊥", "\\perp"), "⊥"),
    **dict.fromkeys(("∥", "\\parallel"), "∥"),
    **dict.fromkeys(("∠", "\\angle"), "∠"),
    **dict.fromkeys(("△", "\\triangle"), "△"),
    **dict.fromkeys(("π", "\\pi"), "π"),
    **dict.fromkeys(("^", "**", "_", "|", "\\mid", "\\vert"), ""),
    **{sign: sign for sign in "^_|[]&#@<>"},
    "**": "^",
    "\\mid": "|",
    "\\vert": "|",
}  # fmt: skip
"""What each sign, or LaTeX command for one, is written as."""
_SILENT: Final = (
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle limits nolimits text textbf "
    "textit textrm emph mbox hbox mathrm mathbf mathit mathsf boldsymbol bm operatorname rm bf it quad qquad hspace vspace hfill "
    "newline noindent item par begin end label tag ref ldots dots cdots vdots ddots"
)
SILENT: Final = frozenset(_SILENT.split())
"""LaTeX commands that say how something looks."""
_PLAIN: Final = "the an please kindly also very indeed simply just find compute calculate determine evaluate following question problem 请 的"
PLAIN: Final = frozenset(_PLAIN.split())
"""Words without which a problem asks for the same: all others count, in every language."""
_STOPS: Final = ".,;:?!'\"`´“”„«»‹›…—―$\\。，、；：？！「」『』《》〈〉【】〔〕¿¡،؛؟।｡＂＇"
STOPS: Final = frozenset(_STOPS)
"""Characters of punctuation: those that are neither these, nor invisible, count."""
