"""What is said about the talk itself and not about a matter: a poke, a scolding of the bot."""

import re

from bot.dialogue import draft as drafts
from bot.dialogue import forms, people
from bot.dialogue.turn_context import Turn
from config.labels import DialogueAct, TicketKind

_POKE = re.compile(r"[\s?？!！。.…,，、~～]+")
_SLIP = re.compile(
    r"(?:不好意思|对不起|抱歉|哎呀|哦)?[，,\s]*(?:我)?(?:不小心)?(?:按|发|点|打|弄|搞)错(?:了|人了|地方了|群了)?"
    r"[，,\s]*(?:不好意思|对不起|抱歉)?|不好意思[啊哈]?"
)
_NOD = re.compile(
    r"(?:哦|噢|喔|嗯|呃|额|唔|啊|哈|呵|嘿|嘻)+(?:这样)?|这样(?:啊|子|哦)|原来(?:如此|这样)|(?:我)?(?:知道|明白|懂|晓得)了"
    r"|(?i:i see|got it|understood|h?m+|oh(?: ok(?:ay)?)?|ah)"
)
_NOTHING = re.compile(r"(?:没事|没什么事?|没啥事?|没问题)(?:儿)?(?:了|啦|的)?[，,\s]*(?:谢谢|打扰了)?")
_SHOWS = re.compile(
    r"(?:你|您|你们)?(?:看|这是|给(?:你|您)(?:们)?看|发(?:给)?(?:你|您)(?:们)?)(?:一下|看)?(?:我的|我|这个?|那个)?(?:截图|图片?|照片|凭证|记录|视频)"
)
_WHAT_NOW = re.compile(
    r"(?:那|这|现在|我|你说|该|要|可以|应该)*(?:怎么办|咋办|咋整|咋弄|怎么弄|怎么搞|点算好?)[啊呢呀好吧哦?？!！\s]*"
)
_HESITATES = re.compile(r"(?:我|你们?|就|那|这|嗯|呃|啊|个|有|想|问|件|事|一下|请问|请|说){2,8}")
_INTRODUCES = re.compile(
    r"(?:\S{0,6}(?:你好|您好|打扰了?|麻烦)\S{0,2})[\s，,。!！]*我是(?:个|一个|一名|一位|你们的?|贵行的?|咱们?的?)*[^，,。!！\s]{0,8}?"
    r"(?:老年人|老人家?|老头子?|老太太?|残疾人|盲人|聋哑人|学生|农民|商户|(?:老)?(?:客户|用户|储户|顾客))[啊呀哈\s。.!！]*"
)
# The whole message, so that 问了好几次都没人理 and 你们客服听不懂人话 stay the complaints they are.
_SCOLDING = re.compile(
    r"(?:你|您|拜托|请|麻烦|喂|[\s，,])*"
    r"(?:(?:能不能|会不会|可不可以)?(?:好好)?说(?:点|句)?人话|(?:是不是)?听不懂(?:人话|中文)?|(?:是不是|脑子)?(?:傻|聋|瞎|有病|智障|弱智|蠢)"
    r"|(?:我)?(?:都|已经|跟你)*(?:说|讲)(?:过|了)*(?:多少|几|好几|八百|一百|无数)[遍次]|(?:我)?(?:刚刚?|刚才|前面|上面)?不是(?:都|已经)*(?:说|讲|告诉你)(?:了|过)+"
    r"|(?:能不能|可不可以)?(?:别|不要|少)(?:再)?(?:说)?(?:跟我)?(?:废话|啰嗦|绕(?:圈子|弯子)?|墨迹)|废(?:什么)?话|答非所问|鸡同鸭讲|复读机|驴唇不对马嘴|人工智障|什么破(?:机器人|玩意儿?)|滚(?:蛋|开)?|(?:说|猜)(?:呢|哪|猜)?)"
    r"[了吗啊呀吧嘛的\s?？!！。.,，~]*"
    r"|(?i:(?:you(?:'?re| are) (?:so |just )?(?:useless|stupid|dumb|an? idiot)|(?:stupid|useless|dumb) (?:bot|robot|thing)"
    r"|(?:you )?(?:don'?t|do not|can'?t you) (?:even )?understand(?: (?:me|anything|english))?"
    r"|(?:i )?(?:already|just) (?:told|said)(?: you)?(?: that| this| it)?"
    r"|that'?s not what i (?:asked|said|meant)|are you (?:stupid|deaf|dumb)|read (?:it|what i wrote)(?: again)?)[\s.!?]*)"
)


def take(turn: Turn) -> bool:
    """Answer an aside and put the open question again. False when the message is none.

    Whoever scolds the bot twice in a row gets a person, as with any other misunderstanding.
    """
    text, memory = turn.u.text.strip(), turn.memory
    if turn.inbound.type != "text" or turn.inbound.payload.get("button") or turn.u.intent in _ANSWERS:
        return False
    if _POKE.fullmatch(text) or _NOD.fullmatch(text.strip(_AROUND)):
        if memory.form is None:
            turn.say("utter_greet" if _POKE.fullmatch(text) else "utter_please_answer")
        else:
            forms.ask_again(turn)
        return True
    is_nothing_told = memory.form is None or memory.form == drafts.FORMS[TicketKind.OTHER]
    if is_nothing_told and _SLIP.fullmatch(text.strip(_AROUND)):
        if memory.form is not None:
            memory.close()
        turn.say("utter_no_matter")
        return True
    is_at_rest = memory.form is None and memory.draft is None
    if is_at_rest and _NOTHING.fullmatch(text.strip(_AROUND)):
        turn.say("utter_no_matter")
        return True
    if is_at_rest and not memory.answered and _WHAT_NOW.fullmatch(text):
        turn.say("utter_what_now")
        return True
    if is_at_rest and _SHOWS.fullmatch(text.strip(_AROUND)):
        turn.say("utter_tell_besides")
        return True
    if is_at_rest and _HESITATES.fullmatch(text.strip(_AROUND)):
        turn.say("utter_please_answer")
        return True
    if is_at_rest and _INTRODUCES.fullmatch(text):
        turn.say("utter_greet")
        return True
    if turn.u.entities or not _SCOLDING.fullmatch(text):
        return False
    people.scolded(turn)
    return True


_AROUND = " 。.!！~～…，,"
_ANSWERS = frozenset({DialogueAct.AFFIRM, DialogueAct.DENY, DialogueAct.SKIP, DialogueAct.CANCEL, DialogueAct.WITHDRAW})
