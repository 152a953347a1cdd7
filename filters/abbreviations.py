"""Abbreviations whose full stop need not end a sentence, in the languages that chains are written in.

They are grouped by what the stop after them can mean, which is what `filters.sentences` asks. Collected by hand from
the usage guides of each language (Duden, RAE, Imprimerie nationale, GOST R 7.0.12 and the like); a missing one
costs a boundary too many where a capital follows, so the lists hold what technical prose uses.
"""

from __future__ import annotations

from typing import Final, Literal

Kind = Literal["opens", "numbered", "closes", "either"]
"""What the stop after an abbreviation can mean.

opens: something always follows it (`Dr.`, `e.g.`), so that it never ends a sentence.
numbered: it stands before a number (`Nr. 5`, `p. 12`) or a small letter (`Jan. and Feb.`).
closes: it ends a sentence wherever a capital follows (`etc.`, `cm.`).
either: a capital may follow within the sentence too (`U.S. Army`, `Inc.`), so that only a word that opens
sentences tells.
"""

_OPENS = """
mr mrs ms dr drs prof profs hon gov sen Pres col capt cmdr st ste messrs Rev Rep Gen Lt Sgt Mt Fr Hr
fig figs eq eqs eqn eqns vs viz cf e.g i.e eg ie incl excl esp n.b q.v Def Thm Prop Lem Cor Tab Ing Dipl Abb
z.b d.h u.a.m m.a.w i.a s.o s.u v.a u.u z.zt bzw bspw evtl ggf inkl exkl sog vgl zzgl abzgl resp
mme mlle p.ex c.-à-d c.à.d env éq
sra srta sres dra p.ej ej ud uds vd aprox gral avda núm pág págs pag pagg por Pl profa exmo exma
sig.ra sigg dott dott.ssa prof.ssa avv p.es es
bijv d.w.z o.a i.p.v t.o.v m.b.t i.v.m t.a.v dhr mevr evt
np tzn tj tzw m.in inż mgr św ks zob
т.е т.к т.н т.о напр рис табл гл проф акад доц г-н г-жа тов ул див наприклад
t.ex bl.a dvs d.v.s s.k f.d p.g.a pga jfr f.eks mht jf např tzv kupř obr örn bkz doç yrd
ul ThS PGS TS TP GS डॉ प्रो श्रीमती د
"""
_NUMBERED = """
nos nr nrs p pp s ss ch chap sec sect vol art arts par para ex exs lec ln c ca circa l ll n nn
kap bd tl ziff abs rn tomo cap ed rys str tab č r стр п пп с ст т №
mon tue tues wed thu thur thurs fri jan feb mar apr jun jul aug sep sept oct nov dec janv févr avr juil déc ene abr ago dic fev dez okt mrt
"""
_CLOSES = """
etc a.m p.m a.d b.c b.c.e c.e et.al al
cm mm km kg mg ml dl kj kb mol in ft lb lbs oz yd mi hr hrs min mins secs sq cu pt pts qt gal mph rpm tsp tbsp
usw usf u.a u.ä o.ä u.dgl u.v.m z.t i.d.r mwst jh jhd std sek v.chr n.chr v.u.z n.u.z
ecc a.c d.c j.-c enz a.u.b itd itp m.m m.fl o.s.v osv
т.д т.п др пр г гг в вв н.э руб коп тыс млн млрд чел мин сек ч.т.д тис грн
atd apod vb vd stb v.v
"""
_EITHER = """
u.s u.s.a u.k u.n e.u u.s.s.r l.a n.y ph.d m.d b.a m.a b.s b.sc m.sc
mio mrd tsd pl inc ltd co corp bros jr sr esq llc approx dept univ assn est max avg temp misc sig av def med phil jur M см им
ee.uu ee uu s.a s.l s.p.a s.r.l e.v a.g v n.v b.v
"""

_OPENERS = """
the a an it he she we they you i this that these those there then so thus hence therefore but and or if when where
while what who how why which as at by for from to on of in after before because since let now no yes our my his her
its their one all each every both some any not however also first second third next finally here with is are was
were do does did can could should would will may most many much another other such only once again still since both
moreover furthermore instead maybe perhaps actually wait hmm okay ok given suppose assume note thank thanks please
der die das er sie es wir ich ihr ein eine und aber also dann dies diese dieser im am zum wenn da dort hier nun
le la les il elle on nous un une ce cette mais donc alors si dans pour en or
el los las él ella pero entonces esto esta este y si por como para
o os as um uma ele ela mas então isto isso e se
i gli lo ma quindi allora questo questa se per
de het een dit dat maar dus als we
это он она они мы вы в на но и а так тогда затем поэтому если для по как что
"""

_LABELS = """
option options choice choices answer point points vertex vertices line case part step type class plan vitamin group set
event box figure table column row section appendix item question problem team player person statement equation angle
triangle side city town store bag urn machine pump pipe train car worker letter variable matrix node state grade hepatitis
model version level phase exhibit theorem lemma property
"""

_ORDINAL_NOUNS = """
januar jänner februar märz april mai juni juli august september oktober november dezember jahrhundert jahrhunderts
jahrhunderten jahrtausend weltkrieg weltkriegs weltkrieges klasse platz stock stockwerk etage geburtstag semester auflage
kapitel tag woche monat jahr schritt grades grad ordnung potenz wurzel mal stelle
januari februari mars maj augusti marts februar ledna února března dubna května června července srpna září října
listopadu prosince tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta
lokakuuta marraskuuta joulukuuta století vuosisadan században
"""


def _list_kinds() -> dict[str, Kind]:
    groups: tuple[tuple[Kind, str], ...] = (
        ("either", _EITHER),
        ("closes", _CLOSES),
        ("numbered", _NUMBERED),
        ("opens", _OPENS),
    )
    return {word: kind for kind, words in groups for word in words.split()}


KINDS: Final = _list_kinds()
"""The kind of each abbreviation: without its last stop and without blanks, in lower case (`z.b` for `z. B.`); one
with a capital is an abbreviation only as it is written (`Rep.`, not `rep.`)."""
PAIRS: Final[dict[str, Kind]] = {
    f"{one}.{two}": kind
    for word, kind in KINDS.items()
    for one, two in zip(word.split("."), word.split(".")[1:], strict=False)
}
"""Two parts that follow one another in an abbreviation of several: they may be written with a blank between."""
LONGEST: Final = max(map(len, KINDS)) + 4
"""Characters to look back for an abbreviation, with blanks between its parts."""
OPENERS: Final = frozenset(_OPENERS.split())
"""Words that often open a sentence and never follow an abbreviation within a name."""
LABELS: Final = frozenset(_LABELS.split())
"""Words before a single letter that is a name by itself: `option B`, `vitamin C`; it is nobody's initial."""
ORDINAL_NOUNS: Final = frozenset(_ORDINAL_NOUNS.split())
"""What follows an ordinal that is written with a stop: `am 3. Oktober`, `im 19. Jahrhundert`."""
