"""Whether a message answers what was asked, declines it, or goes on with the matter instead. Pure; the forms act upon it."""

import re

from bot.actions.forms import MAX_PLACE_CHARS, like_a_time
from bot.dialogue import draft as drafts
from config.labels import DialogueAct, Emotion, Kind, Product
from intents.english import in_letters
from intents.english_words import CORRECTS
from intents.names import PRAISES
from intents.normalise import normalise
from intents.understanding import Understanding

OFFERS = frozenset({"demand", "phone"})  # what a customer may well do without
SCRAP_CHARS = 6
MOST_DEMAND_CHARS = 20
LEAST_BESIDES = 5  # characters beside an answer that tell something of their own
SURE_PRAISE = 0.5
MAX_CURSE_CHARS = 8
MOST_OTHER_DIGITS = 3  # with more of them it may be a telephone number
MAX_NAMED_CHARS = 6  # longer than this, and without a word for somebody, it is no person
_TELLING = frozenset({Kind.COMPLAINT, Kind.OTHER, Kind.ENQUIRY, Kind.TICKET_STATUS})
# Whatever short word it is, these make no name of it.
_NO_NAMES = (frozenset(DialogueAct) - {DialogueAct.INFORM}) | {Kind.GREETING_CHITCHAT, Kind.HUMAN_REQUEST, Kind.TICKET_STATUS}
LEAVES_NOTHING = frozenset({DialogueAct.SKIP, DialogueAct.DENY})
# Words of the matter as much as values of the record: 登不上去 tells more than 登录.
_TOLD_WITH = frozenset({"app_function", "business_channel", "product_name"})
_VALUES = {"occurred_at": ("occurred_at", "place", "branch"), "place": ("place", "branch", "machine"), "phone": ("phone",)}
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NO_HAN = re.compile(r"[^\u4e00-\u9fff]+")
_WORDS = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]{2,}[^\w]+[A-Za-z]{2,}")
_MODEL = re.compile(r"[a-z]{3}", re.IGNORECASE)  # iphone15
_DIGIT = re.compile(r"\d")
_ENGLISH_WORD = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_AROUND = " ，,。.!！~"
_FILLERS = re.compile(r"开始|发生|时候|[那这就是在的了吧啊呢呀哦嗯对大概应该好像左右门口附近号电话手机我个，。,.！!？?\s]")
_ENGLISH_FILLERS = re.compile(
    r"\b(?:my|the|it|is|was|it's|number|phone|mobile|cell|call|me|on|at|in|you|can|reach|please|around|about|happened|and|thanks|thank)\b\W*",
    re.IGNORECASE,
)
_KNOWS_NOT = re.compile(r"\s*(?:我)?(?:也)?不(?:晓得|知道|清楚|明白)(?:到底)?(?:是)?(?:什么|啥|为什么|为啥|怎么|哪).{1,}")
# To what is offered, no cancelling of what was told.
_NOT_NEEDED = re.compile(r"\s*(?:都)?(?:不(?:用|需要|必)|唔(?:使|洗|需要))(?:了)?[\s，,。.!！]*(?:谢谢|谢了|多谢)?[\s。.!！]*")
_WISH = re.compile(
    r"希望|要求|想要|请(?!问)|应该|应当|必须|给我(?![同朋老儿女弟妹哥姐家妈爸单公领客])|能不能|能否|可不可以|不能.{1,20}[?？吗]|退(?:款|钱|\d|全[款额部]|.{0,3}[费息]|还|回|卡|保|货|我|给)|[赔补]|减免|免[掉除]"
    r"|查清|调查|换[个一张成]|改[进掉]|整改|修[好复理]|^修|道歉|对不起|恢复|解决|处理|说法|交代|公道|解释|尽快|快点?|赶紧|马上|取消|注销|解冻|解封|删|撤[销掉回]|消除|更[正改]|接(?:电话|听)|降(?:到|低|下来)|答复|回复"
    r"|别再|不要再|停止|不[准许得要]再?|开(?:掉|除)|辞退|严惩|处分|让(?:他|她|它|你)|管管|注意|反映|知道一下"
)
_SOMEWHERE = re.compile(
    r"(?i:\b(?:branch|atm|street|st|road|rd|avenue|square|mall|station|airport|building|plaza|outlet|store|shop|market)\b)"
    r"|(?i:\b(?:hotel|opposite|near|next to)\b)"
    r"|那[台家边]|[东南西北]门|机子|机器|atm|取款机|存款机|柜员机|网点|支行|分行|营业[厅部]|门口|商场|超市|商城|[路街店站]|广场|大厦|小区|附近|旁边|那边|对面|楼[上下]"
)
_TELLS = re.compile(r"\s*(?:我|你|他|她|他们|你们|人家)(?:们)?(?:就|都|也|只|又|还)*(?:是|要|想|不|没|让|叫|说|把|给|等|办|去了)")
_SOMEBODY = re.compile(
    r"姑娘|小伙|[小大]?[哥姐]|阿姨|师傅|经理|柜员|保安|客服|主管|行长|员工|老师|先生|女士|大家|所有人|全体|工作人员|那[个位]"
)
# What a read-back is agreed to with: there is nothing to change.
_NOTHING_TO_CHANGE = re.compile(
    r"(?:算了|行吧?|好吧?|那)*[，,\s]*(?:就|先)这样(?:吧|了|行了)*|(?:没有?|冇|无)(?:别的|其他的?|其它的?|(?:需?要改|不对|补充)的?(?:地方)?|问题|意见|错|毛病)?(?:了|啦|的)?"
    r"|(?:就|先)(?:这样|这些|这么多|这个)(?:就)?(?:行|好|可以)?(?:了|吧)*|(?:不用|不要|不需要|无需)(?:再)?(?:改|修改|补充)(?:了)?"
    r"|可以了|行了|好了|发吧|交吧|(?:那|就|你|您|快|赶紧|先|都|请|麻烦|直接)*(?:给我|帮我|替我)*(?:登记|提交|上报|报上去|交上去|递上去)(?:上去|下来|一下)?(?:吧|呗|了|啊)*"
    r"|(?:好的?|行|可以|嗯+|没问题)?[，,。\s]*(?:谢谢|感谢|多谢|谢了|辛苦)(?:了|您|你|啦|你们|您了|你了)*"
)
# Enough said: whoever answers a question so wants to hand in what there is.
_HAND_IN = re.compile(r"(?:确认)?提交吧?|确认|就这样吧?|就(?:这些|这么[多些])了?|没(?:有)?了|可以了|行了|好了")
# How old somebody is explains the matter; it is nothing that we could do.
_AGE = re.compile(r"[\d一二三四五六七八九十两]{1,4}多?岁")
_WILL_COMPLAIN = re.compile(
    r"\s*(?:不是|不对|那|就|我|这|算|是|得|必须|现在|[，,\s])*(?:要|想)?(?:去)?(?:投诉|举报)(?!过|电话|热线|了)"
)
_ASKS = re.compile(
    r"[?？吗]|怎么|怎样|如何|咋|哪|什么|啥|多少|(?<!好)几(?![千百万十])|多久|何时|能不能|是不是|有没有"
    r"|(?i:\b(?:what|how|where|when|which|who|why|can i|do you|is there)\b)"
)
_GUESSES = re.compile(r"记不|不记得|忘了|好像|大概|可能是")
_CURSES = re.compile(
    r"死光|去死|王八|混蛋|混账|畜生|狗屁|放屁|他妈|特么|尼玛|你妈|妈的|卧槽|我[操艹草]|傻[逼缺叉子b]|[垃拉辣]圾|废物|倒闭|骗子银行|不要脸|缺德|丧良心|黑心|吃人|滚"
)
_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}(?<![了的吗呢啊吧好])")
_WHY_GOOD = re.compile(r"\s*(?:就是|就|因为|特别|很|真|非常|太|都|挺|人好|态度|服务)")
_HASTE = re.compile(
    r"(?:请|麻烦|能不能|你们?)*(?:搞|弄|办)?(?:快|赶紧|马上|尽快|赶快|立刻|抓紧)(?:一?点|些|处理|办|啊|吧|的|呀)*"
)
_SUM = re.compile(r"(\d{1,6}(?:\.\d{1,2})?)\s*元?")
# The matter has settled itself: app又好了.
_SETTLED = re.compile(
    r"[^，,。！!？?]{0,8}?(?:(?:又|已经|现在|自己|刚刚?|突然)+(?:都)?(?:好|恢复|可以|能用|能登|解决|到账|到|找到|退)(?:上|回来|了)+|(?:不用|不需要)(?:处理|解决)了)"
    r"(?:[\s，,。！!~]*(?:谢谢|谢了|多谢|不好意思|打扰|麻烦|没事)\S{0,4})?[\s。！!~]*"
)
_YES = re.compile(
    r"(?:[是对嗯好行要中得嘛哦的了呀啊吧呢哈呗\s，,。.!！~]|可以|没错|没问题|确认|确定|同意|登记|提交"
    r"|ok(?:ay)?|yes|yeah|yep|sure|please|right|correct|fine|confirm|thanks|thank you)+",
    re.IGNORECASE,
)
_CORRECTS = re.compile(CORRECTS, re.IGNORECASE)
_NOT_BUT = re.compile(r"\s*(?:不对|错了|哦)?[，,\s]*不(?:是|在).{1,12}?[，,。\s]*(?:而)?(?<!不)(?:是|在).{1,20}")
_ASIDE = re.compile(
    r"不(?:用|要|需要)(?:你们)?(?:处理|解决|回复)|(?:就|只)是?(?:想)?(?:说说|反映|吐槽|提一下)|反映(?:一下|情况)?(?:就行|而已)?"
)
_NO_CONTACT = re.compile(
    r"^\s*不留(?:了|电话|号码|手机)*(?:\s|[，,。]|$)|(?:不用|不要|别|不必|不需要|无需|不想|不愿)(?:你们)?(?:再|给我)?(?:联系|打|回|留|找|来电)"
)
_CALLS = re.compile(
    r"[\s?？!！。.,，~～]*(?:喂|在吗|在不在|有人吗|人呢|你好|您好|哈喽|hello|hi|嗨|快点|急|说话|回话|吱一?声|出来|人呢)*[啊呀吗呢哦]*[\s?？!！。.,，~～]*"
)
_NO_WORDS = re.compile(r"(?:没有?|不(?:想|愿|方便|要|留|提供|知道|清楚|记得|用)|跳过|算了|无所谓|随便|记不清|忘了|保密).{0,12}")


