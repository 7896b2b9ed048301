"""What is said about the talk itself and not about a matter: a poke, a scolding of the bot."""

import re

from bot.dialogue import forms, people
from bot.dialogue.turn_context import Turn
from config.labels import DialogueAct

_POKE = re.compile(r"[\s?？!！。.…,，、~～]+")
# The whole message, so that 问了好几次都没人理 and 你们客服听不懂人话 stay the complaints they are.
_SCOLDING = re.compile(
    r"(?:你|您|拜托|请|麻烦|喂|[\s，,])*"
    r"(?:(?:能不能|会不会|可不可以)?(?:好好)?说(?:点|句)?人话|(?:是不是)?听不懂(?:人话|中文)?|(?:是不是|脑子)?(?:傻|聋|瞎|有病|智障|弱智|蠢)"
    r"|(?:我)?(?:都|已经|跟你)*(?:说|讲)(?:过|了)*(?:多少|几|好几|八百|一百|无数)[遍次]|(?:我)?(?:刚刚?|刚才|前面|上面)?不是(?:都|已经)*(?:说|讲|告诉你)(?:了|过)+"
    r"|答非所问|鸡同鸭讲|复读机|驴唇不对马嘴|人工智障|什么破(?:机器人|玩意儿?)|滚(?:蛋|开)?|(?:说|猜)(?:呢|哪|猜)?)"
    r"[了吗啊呀吧嘛的\s?？!！。.,，~]*"
)


def take(turn: Turn) -> bool:
    """Answer an aside and put the open question again. False when the message is none.

    Whoever scolds the bot twice in a row gets a person, as with any other misunderstanding.
    """
    text, memory = turn.u.text.strip(), turn.memory
    if turn.inbound.type != "text" or turn.inbound.payload.get("button") or turn.u.intent in _ANSWERS:
        return False
    if _POKE.fullmatch(text):
        if memory.form is None:
            turn.say("utter_greet")
        else:
            forms.ask_again(turn)
        return True
    if turn.u.entities or not _SCOLDING.fullmatch(text):
        return False
    people.scolded(turn)
    return True


_ANSWERS = frozenset({DialogueAct.AFFIRM, DialogueAct.DENY, DialogueAct.SKIP, DialogueAct.CANCEL, DialogueAct.WITHDRAW})
