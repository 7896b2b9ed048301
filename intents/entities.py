"""Slot values in a text, with units and where they stand. Runs on normalised text, whose positions are the original's."""

import re
from collections.abc import Iterator
from datetime import datetime

import cn2an

from config.clock import in_shanghai
from intents.moments import moments
from intents.understanding import Entity, Redacted

_CN = "零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"
_AMOUNT = re.compile(
    rf"(?<![\d.{_CN}])(?P<number>\d{{1,3}}(?:,\d{{3}}){{1,3}}(?:\.\d{{1,2}})?|\d{{1,10}}(?:\.\d{{1,2}})?|[{_CN}]{{1,12}}(?:点[{_CN}]{{1,4}})?)\s*(?P<scale>万|w|k|千|百|亿)?(?P<odd>[一二三四五六七八九\d](?![\d{_CN}]))?\s*(?:多|来|余)?\s*(?P<unit>元钱?|块钱?|圆|毛钱?|角|分钱|rmb|人民币|大洋)(?:零?(?P<rest>[一二三四五六七八九\d])(?![\d.笔次张元块年月日号点天个])(?:毛|角)?)?"
    rf"|[¥￥]\s*(?P<sign>\d{{1,10}}(?:,\d{{3}}){{0,3}}(?:\.\d{{1,2}})?)|(?<![\d.{_CN}])(?P<bare>\d{{1,8}}(?:\.\d{{1,3}})?|[{_CN}]{{1,6}}(?=[万]))\s*(?P<bare_scale>万|w|k)(?P<bare_odd>[一二三四五六七八九\d])?(?![a-z0-9年月日号点天个次])"
)
_SCALES = {"万": 10_000, "w": 10_000, "k": 1_000, "千": 1_000, "百": 100, "亿": 100_000_000}
# What is counted after a number when it is no money, and money that is not ours.
_COUNTED = r"[年月日号点天个次笔分小张位人名家公里米度股倍户岁届成%页斤克遍回种条轮环]|多[人个次年天公里倍家名位]|美元|美金|欧元?|英镑|港币|日元|刀|积分"
_VERBED = re.compile(
    r"(?:扣|转|取|存|充|付|刷|花|汇|少|损失|被骗|退|还|收|借|贷|欠|打|亏|放|交|罚)(?:了|走|掉|出|款|进去|到|成)*(?:我|你)?(?:了)?\s*"
    rf"(?P<number>\d{{2,9}}(?:\.\d+)?|[一二两三四五六七八九]?十[一二三四五六七八九]?)(?![\d{_CN}]|{_COUNTED})"
)
# 八百八, 一千二百八, 六千五: large enough to be money when nothing else is counted with them.
_SPOKEN = re.compile(
    rf"(?<![\d.{_CN}第])(?P<number>[一二两俩三四五六七八九][百千万][{_CN}]{{0,10}})(?:多|来|出头)?(?![\d{_CN}点]|{_COUNTED})"
)
_CARD_TAIL = re.compile(
    r"(?:尾号|尾数|后四位|末四位|末尾)(?:记得|好像|应该|大概)?(?:是|为|[:：])?\s*(?P<value>(?:[\d零〇一幺二三四五六七八九]\s?){3}[\d零〇一幺二三四五六七八九])(?![\d零〇一二三四五六七八九])"
)
_CN_DIGITS = str.maketrans("零〇一幺二三四五六七八九", "001123456789", " ")
_TICKET = re.compile(r"fb\d{14}[0-9a-z]")
_BRANCH = re.compile(
    r"(?P<value>[\u4e00-\u9fff]{2,8}?(?:支行|分行|分理处|营业部|营业厅|营业所|储蓄所))|(?P<loose>[\u4e00-\u9fff]{2,6}?)(?:那个|那边的?|附近的?|对过那个|的)?网点"
)
_PLACE = re.compile(
    r"(?:在|于|去|到)\s*(?P<value>[\u4e00-\u9fffa-z0-9]{2,14}?(?:路|街|大街|大道|广场|商场|超市|小区|地铁站|车站|机场|医院|学校|大厦|门口|镇|村|县|区|市|城))"
)
_MACHINE = re.compile(
    r"atm机?|(?:自动)?(?:存取款|取款|存款)(?:一体)?机|自助(?:终端|机|设备)|(?:智慧|智能)?柜员机|柜面机|pos机?|智能柜台|crs|vtm|(?:叫号|取号|查询|回单|填单|发卡|打印|点钞)机"
)
_SURNAME = "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳唐罗薛雷贺汤滕殷毕郝安常乐于时傅齐康余顾孟黄萧尹姚汪祁毛狄米戴宋庞熊纪舒项祝董梁杜阮席季贾江颜郭梅林钟徐邱骆高夏蔡田胡霍万柯卢莫房丁邓洪包石崔吉龚程邢裴陆翁段侯]"
_STAFF_ROLE = "(?:柜员|大堂经理|客户经理|理财经理|经理|坐席|工作人员|保安|主管|行长|窗口的|支行的?)"
_AFTER_NAME = r"(?=[把给收说让的帮跟在答要不硬当是也就对很又没态办服吧，,。.！!？?；;、\s]|$)"
_STAFF = re.compile(
    r"(?:工号|柜员编号|柜员号|员工号|编号)(?:是|为|[:：])?\s*(?P<number>[a-z]?\d{3,8})(?!\d)"
    rf"|叫(?:什么)?(?P<named>{_SURNAME}[\u4e00-\u9fff]{{1,2}}?){_AFTER_NAME}"
    rf"|(?P<titled>(?:{_SURNAME})(?:副)?(?:经理|柜员|主管|行长|主任|姐|女士|师傅))"
    rf"|{_STAFF_ROLE}(?P<after>[老小]{_SURNAME}|{_SURNAME}[\u4e00-\u9fff]{{1,2}}?){_AFTER_NAME}"
    rf"|姓(?P<surname>{_SURNAME})的"
)
_DEMAND = re.compile(
    r"(?P<value>(?:我?(?:的)?(?:要求|诉求|希望|想要|请求)|请(?:你们|贵行|尽快)?|要求|希望|必须|给我|帮我|麻烦)[^，。！？!?;；\n]{0,6}(?:退|赔|道歉|解决|处理|恢复|解冻|取消|撤销|查清|查明|补偿|补发|解释|说法|改|删|还我|追回|到账|减免)[^，。！？!?;；\n]{0,24})"
)
_APP_FUNCTION = re.compile(
    r"登[录陆]|转账|扫码|刷脸|人脸识别|指纹|理财页面?|账单|明细|余额查询|缴费|更新|升级|推送|通知|验证码|收款码|银证转账|搜索|首页"
)
_PRODUCTS = re.compile(
    r"信用卡|借记卡|储蓄卡|工资卡|社保卡|房贷|车贷|消费贷|信用贷|经营贷|公积金贷款|大额存单|定期存款|定期|活期|理财|基金|保险|黄金|国债|外汇|手机银行|网银|app|快捷支付|云闪付|数字人民币|etc|pos机|短信通知"
)
_CHANNELS = re.compile(r"手机银行|网上银行|网银|柜台|柜面|自助机|atm|电话银行|客服热线|微信银行|小程序|支付宝|微信支付|app")
_PRAISED = re.compile(
    r"(?P<value>(?:[小老][\u4e00-\u9fff]|[\u4e00-\u9fff]{1,2})(?:经理|柜员|女士|先生|师傅|老师|主管|行长|大姐)|(?<=[的谢扬夸位])小[\u4e00-\u9fff])(?![\u4e00-\u9fff]?费)"
)