def goes_on(u: Understanding, slot: str) -> bool:
    """Whether the message goes on with the matter: 苹果手机 is no time, 退钱 no phone number."""
    if u.is_english:
        return _goes_on_in_english(u, slot)
    if slot == "demand" and wants_no_contact(u.text):
        return True  # 我耳朵不好别打电话 is no way to settle the matter
    if slot == "demand" and like_a_time(u.text) and not _WISH.search(u.text) and u.first("demand") is None:
        return True
    if slot == "demand":
        # 就转账那个页面一点就退 wants nothing, it tells; asked again, it is taken as it is.
        tells = u.intent in _TELLING and not _WISH.search(u.text) and u.first("demand") is None
        is_age = bool(_AGE.search(u.text)) and not _WISH.search(u.text)
        return is_age or bool(_KNOWS_NOT.match(u.text)) or (tells and has_words(u.text))
    if u.intent == Kind.COMPLAINT and drafts.says_something(u.text):
        return True
    if slot == "person_praised" and like_a_time(u.text) and not _SOMEBODY.search(u.text) and not _SOMEWHERE.search(u.text):
        return True  # 2023年 is nobody
    is_act = u.intent in set(DialogueAct) - {DialogueAct.INFORM, DialogueAct.CORRECT}
    if is_act or not (_WORDS.search(u.text) or _MODEL.search(u.text)):
        return False
    if slot == "occurred_at":
        return not like_a_time(u.text)
    if slot == "place":
        # 道歉 and 我就要存折 are nowhere.
        return (u.first("demand") is not None or bool(_TELLS.match(u.text))) and not _SOMEWHERE.search(u.text)
    if slot == "person_praised" and _WHY_GOOD.match(u.text) and not _SOMEBODY.search(u.text):
        return True  # 就是人好
    if slot == "person_praised":
        return len(u.text.strip()) > MAX_NAMED_CHARS and not _SOMEBODY.search(u.text) and not _SOMEWHERE.search(u.text)
    # 他才11岁 has digits, and is no number either.
    return slot == "phone" and len(_DIGIT.findall(u.text)) <= MOST_OTHER_DIGITS


