"""By what words and marks a prompt's task is known, in English, in Chinese, and in any language.

They are looked for in text without capitals and full-width forms, with single spaces. None of them can take longer than
linear time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

GREETING_WORDS: Final = re.compile(
    r"\b(?:hi|hello|hey|greetings|howdy|good (?:morning|afternoon|evening|night|day)|happy new year|merry christmas|"
    r"nice to meet you|there)\b|你好|您好|大家好|嗨|哈喽|早上好|上午好|中午好|下午好|晚上好|早安|晚安|新年快乐|很高兴认识你"
)
SMALL_TALK_WORDS: Final = re.compile(
    r"\bhow (?:are|is) (?:you|your day|it going|everything)\b(?: (?:today|doing))*|\bwhat'?s up\b|\bthanks?(?: you)?(?: (?:so|very) much)?\b|"
    r"\b(?:good)?bye\b|\bsee you\b(?: (?:later|soon|tomorrow))?|\byou(?:'re| are) welcome\b|\bnice day\b|\bsorry\b|\b(?:tell me a joke)\b|"
    r"你好吗|最近(?:怎么样|好吗)|吃了吗|谢谢你?|多谢|再见|拜拜|回头见|不客气|对不起|没关系|讲个笑话"
)
SELF_WORDS: Final = re.compile(
    r"\bwho (?:are|r) you\b|\bwhat(?:'s| is) your (?:name|job|purpose|model)\b|\bare you (?:an? )?(?:ai|bot|robot|human|person|chatgpt|gpt|claude|deepseek|qwen|llama|language model)\b|"
    r"\bwhat (?:are you|can you do|model are you)\b|\bwho (?:made|created|trained|developed|built|designed) you\b|\b(?:introduce|tell me about) yourself\b|\bhow old are you\b|"
    r"你是谁|您是谁|你叫什么|你的名字|你是(?:什么|哪个|不是)|谁(?:开发|创造|训练|制造|设计|做)(?:了|出)?你|你能做什么|你会(?:做)?什么|介绍一?下?(?:你自己|自己)|你几岁"
)
TRANSLATION_WORDS: Final = re.compile(
    r"\btranslat(?:e|ion)\b|\bhow (?:do|would) (?:you|i|we) say\b|\bwhat (?:is|does|are) .{1,80} (?:in|mean in) (?:english|chinese|french|german|spanish|japanese|korean|russian|italian|arabic|latin|portuguese|hindi)\b|"
    r"翻译|译成|译为|(?:英语|英文|中文|汉语|法语|德语|日语|韩语|西班牙语|俄语)(?:怎么说|怎么讲|是什么|里怎么)"
)
FACT_WORDS: Final = re.compile(
    r"^(?:please )?(?:tell me |do you know )?(?:who|what|when|where|which|whose|how (?:many|much|old|tall|far|long|big|high|deep|often)|is|are|was|were|does|do|did|has|have|can|name)\b|"
    r"谁|什么|哪|几|多少|是不是|是否|吗[??]?$|何时|多(?:大|高|长|远|深)"
)
"""The beginnings of a question that asks for one thing; in Chinese they may stand anywhere."""
HARD_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "comparison": re.compile(
        r"\b(?:compare|comparison|contrast|differences?|different from|versus|vs|similarities|pros and cons|advantages|disadvantages|trade-?offs?|better)\b|"
        r"比较|对比|区别|不同(?:点|之处)|异同|优缺点|优点|缺点|利弊|哪个更"
    ),
    "code": re.compile(
        r"```|\b(?:code|python|javascript|typescript|java|c\+\+|sql|html|css|regex|regular expression|bash|algorithm|api|debug|refactor|implement|compile|"
        r"unit tests?|(?:a|the|this|following) (?:function|script|program|class|query))\b|代码|编程|函数|算法|脚本|程序|正则表达式|数据库查询"
    ),
    "analysis": re.compile(
        r"\b(?:why|analy[sz]e|analysis|explain|evaluate|assess|argue|argument|critique|interpret|discuss|prove|derive|calculate|compute|solve|reason|infer|"
        r"implications?|causes?|effects?|impacts?|how (?:does|do|did|can|could|should|would|might) (?!you\b))|"
        r"为什么|为何|分析|解释|评价|评估|论证|讨论|证明|推导|计算|求解|原因|影响|阐述|谈谈|如何"
    ),
    "plan": re.compile(
        r"\b(?:plan|itinerary|schedule|roadmap|strategy|strategies|outline|curriculum|step[- ]by[- ]step|steps|recipe|workflow|procedure|process|agenda|"
        r"how (?:do|can|should|would) (?:i|you|we|one)|how to|guide|tips|design)\b|"
        r"计划|方案|规划|策划|策略|大纲|提纲|步骤|流程|攻略|行程|指南|设计|怎么(?:做|办|制作|才能)|怎样"
    ),
}
"""Kinds of tasks that take thought, in the order in which they are named."""
WRITING_WORDS: Final = re.compile(
    r"\b(?:write|compose|draft|rewrite|rephrase|paraphrase|edit|summari[sz]e|summary|generate|create|invent|continue)\b|"
    r"写|撰写|创作|改写|润色|续写|编(?:一|个|写)|总结|概括|生成|起草"
)
CONSTRAINT_MARKS: Final = re.compile(
    r"\b(?:must|exactly|at (?:least|most)|no (?:more|fewer|less) than|fewer than|less than|more than|up to|without|do not|don'?t|avoid|only|"
    r"make sure|ensure|in the style of|include|including|use the words?|format(?:ted)?|rhym(?:e|es|ing))\b|"
    r"\b\d{1,6}[- ](?:words?|sentences?|paragraphs?|lines?|items?|points?|examples?|characters?|syllables?|stanzas?|bullets?|pages?|tips|ideas|reasons)\b|"
    r"必须|不得|不要|不能|至少|最多|不超过|不少于|只能|避免|确保|包含|包括|以.{1,12}(?:的风格|为题|的口吻)|押韵|"
    r"[\d一二两三四五六七八九十百千]{1,6}(?:个)?(?:字|句|段|行|条|点|首|例)|(?<!\S)(?:\d{1,2}[.)、]|[-*•])(?= )"
)
"""What a text asked for has to keep to; an item of a list is one as well."""
SENTENCE_ENDS: Final = re.compile(r"[.!?](?= |$)|[。！？!?;；]")
