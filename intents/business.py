"""What a matter is about: products, functions of the app and ways of doing business, listed or named by a habit. Normalised text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from intents.lexicon import Lexicon
from intents.sieve import Sieve, passing
from intents.spans import Spans

# Banks name their products by habit: 薪享贷, 稳稳盈, 活期宝, 装修分期, 家财险.
_PRODUCT = (
    (
        r"(?P<value>[\u4e00-\u9fffa-z]{2,3}贷)(?!款|了|我|给|不|到|出|的人|记|方|后|前|审|员|过|进|成|多|少|得|着|账|部|利|中心|合同)"
    ),
    (
        r"(?P<value>[\u4e00-\u9fff]{2}(?:盈|宝|享|存|添利|增利|稳利|掌柜))(?=怎么|到期|的|亏|买|赎|是|里|利|起|份额|尾号|收益|净值|[，,。！!？?\s]|$|\d)(?<!支付宝)(?<!余额宝)"
    ),
    (r"(?P<value>(?:汽车|装修|家装|教育|旅游|现金|购车|大额|车位|账单)分期)(?!手续费率)"),
    (r"(?P<value>(?:[\u4e00-\u9fff]{2})?(?:车|家财|意外|重疾|分红|医疗|寿|年金|万能|百万医疗|养老|教育金)险)(?!些|恶|情|峻|境)"),
    (r"(?P<value>[\u4e00-\u9fff]{2}享\d{1,4}天)"),
)
_NO_PRODUCT = re.compile(
    r"^(?:.?(?:办|还|放|借|信|网|校园|套路|高利|有|要|想|做|批|申请|欠|能|可以|不|没|我|的|提前|逾期|催|冒名|被).{0,1}贷|[这那个我你他她是叫么啥的了在把].*|.+(?:房|车)贷|周.存|.*[天日早晚午次]存|.*积存|..支付宝|.*(?:保存|现存|转存|内存|库存|封存|享受|分享|定存|不存|还存|去存|来存|我存|卡存|钱存|机存|款存)|一.存)$"
)
# A name begins behind the last of these, which no name holds.
_LEADING = re.compile(r"^.*[笔说句问该这那个我你他她是叫么啥的了在把们办用买有还和与跟给任儿成换批放催]")
# A function belongs to the app when the app, or a part of its screen, is spoken of.
_APP_TALK = re.compile(
    r"app|手机银行|网银|网上银行|小程序|公众号|客户端|软件|页面|界面|入口|按钮|菜单|功能|选项|弹窗|闪退|白屏|加载|转圈|更新|版本|升级|首页|点(?:了|进|开|不|一下|击)|图标|字体|皮肤|系统|登[录陆不]|建议|希望.{0,6}(?:加|增|能)|能不能.{0,6}(?:加|增)|加[一个]+|安卓|苹果|鸿蒙|ios|找不到|在哪|灰的|识别|扫一扫|播报|提醒|推送|开通|关掉|一星|卡了|卡顿|卡死|失败"
)
_SCREEN = r"(?P<value>[\u4e00-\u9fff]{2,8}?)(?:这个|那个|的)?(?:按钮|入口|页面|功能|界面|选项|菜单|模块|开关)(?!全|都|太|上|里全)"
_NOT_SCREEN = re.compile(
    r"[的了个在是有没把这那里到找点进去和跟就才还也都又想要能让给请开关从被]|第|^(?:转了|新|旧|主|整|很多|一些|好多|什么|其他|各种|所有|基本|操作|登录的)"
)
_BEFORE_SCREEN = 8
_TELLING = 4  # 动账通知 is a function of the app whatever is said of it; 转账 may be done anywhere
# 柜台说: an actor, no channel. Machines and branches have slots of their own.
_ACTS = re.compile(r"机|那|要我|小|的人|姐|妹|姑娘|蔡|告诉|问|不给|给我|态度|人员|经理|一共|办不")
_APP_USED = re.compile(
    r"[里上内]|转|买|查|还|办|交|缴|存|开|充|申|操|付|登|点|显|闪|打|卡|白|更|老|总|又|没|不|扫|怎|能|今|昨|刚|做|扣|改|绑|注|提|一直|可"
)
_USING = re.compile(r"(?:在|用|从|通过|上|打开|进|手机|你们|银行|下载|登录?)$")
_HOTLINE = r"打(?:了)?(?:[一二两三四五六七八九十几\d]+[次遍回个])?(?P<value>(?:你们)?(?:95\d{0,3})?(?:的)?(?:客服热线|客服电话|电话银行|热线|客服|95\d{3}))(?!都|的人)"
_ONLINE = r"在(?P<value>网上)(?=买|转|办|申|开|查|交|缴|还|充)"
_PRODUCTS, _SCREENS, _CHANNELS = _BY_FORM = Sieve(_PRODUCT), Sieve((_SCREEN,)), Sieve((_HOTLINE, _ONLINE))


@dataclass(frozen=True, slots=True)
class Named:
    """A name and where it stands; ``extractor`` tells whether a list held it or its form gave it away."""

    slot: str
    name: str
    start: int
    end: int
    extractor: str = "lexicon"


def business(text: str, lexicon: Lexicon) -> Iterator[Named]:
    """What the normalised *text* names, each name at its first mention."""
    found = [*_listed(text, lexicon)]
    if not passing(text).keys().isdisjoint(_BY_FORM):
        found = [*_by_form(text), *found]
    seen: set[tuple[str, str]] = set()
    taken: dict[str, Spans] = {}
    for item in found:
        if item.slot not in taken:
            taken[item.slot] = Spans(len(text))
        if (item.slot, item.name.lower()) not in seen and taken[item.slot].take(item.start, item.end):
            seen.add((item.slot, item.name.lower()))
            yield item


def _listed(text: str, lexicon: Lexicon) -> Iterator[Named]:
    for term, start in lexicon.find(text):
        end = start + len(term.said)
        if _fits(text, term.slot, start, end):
            yield Named(term.slot, term.name, start, end)


def _fits(text: str, slot: str, start: int, end: int) -> bool:
    after = text[end : end + 3]
    if slot == "app_function":
        if after.startswith(("机", "窗", "员", "密码", "不上", "费", "手续")) or text[max(0, start - 1) : start] in ("对", "寄"):
            return False
        is_telling = end - start >= _TELLING and not text.endswith(("还款", "客服"), start, end)  # these are done in many ways
        return is_telling or bool(_APP_TALK.search(text))
    if slot == "product_name":
        return not after.startswith(("经理", "短信", "中心", "券", "部"))
    if slot == "business_channel":
        said = text[start:end]
        if said == "app":
            return bool(_USING.search(text[:start][-3:]) or _APP_USED.match(after))
        return not _ACTS.match(after) and text[max(0, start - 1) : start] not in ("能", "慧", "级", "非")
    return True


def _by_form(text: str) -> Iterator[Named]:
    for match in _PRODUCTS.finditer(text):
        start, end = match.span("value")
        if lead := _LEADING.match(text[start : end - 1]):
            start += lead.end()
        if end - start > 2 and not _NO_PRODUCT.match(text[start:end]):  # noqa: PLR2004 -- 房贷 and the like are listed
            yield Named("product_name", text[start:end], start, end, "pattern")
    for match in _SCREENS.finditer(text):
        start, end = match.span("value")
        while found := _NOT_SCREEN.search(text[start:end]):
            start += found.end()
        if 2 <= end - start <= _BEFORE_SCREEN:  # noqa: PLR2004 -- one character names nothing
            yield Named("app_function", text[start:end], start, end, "pattern")
    for match in _CHANNELS.finditer(text):
        start, end = match.span("value")
        start += len("你们") if text.startswith("你们", start) else 0
        yield Named("business_channel", text[start:end], start, end, "pattern")