def entities(redacted: Redacted, text: str, now: datetime, expecting: str | None) -> tuple[Entity, ...]:
    """Every slot value in *text* (the normalised text of *redacted*), in order of place."""
    text = _without_tokens(text, redacted)
    found = [
        *_protected(redacted),
        *_amounts(text, expecting),
        *_moments(text, redacted.text, now),
        *_by_pattern(text, redacted.text),
    ]
    return tuple(sorted(found, key=lambda item: (item.start, item.end)))


def _without_tokens(text: str, redacted: Redacted) -> str:
    """*text* with blanks where tokens stand: 尾号5678 inside a token is no card's ending."""
    for item in redacted.found:
        text = f"{text[: item.start]}{' ' * (item.end - item.start)}{text[item.end :]}"
    return text


def _protected(redacted: Redacted) -> Iterator[Entity]:
    for item in redacted.found:
        if item.kind == "phone":
            yield Entity("phone", item.start, item.end, item.original, item.token, "redact")
        elif item.kind == "card":
            yield Entity("card_tail", item.start, item.end, item.original[-4:], item.token, "redact")


def _amounts(text: str, expecting: str | None) -> Iterator[Entity]:
    taken: list[tuple[int, int]] = []
    for match in _AMOUNT.finditer(text):
        value = _yuan(match)
        if value is not None:
            taken.append(match.span())
            yield Entity("amount_yuan", *match.span(), value, match.group().strip(), "amount")
    for match in _VERBED.finditer(text):
        span = match.span("number")
        if all(span[1] <= start or end <= span[0] for start, end in taken):
            taken.append(span)
            value = _value(match.group("number"))
            if value is not None:
                yield Entity("amount_yuan", *span, value, match.group("number"), "amount")
    for match in _SPOKEN.finditer(text):
        span = match.span("number")
        value = _value(match.group("number"))
        if value is not None and all(span[1] <= start or end <= span[0] for start, end in taken):
            taken.append(span)
            yield Entity("amount_yuan", *span, value, match.group("number"), "amount")
    if expecting == "amount_yuan" and not taken and (bare := re.search(r"\d+(?:\.\d+)?", text)):
        yield Entity("amount_yuan", *bare.span(), float(bare.group()), bare.group(), "amount")