def _goes_on_in_english(u: Understanding, slot: str) -> bool:
    """What is wanted, where and who is taken as it is said; times and telephone numbers are known when they are seen."""
    if u.intent in set(DialogueAct) - {DialogueAct.CORRECT}:
        return False
    if slot == "place":
        return len(u.text) > MAX_PLACE_CHARS or u.first("demand") is not None
    return (slot == "occurred_at" and not like_a_time(u.text)) or (slot == "phone" and not _DIGIT.search(u.text))


def is_demand(u: Understanding) -> bool:
    """Whether the message is nothing but what the customer wants done: 修好."""
    wanted = u.first("demand")
    return (
        len(u.text) <= MOST_DEMAND_CHARS and (wanted is not None or bool(_WISH.match(u.text))) and u.intent != DialogueAct.CORRECT
    )


def declines(u: Understanding, slot: str) -> bool:
    """Whether the customer will not, or can not, say what was asked."""
    if slot == "problem" or corrects(u):
        return False
    if slot in OFFERS and (_NOT_NEEDED.fullmatch(u.text) or _HAND_IN.fullmatch(u.text.strip(_AROUND))):
        return True
    if slot == "demand" and len(u.text) <= MOST_DEMAND_CHARS and _ASIDE.search(u.text):
        return True
    if slot == "phone" and wants_no_contact(u.text) and not u.first("phone"):
        return True
    return u.intent in LEAVES_NOTHING or (not u.entities and bool(_NO_WORDS.fullmatch(u.text.strip())))


