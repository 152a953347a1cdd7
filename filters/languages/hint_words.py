"""Common words of languages that have no word list: they select the sentences that an identifier is asked about.

The lists are written for this project and short on purpose. A word here proves nothing; it only picks the
sentences that `filters.languages.identifier_vote` then asks about, since asking about every sentence costs ten times as
much. Words with letters beyond a to z are not listed here: their letters identify them. A word that a listed
language has too is left out when the lexicon is built.
"""

from __future__ import annotations

_SOUTH_SLAVIC = (
    "ako nije samo onda zato jer koji koja koje imamo broj treba dakle kako smo ili ima znamo sada odgovor"
)

HINT_WORDS: dict[str, str] = {
    "af": "hierdie sodat gelyk hulle kry nou",
    "az": "deyil lazim edek cavab buna indi onda",
    "bs": _SOUTH_SLAVIC,
    "hr": _SOUTH_SLAVIC,
    "sr": _SOUTH_SLAVIC,
    "ca": "amb els dels aquest aquesta aleshores doncs tenim llavors obtenim quan aixo",
    "ceb": "ang mga dili kini busa aron tubag unsa",
    "co": "quessa numeru avemu",
    "cs": "nebo proto pokud jsou bude kdy jsme tedy musime kolik protoze jako dostaneme takze",
    "cy": "mae ond felly rhif wedi hynny nawr oherwydd gallwn rhaid ydyw dyma yw",
    "da": "ikke jeg hvor dette fordi nogle derfor skal bliver hvis tallet vil vores hvad deres",
    "eo": "kaj kiu nombro tial ankau devas ricevas havas respondo tiam ili",
    "et": "ning aga siis kui kuid seega vastus peab arv nende sest saame meil tuleb kokku vaja",
    "eu": "bat dira baina beraz zenbaki dugu behar orain erantzuna izan hau ditugu",
    "fi": "niin mutta koska joten sitten vastaus ovat olla kuin voidaan luku kaikki jos siis saamme kun meid",
    "fo": "ikki og fyri",
    "fy": "wurdt moatte krije",
    "ga": "agus ach uimhir freagra anois mbeidh ansin againn bhfuil caithfidh",
    "gd": "agus ach airson tha bheil chan",
    "gl": "unha dunha nunha cando polo",
    "ht": "nou pou gen paske kounye repons dwe yon kapab genyen jwenn",
    "hu": "hogy nem egy csak akkor mert vagy lesz kell ezek ennek minden annak azaz kapunk",
    "ilo": "dagiti kadagiti ngem gapu isu ita sungbat",
    "is": "ekki eru hins",
    "jv": "iku kanthi saka yaiku banjur dadi karo supaya",
    "ku": "ji ango niha bersiv",
    "la": "quod sunt autem enim igitur cum ergo nunc habemus aut etiam ita quia atque numerus numerum deinde",
    "lb": "ass awer huet",
    "lt": "yra kad tai kaip nes turime jeigu arba reikia todel dabar atsakymas gauname",
    "lv": "nav tad mums jeb mums tagad kas jaatrod atbilde",
    "mg": "ary tsy isika amin satria valiny ireo izany azo tokony",
    "ms": "bahawa kerana jawapan boleh",
    "mt": "huwa hija mhux ghaliex numru ghandna issa kollha mela irridu",
    "nn": "ikkje korleis difor nokon vert dette fordi",
    "no": "ikke jeg hvor dette fordi noen derfor skal vil hvis hva finner deretter hver",
    "oc": "amb avem doncas",
    "qu": "huk chaymanta yupay",
    "ro": "sunt pentru acum acest trebuie atunci deci avem prin fie daca numarul obtinem",
    "rw": "kandi ariko kugira umubare igisubizo",
    "sk": "alebo preto bude ako teda potom dostaneme ktory ktora lebo",
    "sl": "ker pri smo lahko torej tudi bomo imamo nato zato kaj moramo dobimo zdaj",
    "so": "waa ayaa laakiin marka maxaa jawaabta tirada",
    "sq": "dhe nuk sepse kemi numri tani mund duhet eshte kjo",
    "su": "jeung teu nyaeta urang kudu ieu",
    "sw": "kwa kwamba hii hivyo lakini kama katika yake tunapata namba ambayo sasa jibu basi wetu kila lazima",
    "tk": "bolan bilen jogap",
    "tl": "ang mga hindi kung dahil kaya natin sagot ngayon ating ay upang dalawang mula bawat kailangan",
    "uz": "uchun bilan shuning kerak emas lekin hozir javob topamiz bizda demak sonlar",
    "yo": "nitori awon pelu sugbon",
}

_CONFUSABLE = [
    frozenset(group.split())
    for group in (
        *("bs hr sr sh", "no nn da", "cs sk", "af nl", "az tr tk", "ca oc", "gl pt", "id ms jv su"),
        *("tl ceb war ilo", "ga gd"),
    )
]
"""Languages that an identifier takes for one another in a short sentence."""


def add_confusable_languages(languages: frozenset[str]) -> frozenset[str]:
    """Languages and those that may be taken for them."""
    return languages.union(*(group for group in _CONFUSABLE if group & languages))
