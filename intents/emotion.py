"""How a customer sounds, and words that call for a careful person."""

import re

from config.labels import Emotion, EscalationSign

_ANGRY = re.compile(
    r"垃圾|混蛋|王八|骗子银行|黑心|无耻|流氓|滚|傻[逼叉]|sb|tmd|妈的|他妈|操|靠!|气死|气愤|愤怒|恶心|坑人|坑爹|太过分|欺人太甚|岂有此理|什么(?:破|烂|狗屁)|破银行|烂银行|[!！]{3,}|忍无可忍|欺负人|强盗|不要脸"
)
_DISTRESSED = re.compile(
    r"救命|走投无路|活不下去|不想活|崩溃|绝望|哭|睡不着|求求|急死|怎么活|害怕|吓|活不了|全部积蓄|养老钱|救命钱|血汗钱|一辈子的钱"
)
_DISSATISFIED = re.compile(
    r"不满|失望|差劲|太差|太慢|糟糕|不合理|不负责|推诿|敷衍|投诉|无语|离谱|难用|浪费时间|不像话|服了|受不了|烦|生气|凭什么|怎么回事|搞什么|没人管|[!！]{2}|恼火|气人|不好用"
)
_SIGNS: tuple[tuple[EscalationSign, str], ...] = (
    (
        EscalationSign.REGULATOR,
        r"银保监|银监|金管局|金融监管|监管(?:局|部门|总局)|人民?银行投诉|人行投诉|12363|12378|消协|消保委|12345|12315",
    ),
    (EscalationSign.MEDIA, r"记者|媒体|曝光|微博|抖音|热搜|小红书|电视台|上新闻|315晚会|发到?网上|黑猫"),
    (EscalationSign.LAWYER, r"律师|起诉|法院|打官司|告你们|上诉|法律途径|走法律"),
    (EscalationSign.SELF_HARM, r"不想活|活不下去|自杀|跳楼|轻生|死给你|想死|了结自己|喝药|一死了之"),
    (EscalationSign.THREAT, r"砸了?你们|砍|炸|杀了|弄死|打死|放火|同归于尽|堵门|拉横幅"),
    (
        EscalationSign.ELDERLY,
        r"老人|老年|我妈|我爸|父亲|母亲|爷爷|奶奶|姥姥|外婆|外公|[六七八九]十(?:多|几)?岁|[6-9]\d岁|老太太|老爷子|年纪大",
    ),
    (EscalationSign.DISABLED, r"残疾|盲人|聋|轮椅|残障|视障|听障|腿脚不便"),
    (EscalationSign.MINOR, r"未成年|孩子.{0,8}(?:充|刷|转|买|打赏)|小孩.{0,8}(?:充|刷|转|买|打赏)"),
    (EscalationSign.HARDSHIP, r"失业|没工作|没钱吃饭|重病|癌|住院|手术费|医药费|低保|破产|揭不开锅|还不起|困难户|家庭困难"),
    (EscalationSign.GROUP, r"我们(?:几十|一群|上百|好多|很多|十几)(?:个)?(?:人|客户|业主)|集体(?:投诉|维权)|维权群|业主群"),
)
_COMPILED_SIGNS = tuple((sign, re.compile(pattern)) for sign, pattern in _SIGNS)


def emotion_of(text: str) -> Emotion:
    """The strongest emotion that the normalised *text* shows."""
    if _DISTRESSED.search(text):
        return Emotion.DISTRESSED
    if _ANGRY.search(text):
        return Emotion.ANGRY
    if _DISSATISFIED.search(text):
        return Emotion.DISSATISFIED
    return Emotion.CALM


def escalation_signs(text: str) -> tuple[EscalationSign, ...]:
    """Every sign in the normalised *text*."""
    return tuple(sign for sign, pattern in _COMPILED_SIGNS if pattern.search(text))