def declines_offer(u: Understanding, slot: str | None) -> bool:
    """不用了 said to 您希望怎样处理: nothing is wanted there, and the rest is still to be filed."""
    return slot in OFFERS and bool(_NOT_NEEDED.fullmatch(u.text) or (slot == "phone" and wants_no_contact(u.text)))


def raises_no_alarm(u: Understanding, slot: str | None) -> bool:
    """Whether no net caught anything and the message just answers: 人民广场那台机器 今早八点多, or the scrap 昨天转的."""
    answers_it = any(u.first(entity) for entity in _VALUES.get(slot or "", ()))
    return u.urgent_reasons == ("model",) and (len(u.text) <= SCRAP_CHARS or answers_it)


def corrects(u: Understanding) -> bool:
    """Whether the message puts something right: the model says so, or its words leave no doubt: 不是建设路 是建国路."""
    return u.intent == DialogueAct.CORRECT or bool(_NOT_BUT.match(u.text)) or (u.is_english and bool(_CORRECTS.search(u.text)))


def is_bare_value(u: Understanding) -> bool:
    """Whether the message is a value and nothing else, which alarms nobody by itself: 就今天早上, 钱是600."""
    return u.urgent_reasons == ("model",) and len(u.text) <= SCRAP_CHARS and not holds_more(u)


def holds_more(u: Understanding) -> bool:
    """Whether the message holds more than the values that were found in it."""
    beside = beside_values(u)
    return has_words((_ENGLISH_FILLERS if u.is_english else _FILLERS).sub("", beside))


def tells_more(u: Understanding) -> bool:
    """Whether the message tells of the matter beside its values, those named in its very words included."""
    return holds_more(u) or (any(item.entity in _TOLD_WITH for item in u.entities) and len(u.text.strip()) > SCRAP_CHARS)


def tells_besides(u: Understanding) -> bool:
    """Whether an answer tells of the matter besides: 刚才转给一个自称公安的 8万, but not 昨天下午 建国门那台."""
    left = _FILLERS.sub("", beside_values(u))
    return len(_HAN.findall(left)) >= LEAST_BESIDES and not names_a_place(left)


def beside_values(u: Understanding) -> str:
    """What the message holds beside the values that were found in it: 建国门那台 of 昨天下午 建国门那台."""
    left = u.text
    for item in u.entities:
        left = left.replace(u.text[item.start : item.end], " ")
    return left.strip(_AROUND)


