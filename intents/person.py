"""Hears the wish for a person, in the middle of anything, and tells it from a question about the hotline."""

import re

from intents.sieve import Sieve

_WISH = (
    r"转\s*(?:接)?\s*(?:到|给)?\s*(?:人工|真人|客服|坐席|经理|主管|领导)|(?:人工|真人)\s*(?:客服|服务|坐席|台|接听|在吗|呢)|^\s*(?:人工|真人|客服|人工台|人 工)\s*[!！。.?？~]*\s*$|"
    r"(?:要|找|叫|喊|请|换|来个?|想和|想跟|想同|让|(?<!打)给我)(?!我?(?:们)?(?:的)?(?:单位|公司|老板|自己)).{0,6}(?:人工|真人|活人|客服|坐席|经理|主管|负责人|领导|管事的|(?<![本老病客大])人来|个人)|"
    r"(?:不想|不要|别|不跟|不和).{0,6}(?:机器人|机器|ai|智能)(?:.{0,3}(?:说|聊|讲|废话))?|有没有(?:真)?人(?=[啊在吗呢能来理管接吱应?？!！。,，~\s]|$)|接(?:通|入)?人工|人呢|(?:能|可以)不?能?.{0,4}(?:真人|人工)"
)
_QUESTION_ABOUT = re.compile(
    r"(?:客服|人工|服务|热线).{0,4}(?:电话|热线|号码|时间|几点).{0,6}(?:多少|是什么|几号|几点|是\?|是？|吗)|(?:多少|几点).{0,6}(?:客服|人工)"
)
_COMPLAINS_OF = re.compile(
    r"(?:客服|人工|经理|主管|柜员).{0,10}(?:态度|不理|不接|挂(?:了)?我?电话|推诿|骂|敷衍)|(?:打|等).{0,8}(?:人工|客服).{0,12}(?:不通|没人|半天|分钟|小时|不接)"
)
_REFUSES = re.compile(r"(?:不用|不需要|不要|先别|别|无需)\s*(?:转|找|叫)?\s*(?:人工|真人|客服)")
_SIEVE = Sieve((_WISH,))


def wants_person(text: str) -> bool:
    """Whether the normalised *text* asks for a person now."""
    if not any(_SIEVE.search(text)):
        return False
    if _REFUSES.search(text) or _QUESTION_ABOUT.search(text):
        return False
    # "客服态度差，给我转人工" asks; "打人工打了半小时没人接" complains.
    return not _COMPLAINS_OF.search(text) or bool(re.search(r"转人工|转接|给我.{0,3}人工|找你们.{0,2}(?:经理|领导)|叫你们", text))
