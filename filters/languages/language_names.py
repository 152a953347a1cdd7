"""The languages' names in the languages of the word lists, as stems."""

from __future__ import annotations

import re

_NAMES = {
    "en": r"english|ingl[eé]s\b|inglesa|anglais|englisch|ingles[ei]|inglês|engels|tiếng anh|английск|英语|英文|英語|영어|الإنجليزية|अंग्रेज़ी|अंग्रेजी|ingilizce",
    "zh": r"chinese|mandarin|hanzi|kanji|hanja|\bchin[oa]\b|chinois|chinesisch|cinese|chinês|chinesa|chinees|tiếng trung|китайск|иероглиф|中文|汉语|汉字|漢字|中国語|중국어|한자|الصينية|चीनी|çince",
    "es": r"spanish|español|castellan|espagnol|spanisch|spagnol|espanhol|spaans|tây ban nha|испанск|西班牙语|西语|スペイン語|스페인어|الإسبانية|स्पेनिश|ispanyolca",
    "fr": r"french|franc[eé]s|französisch|français|\bfrans\b|\bfranse\b|tiếng pháp|французск|法语|法文|フランス語|프랑스어|الفرنسية|फ्रेंच|फ़्रेंच|fransızca|francês",
    "de": r"german|alem[aá]n|allemand|deutsch|tedesc|alemã|duits|tiếng đức|немецк|德语|德文|ドイツ語|독일어|الألمانية|जर्मन|almanca",
    "it": r"italian|italien|italiaans|tiếng ý|итальянск|意大利语|イタリア語|이탈리아어|الإيطالية|इतालवी|italyanca",
    "pt": r"portugu[eêé]s|portuguesa|portuguese|portugais|portugiesisch|portoghes|portugees|bồ đào nha|португальск|葡萄牙语|ポルトガル語|포르투갈어|البرتغالية|पुर्तगाली|portekizce",
    "nl": r"dutch|neerlandés|néerlandais|niederländisch|olandes[ei]|holand[eê]s|nederlands|tiếng hà lan|голландск|нидерландск|荷兰语|オランダ語|네덜란드어|الهولندية|डच\b|felemenkçe",
    "ru": r"russian|\brus[oa]\b|russe|russisch|\bruss[oa]\b|tiếng nga|русск|俄语|俄文|ロシア語|러시아어|الروسية|रूसी|rusça",
    "ja": r"japanese|kanji|hiragana|katakana|japon[eé]s|japonais|japanisch|giappones|japonês|japonesa|japans|tiếng nhật|японск|日语|日文|日本語|일본어|اليابانية|जापानी|japonca",
    "ko": r"korean|hangul|hangeul|corean[oa]|coréen|koreanisch|koreaans|tiếng hàn|корейск|韩语|韩文|韩国|韓国語|한국어|한글|الكورية|कोरियाई|korece",
    "ar": r"arabic|árabe|arabe|arabisch|\barab[oa]\b|tiếng ả rập|арабск|阿拉伯语|アラビア語|아랍어|العربية|अरबी|arapça",
    "hi": r"hindi|devanagari|tiếng hindi|хинди|印地语|ヒンディー語|힌디어|الهندية|हिन्दी|हिंदी|hintçe",
    "vi": r"vietnamese|vietnamita|vietnamien|vietnamesisch|vietnamees|tiếng việt|вьетнамск|越南语|ベトナム語|베트남어|الفيتنامية|वियतनामी|vietnamca",
    "la": r"\blatin\b|latín|latein|拉丁语|라틴어|ラテン語|латинск", "tr": r"turkish|\bturc[oa]?\b|türkisch|土耳其语|türkçe|турецк|터키어", "pl": r"\bpolish\b|\bpolac[oa]\b|polonais|polnisch|波兰语|польск",
    "sv": r"swedish|sueco|suédois|schwedisch|瑞典语|шведск", "id": r"indonesian|印尼语", "el": r"\bgreek\b|griego|\bgrec[oa]?\b|griechisch|希腊语|греческ|그리스어|ギリシャ語|ギリシア語",
    "he": r"hebrew|hebreo|hébreu|hebräisch|希伯来语", "th": r"\bthai\b|泰语", "uk": r"ukrainian|украинск|乌克兰语", "fa": r"persian|farsi|波斯语",
    "af": "afrikaans", "az": "azerbaijani|azeri", "bs": "bosnian", "ca": "catalan|valencian", "ceb": "cebuano", "cs": "czech",
    "cy": r"\bwelsh\b", "da": r"\bdanish\b", "eo": "esperanto", "et": "estonian", "eu": r"\bbasque\b", "fi": r"\bfinnish\b",
    "ga": r"\birish\b", "gd": "scottish gaelic", "gl": "galician", "hr": "croatian", "ht": "haitian|creole", "hu": "hungarian",
    "is": "icelandic", "jv": "javanese", "ku": "kurdish", "lt": "lithuanian", "lv": "latvian", "mg": "malagasy", "ms": r"\bmalay\b",
    "mt": "maltese", "no": "norwegian", "oc": "occitan", "ro": "romanian", "sk": "slovak", "sl": "slovene|slovenian",
    "so": r"\bsomali\b", "sq": "albanian", "sr": "serbian", "su": "sundanese", "sw": "swahili", "tl": "tagalog|filipino", "uz": "uzbek",
}  # fmt: skip
LANGUAGE_NAMES: dict[str, re.Pattern[str]] = {
    language: re.compile(names, re.I) for language, names in _NAMES.items()
}
"""What finds a language's name in a text, by its ISO code."""