def has_words(text: str) -> bool:
    """Whether there is a Chinese word in *text*, or two English ones."""
    return bool(_WORDS.search(text))


def is_english_word(text: str) -> bool:
    """Whether *text* may be a word of English: three letters and more."""
    return bool(_ENGLISH_WORD.fullmatch(text.strip(_AROUND)))


def only_hurries(text: str) -> bool:
    """Whether *text* asks for nothing but haste: 快点."""
    return bool(_HASTE.fullmatch(text.strip(_AROUND)))


def asks_anew(text: str, before: str) -> bool:
    """Whether *text* asks in other words what *before* asked: 我要查余额 after 余额. The same words again may have come twice."""
    said, told = (_NO_HAN.sub("", one) for one in (text, before))
    shared = any(said[place : place + 2] in told for place in range(len(said) - 1))
    return shared and said != told


def nothing_to_change(text: str) -> bool:
    """Whether *text*, said to a read-back, agrees to it in other words than yes: 没有别的了."""
    return bool(_NOTHING_TO_CHANGE.fullmatch(text.strip(_AROUND)))


def wants_no_contact(text: str) -> bool:
    """Whether the customer wants no call: 别给我打电话."""
    return bool(_NO_CONTACT.search(text))


def place_beside(u: Understanding) -> str:
    """The part of the message that speaks of a place, beside the values that were found; ``""`` where none does."""
    parts = re.split(r"[，,。;；.\n]+\s*" if in_letters(u.text) else r"[\s，,。;；]+", beside_values(u))
    return next((part for part in parts if names_a_place(part) and len(part) <= MAX_PLACE_CHARS), "")


def calls_out(text: str) -> bool:
    """Whether *text* only asks whether somebody is there: 喂？"""
    return bool(_CALLS.fullmatch(text))


def only_agrees(text: str) -> bool:
    """Whether *text* is a yes and no more: 是的, but not 是聚合码."""
    return bool(_YES.fullmatch(text))


def will_complain(text: str) -> bool:
    """Whether *text* says that the customer wants to complain: 就投诉柜台, but not 不投诉了."""
    return bool(_WILL_COMPLAIN.match(text))


def asks(text: str) -> bool:
    """Whether *text* has the words of a question, and is no guess: 几号记不清了."""
    return bool(_ASKS.search(text)) and not _GUESSES.search(text)


def hardly_praise(u: Understanding) -> bool:
    """Whether the model takes the message for praise, unsure of it, and no word in it praises: 昨天坐公交丢的."""
    return u.intent == Kind.PRAISE and u.confidence < SURE_PRAISE and not any(PRAISES.search(normalise(u.text)))


def only_curses(u: Understanding) -> bool:
    """Whether the message is a curse and tells nothing: 全家死光."""
    return (
        len(u.text.strip()) <= MAX_CURSE_CHARS and not u.entities and u.product is Product.OTHER and bool(_CURSES.search(u.text))
    )


def is_settled(text: str) -> bool:
    """Whether *text* says that the matter has settled itself: app又好了 谢谢."""
    return bool(_SETTLED.fullmatch(text.strip()))


def only_talks(u: Understanding) -> bool:
    """Whether the message is a word to the bot and no message for people: 那你会啥."""
    return u.intent == Kind.GREETING_CHITCHAT and len(u.text.strip()) <= SCRAP_CHARS and not u.entities


def names_a_place(text: str) -> bool:
    """Whether *text* speaks of a place and of no time: 国贸那个机子."""
    return bool(_SOMEWHERE.search(text)) and not like_a_time(text)


def may_be_a_name(u: Understanding) -> bool:
    """Whether the message may be the bare name of a place, said where one was asked for: 旺角."""
    says_more = u.entities or u.intent in _NO_NAMES or u.emotion is not Emotion.CALM or u.product is not Product.OTHER
    return bool(_NAME.fullmatch(u.text.strip(_AROUND))) and not says_more and not _WISH.search(u.text) and not asks(u.text)


def bare_sum(text: str) -> float | None:
    """The number that is all of *text*: 5000."""
    match = _SUM.fullmatch(text.strip())
    return float(match.group(1)) if match else None