def _yuan(match: re.Match[str]) -> float | None:
    if match.group("sign"):
        return float(match.group("sign").replace(",", ""))
    if match.group("bare"):
        scale = _SCALES[match.group("bare_scale")]
        bare = _value(match.group("bare"))
        return None if bare is None else round(bare * scale + (_value(match.group("bare_odd") or "0") or 0) * scale / 10, 2)
    value = _value(match.group("number"))
    if value is None:
        return None
    scale = _SCALES.get(match.group("scale") or "", 1)
    value *= scale
    if match.group("odd"):
        value += (_value(match.group("odd")) or 0) * scale / 10
    if match.group("unit") == "分钱":
        return round(value / 100, 2)
    if match.group("unit")[0] in "毛角":
        return round(value / 10 + (_value(match.group("rest") or "0") or 0) / 100, 2)
    if match.group("rest"):
        value += (_value(match.group("rest")) or 0) / 10
    return round(value, 2)


_SHORT = re.compile(r"(?P<whole>.*(?P<unit>[百千万]))(?P<odd>[一二三四五六七八九])")


def _value(text: str) -> float | None:
    text = text.replace(",", "").replace("俩", "二").replace("两", "二")
    try:
        return float(text)
    except ValueError:
        pass
    spoken = _SHORT.fullmatch(text)  # 八百八 is 880, 六千二百五 is 6250
    try:
        if spoken:
            unit = {"百": 10, "千": 100, "万": 1000}[spoken.group("unit")]
            return float(cn2an.cn2an(spoken.group("whole"), "smart")) + float(cn2an.cn2an(spoken.group("odd"), "smart")) * unit
        return float(cn2an.cn2an(text, "smart"))
    except (ValueError, KeyError, IndexError):
        return None


def _moments(text: str, original: str, now: datetime) -> Iterator[Entity]:
    for moment in moments(text, now):
        shown = original[moment.start : moment.end].strip(" ，,的")
        yield Entity(
            "occurred_at",
            moment.start,
            moment.end,
            in_shanghai(moment.at).isoformat(),
            shown,
            "moment",
            {"precision": moment.precision},
        )


_SIMPLE = (
    ("card_tail", _CARD_TAIL),
    ("branch", _BRANCH),
    ("place", _PLACE),
    ("machine", _MACHINE),
    ("staff_name", _STAFF),
    ("demand", _DEMAND),
    ("product_name", _PRODUCTS),
    ("app_function", _APP_FUNCTION),
    ("business_channel", _CHANNELS),
    ("person_praised", _PRAISED),
)
_NOT_IN_NAMES = frozenset("们下向日在去到于和跟从对的了多号点分是就夸赞扬谢把让问找家里给我你他这那个想要说")
_SUFFIX_CHARS = 3  # 营业厅: the part of a branch's name that may hold any character


def _by_pattern(text: str, original: str) -> Iterator[Entity]:
    for match in _TICKET.finditer(text):
        yield Entity("ticket_no", *match.span(), match.group().upper(), original[slice(*match.span())], "pattern")
    for name, pattern in _SIMPLE:
        for match in pattern.finditer(text):
            group = next((key for key, value in match.groupdict().items() if value), None)
            start, end = match.span(group) if group else match.span()
            if name in ("branch", "place"):
                start = _name_start(text, start, end)
            if end - start >= 2 or group == "surname":  # noqa: PLR2004 -- one character names nothing
                shown = original[start:end]
                value = shown.translate(_CN_DIGITS) if name == "card_tail" else shown
                yield Entity(name, start, end, value, shown, "pattern")


def _name_start(text: str, start: int, end: int) -> int:
    """Where the name begins: after the last word before it that no name holds."""
    for place in range(end - _SUFFIX_CHARS - 1, start - 1, -1):
        if text[place] in _NOT_IN_NAMES:
            return place + 1
    return start
