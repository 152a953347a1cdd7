"""What can be said in the mini world: phrases of problems and chains, and small facts, in two languages.

They are data, kept apart from the code so that the world's size can be read off one page. Every phrase
that stands in a problem can be repeated word for word in a chain: a model of this size finds the next
operand by copying.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}

NAMES: dict[Language, tuple[str, ...]] = {
    "en": ("Ann", "Ben", "Tom", "Mia", "Sam", "Eva"),
    "zh": ("小明", "小红", "小李", "小王", "小美", "小军"),
}
# The same places in both languages, so that a chain in the other language can name the same thing.
THINGS: dict[Language, tuple[str, ...]] = {
    "en": ("apples", "books", "pens", "eggs", "cups", "balls"),
    "zh": ("个苹果", "本书", "支笔", "个鸡蛋", "个杯子", "个球"),
}
VERBS: dict[tuple[Language, str], dict[str, tuple[str, ...]]] = {
    ("en", "story"): {
        "+": ("buys {n}", "finds {n}", "gets {n} more"),
        "-": ("sells {n}", "loses {n}", "gives away {n}"),
        "*": ("then has {n} times as many", "makes it {n} times as many"),
    },
    ("zh", "story"): {
        "+": ("买来{n}", "捡到{n}", "又得到{n}"),
        "-": ("卖掉{n}", "丢了{n}", "送走{n}"),
        "*": ("变成原来的{n}倍", "增加到{n}倍"),
    },
    ("en", "plain"): {
        "+": ("add {n}", "plus {n}"),
        "-": ("subtract {n}", "take away {n}"),
        "*": ("multiply by {n}", "take it {n} times"),
    },
    ("zh", "plain"): {
        "+": ("加上{n}", "再加{n}"),
        "-": ("减去{n}", "再减{n}"),
        "*": ("乘以{n}", "再乘{n}"),
    },
}
ASKING_WORDS: dict[tuple[Language, str], tuple[str, str]] = {
    ("en", "story"): ("{name} has {start} {thing}, {steps}.", " How many {thing} does {name} have now?"),
    ("zh", "story"): ("{name}有{start}{thing},{steps}。", "{name}现在有多少{thing}?"),
    ("en", "plain"): ("Start with {start}, {steps}.", " What is the result?"),
    ("zh", "plain"): ("从{start}开始,{steps}。", "结果是多少?"),
}
COMMA: dict[Language, str] = {"en": ", ", "zh": ","}

OPENINGS: dict[Language, tuple[str, ...]] = {
    "en": ("Let me think.", "Let us go step by step.", "We start with {start}.", "I will count it."),
    "zh": ("让我想一想。", "我们一步一步来。", "开始是{start}。", "我来算一算。"),
}
ORDINALS: dict[Language, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "en": (("First ", "To begin: "), ("Then ", "Next ", "After that "), ("Last ", "Finally ")),
    "zh": (("先算", "第一步"), ("再算", "然后", "接着"), ("最后", "最后算")),
}
NOW: dict[Language, tuple[str, ...]] = {
    "en": ("{eq}, now we have {v}.", "{eq}, so it is {v} now."),
    "zh": ("{eq},现在有{v}。", "{eq},所以现在是{v}。"),
}
AGAIN: dict[Language, tuple[str, ...]] = {
    "en": ("Wait, that is wrong.", "Wait, let me check."),
    "zh": ("等等,不对。", "等等,再检查一下。"),
}
RAMBLING_WORDS: dict[Language, tuple[str, ...]] = {
    "en": ("Let me think again.", "Maybe I should count again.", "Hmm, is that right?"),
    "zh": ("让我再想一想。", "也许应该再算一遍。", "嗯,这样对吗?"),
}
CLOSINGS: dict[Language, tuple[str, ...]] = {
    "en": ("So the answer is {v}.", "That makes {v}.", "The result is {v}."),
    "zh": ("所以答案是{v}。", "一共是{v}。", "结果是{v}。"),
}
ANSWERS: dict[Language, tuple[str, ...]] = {
    "en": ("The answer is \\boxed{{{v}}}.", "It is \\boxed{{{v}}}.", "Answer: \\boxed{{{v}}}"),
    "zh": ("答案是\\boxed{{{v}}}。", "是\\boxed{{{v}}}。", "答案:\\boxed{{{v}}}"),
}

DICTIONARY: tuple[tuple[str, str], ...] = (
    ("cat", "猫"), ("dog", "狗"), ("bird", "鸟"), ("fish", "鱼"), ("horse", "马"),
    ("cow", "牛"), ("water", "水"), ("fire", "火"), ("sun", "太阳"), ("moon", "月亮"),
    ("star", "星星"), ("tree", "树"), ("flower", "花"), ("book", "书"), ("pen", "笔"),
    ("door", "门"), ("house", "房子"), ("car", "车"), ("rice", "米饭"), ("tea", "茶"),
    ("milk", "牛奶"), ("bread", "面包"), ("apple", "苹果"), ("red", "红色"), ("blue", "蓝色"),
    ("green", "绿色"), ("white", "白色"), ("black", "黑色"), ("hand", "手"), ("eye", "眼睛"),
    ("friend", "朋友"), ("teacher", "老师"), ("school", "学校"), ("rain", "雨"), ("snow", "雪"),
    ("wind", "风"), ("mountain", "山"), ("river", "河"), ("sea", "海"), ("city", "城市"),
)  # fmt: skip
CAPITALS: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("France", "Paris"), ("Japan", "Tokyo"), ("China", "Beijing"), ("Italy", "Rome"),
        ("Spain", "Madrid"), ("Germany", "Berlin"), ("Russia", "Moscow"), ("Egypt", "Cairo"),
        ("Greece", "Athens"), ("Thailand", "Bangkok"),
    ),
    "zh": (
        ("法国", "巴黎"), ("日本", "东京"), ("中国", "北京"), ("意大利", "罗马"), ("西班牙", "马德里"),
        ("德国", "柏林"), ("俄罗斯", "莫斯科"), ("埃及", "开罗"), ("希腊", "雅典"), ("泰国", "曼谷"),
    ),
}  # fmt: skip
OPPOSITES: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("hot", "cold"), ("big", "small"), ("up", "down"), ("day", "night"), ("fast", "slow"),
        ("open", "closed"), ("left", "right"), ("new", "old"), ("long", "short"), ("happy", "sad"),
    ),
    "zh": (
        ("热", "冷"), ("大", "小"), ("上", "下"), ("白天", "黑夜"), ("快", "慢"),
        ("开", "关"), ("左", "右"), ("新", "旧"), ("长", "短"), ("高兴", "难过"),
    ),
}  # fmt: skip
# Three ways to ask for each kind of fact: two are taught for each fact, the third is kept for the test.
FACT_QUESTIONS: dict[tuple[Language, str], tuple[str, str, str]] = {
    ("en", "translation"): (
        "Translate into Chinese: {x}",
        'What is "{x}" in Chinese?',
        'How do you say "{x}" in Chinese?',
    ),
    ("zh", "translation"): ("翻译成英文:{x}", "{x}用英文怎么说?", "“{x}”的英文是什么?"),
    ("en", "capital"): (
        "What is the capital of {x}?",
        "Name the capital of {x}.",
        "Which city is the capital of {x}?",
    ),
    ("zh", "capital"): ("{x}的首都是哪里?", "{x}的首都叫什么?", "请说出{x}的首都。"),
    ("en", "opposite"): (
        "What is the opposite of {x}?",
        "Give the opposite of {x}.",
        "Which word is the opposite of {x}?",
    ),
    ("zh", "opposite"): ("{x}的反义词是什么?", "请说出{x}的反义词。", "和{x}相反的词是什么?"),
}
SMALL_TALK: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("Hello!", "Hello! How can I help you?"),
        ("Good morning!", "Good morning! What shall we do today?"),
        ("How are you?", "I am fine, thank you."),
        ("Thank you!", "You are welcome."),
        ("Goodbye!", "Goodbye! Take care."),
        ("Who are you?", "I am a small model that counts."),
        ("How many days are in a week?", "7"),
        ("What color is the sky?", "blue"),
        ("Which animal says meow?", "the cat"),
        ("What do bees make?", "honey"),
    ),
    "zh": (
        ("你好!", "你好!有什么可以帮你?"),
        ("早上好!", "早上好!今天做什么?"),
        ("你好吗?", "我很好,谢谢。"),
        ("谢谢!", "不客气。"),
        ("再见!", "再见!保重。"),
        ("你是谁?", "我是一个会算数的小模型。"),
        ("一周有几天?", "7"),
        ("天空是什么颜色?", "蓝色"),
        ("哪种动物会喵喵叫?", "猫"),
        ("蜜蜂做什么?", "蜂蜜"),
    ),
}
