"""Problems reworded: other words for the same, other numbers, other names; the lists were written for this benchmark."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

_SAME: Final = """
many/numerous, total/overall, money/cash, buy/purchase, buys/purchases, bought/purchased, sells/markets, sold/marketed,
begins/starts, starts/begins, started/began, makes/produces, make/produce, made/produced, needs/requires, need/require,
wants/wishes, gets/receives, get/receive, got/received, gives/hands, gave/handed, spends/uses, spent/used, each/every, every/each,
big/large, large/big, small/little, little/small, twice/double, half/50%, also/additionally, then/afterwards, after/following,
before/prior to, kids/children, children/kids, friends/pals, house/home, home/house, store/shop, shop/store, job/work, car/vehicle,
cars/vehicles, trip/journey, price/cost, cost/price, costs/is priced at, remaining/left over, left/remaining, rest/remainder,
find/determine, determine/find, compute/calculate, calculate/compute, evaluate/work out, express/write, suppose/assume, let/say,
given/provided, such/so, positive/greater-than-zero, integer/whole number, integers/whole numbers, value/amount, values/amounts,
sum/total, product/multiplication, smallest/least, least/smallest, largest/greatest, greatest/largest, equal/identical, equals/is,
distinct/different, different/distinct, possible/feasible, point/location, points/locations, region/area, bounded/enclosed,
probability/chance, selected/chosen, chosen/selected, randomly/at random, contains/holds,
decides/chooses, decided/chose, eats/consumes, ate/consumed, takes/requires, walks/strolls, runs/jogs, works/labours,
earns/makes, people/persons, students/pupils, teacher/instructor, week/seven days,
if/in case, when/once, how/just how, only/just, about/roughly, next/following, first/initial, last/final, new/fresh, old/aged,
prove/show, show/prove, function/mapping, polynomial/expression, real/real-valued, triangle/three-sided figure, circle/round curve
"""
_SAME_CHINESE: Final = """
一共/总共, 多少/几, 买了/购买了, 平均/均匀, 每个/各个, 需要/须要, 还剩/剩下, 剩下/还剩, 小朋友/孩子, 同学/学生, 学生/同学, 已知/假设,
走了/行走了, 甲地/A城, 乙地/B城, 卖出/售出, 卖了/售出了, 工厂/厂家, 生产/制造, 加工/制作, 现在/目前, 原来/起初, 比较/对比, 大约/约, 运来/送来, 计划/打算,
修路/筑路, 妈妈/母亲, 爸爸/父亲, 块钱/元, 共有/总计有, 其中/里面, 正好/恰好, 平均分/均分, 那么/则, 请问/问, 每天/每日
"""
_NAMES: Final = """
Aaron Adam Adrien Albert Ali Allen Amber Amir Amy Andrea Andy Anna Anne Anthony Arnold Ashley Ava Beatrice Ben Benedict Benji Bernadette
Betty Bill Billy Bob Bobby Boris Brandon Brian Brianna Brittany Bruce Carl Carla Carlos Carly Carmen Charlie Chris Cindy Clara Colin
Corey Craig Daniel Dave David Denise Dora Dorothy Dylan Ellen Emma Erica Erin Fred Freda Gary George Gerald Greg Gretchen Griffin Gunther
Hannah Harald Harriet Harry Henry Igor Isaias Jack Jackson Jake Jamal James Jana Jane Janet Jason Jean Jeff Jennifer Jenny Jerome Jerry
Jewell Jill Jim Jimmy Joanne Joe Joey John Johnny Jordan Joseph Josh Juan Julia Julie Kate Kelly Kyle Kylie Larry Lee Leo Liam Lily Luke
Lynn Madeline Marcus Marcy Maria Martha Mary Max Melanie Micah Mike Mitchell Naomi Nate Nick Oliver Paul Peter Polly Quinn Rafaela Ray
Raymond Richard Rick Rob Robert Rory Rose Sally Sam Samantha Sandra Sara Sarah Sasha Sean Seth Sharon Sophia Sophie Stan Stanley Stephen
Steve Sue Susan Suzy Tasha Tim Timothy Tom Tommy Tony Vanessa Walter Wanda Wayne Wendi Zack
"""
_NAMES_CHINESE: Final = "小明 小红 小丽 小芳 小亮 小军 小华 小青 小英 小东 小强 小方 小辉 小云 小玲 小珊 小勇 小民 小刚 小龙 小李 小王 王叔叔 李叔叔 张叔叔 王老师 李老师 李师傅 王师傅"


def change_words(text: str, rng: random.Random) -> str:
    """Other words for the same, wherever a list has one."""
    return _replace_words(text, lambda: True)


def change_some_words(text: str, rng: random.Random) -> str:
    """Other words for the same, at a third of the places where a list has one."""
    return _replace_words(text, lambda: rng.random() < 1 / 3)


def change_numbers(text: str, rng: random.Random) -> str:
    """Each number another of as many digits, the same for the same; what LaTeX counts with (`^2`, `_1`) stays."""
    others: dict[str, str] = {}

    def change(found: re.Match[str]) -> str:
        digits = found[0]
        if digits not in others:
            low = 10 ** (len(digits) - 1) if len(digits) > 1 else 2
            others[digits] = str(rng.choice([n for n in _around(low, len(digits)) if str(n) != digits]))
        return others[digits]

    return re.sub(r"(?<![\d_^.])(?<![_^]\{)\d{1,9}(?!\d)", change, text)


def change_names(text: str, rng: random.Random) -> str:
    """Each first name another, the same for the same."""
    for pattern, names in ((_ENGLISH_NAMES, _NAMES.split()), (_CHINESE_NAMES, _NAMES_CHINESE.split())):
        found = dict.fromkeys(pattern.findall(text))
        others = dict(zip(found, rng.sample([n for n in names if n not in found], len(found)), strict=True))
        text = pattern.sub(lambda match, others=others: others[match[0]], text)
    return text


def change_numbers_and_names(text: str, rng: random.Random) -> str:
    """The same story with other people and figures."""
    return change_names(change_numbers(text, rng), rng)


def change_everything(text: str, rng: random.Random) -> str:
    """Other words, numbers and names."""
    return change_words(change_numbers_and_names(text, rng), rng)


def _replace_words(text: str, choose: Callable[[], bool]) -> str:
    def replace(found: re.Match[str]) -> str:
        word = found[0]
        other = _PAIRS[word.lower()]
        return word if not choose() else other if word.islower() else other.capitalize()

    return _WORDS.sub(replace, text)


def _around(low: int, digits: int) -> list[int]:
    return [low + step * (9 * low // 10 or 1) for step in range(9)] if digits > 1 else list(range(2, 10))


def _read_pairs(listed: str) -> dict[str, str]:
    pairs = [pair.strip().partition("/") for pair in listed.replace("\n", " ").split(",") if pair.strip()]
    return {word: other for word, _, other in pairs}


_ENGLISH: Final = _read_pairs(_SAME)
_CHINESE: Final = _read_pairs(_SAME_CHINESE)
_PAIRS: Final = {**_ENGLISH, **_CHINESE}
_WORDS: Final = re.compile(
    r"(?<![\\\w])(?:" + "|".join(_ENGLISH) + r")(?!\w)|" + "|".join(_CHINESE), re.IGNORECASE
)
_ENGLISH_NAMES: Final = re.compile(r"\b(?:" + "|".join(_NAMES.split()) + r")\b")
_CHINESE_NAMES: Final = re.compile("|".join(_NAMES_CHINESE.split()))

REWORDINGS: Final[dict[str, Callable[[str, random.Random], str]]] = {
    "some other words": change_some_words,
    "other words": change_words,
    "other numbers": change_numbers,
    "other names": change_names,
    "other numbers and names": change_numbers_and_names,
    "other words, numbers and names": change_everything,
}
"""Each way in which a problem is reworded. Where a text has nothing to change it is left as it is."""
