"""What is said about the talk itself and not about a matter: a poke, a scolding of the bot."""

import re

from bot.dialogue import forms, people
from bot.dialogue.turn_context import Turn
from config.labels import DialogueAct

MOST_CHARS = 24  # a longer message has a matter in it
_POKE = re.compile(r"[\s?？!！。.…,，、~～]+")
_SCOLDING = re.compile(
    r"(?:能不能|会不会|你)?(?:好好)?说(?:点)?人话|听不懂(?:人话|中文|吗|啊)|你(?:是不是|脑子)?(?:傻|聋|瞎|有病|智障|弱智|蠢)"
    r"|(?:说|讲|问|发)(?:过)?(?:了)?(?:多少|几|好几|八百|一百|无数)[遍次]|(?:刚刚?|刚才|前面|上面)?不是(?:都|已经)?(?:说|讲|发|告诉你)(?:了|过)"
    r"|答非所问|鸡同鸭讲|复读机|驴唇不对马嘴|人工智障|什么破(?:机器人|玩意儿?|客服)|^\s*滚(?:蛋|开|吧)?[!！。\s]*$|^\s*你(?:说|猜)(?:呢|哪|猜|啊)?[?？!！。\s]*$"
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
    if len(text) > MOST_CHARS or turn.u.entities or not _SCOLDING.search(text):
        return False
    people.scolded(turn)
    return True


_ANSWERS = frozenset({DialogueAct.AFFIRM, DialogueAct.DENY, DialogueAct.SKIP, DialogueAct.CANCEL, DialogueAct.WITHDRAW})
