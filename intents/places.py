"""Where: branches and other places that no list holds. Runs on normalised text."""

import re
from collections.abc import Iterator

from intents.sieve import Sieve

_BRANCH = r"(?P<value>[\u4e00-\u9fff]{2,8}?(?:支行|分行|分理处|营业部|营业厅|营业所|储蓄所))|(?P<loose>[\u4e00-\u9fff]{2,6}?)(?:那个|那边的?|附近的?|对过那个|(?<=[镇村路街区县城场桥关门口]))网点"
BRANCHES = Sieve((_BRANCH,))
_VENUE = (
    r"(?:大街|大道|路口|路|街|广场|商场|超市|小区|地铁站|车站|机场|医院|学校|大学|中学|小学|大厦|菜市场|菜场|夜市|集市|市场|加油站|高铁站|火车站|公司|步行街|药店|药房|电影院|影院|景区|酒店|宾馆|饭店|餐厅|收费站|服务区|便利店|商店|公园|盒马|万达|健身房|网吧|工地|厂里|单位|家具城|家电城|建材城|停车场|免税店|珠宝店|书店|金店|小卖部|理发店|诊所|门诊楼?|服装店|[\u4e00-\u9fff]店(?!员|铺|里)|体育馆|体育场|幼儿园|公交车上?|火车上|地铁上|高铁上|飞机上|出租车上|[\u4e00-\u9fff]寺|博物馆|图书馆|奥体中心|(?<=[\u4e00-\u9fff])中心停车场|水果店|奶茶店|早餐店|面馆|火锅店|烧烤店|"
    r"村口|镇上|县城|村里)"
)
_CITY = (
    r"(?:北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|成都|武汉|西安|长沙|郑州|青岛|济南|大连|沈阳|哈尔滨|长春|合肥|福州|厦门|南昌|昆明|贵阳|南宁|海口|三亚|兰州|西宁|银川|乌鲁木齐|拉萨|呼和浩特|太原|石家庄|东莞|佛山|珠海|中山|惠州|汕头|宁波|温州|绍兴|嘉兴|金华|台州|义乌|无锡|常州|南通|徐州|扬州|镇江|盐城|泰州|淮安|连云港|泉州|漳州|莆田|烟台|潍坊|临沂|淄博|洛阳|开封|新乡|南阳|襄阳|宜昌|荆州|岳阳|衡阳|株洲|湘潭|绵阳|宜宾|遵义|大理|丽江|桂林|柳州|北海|香港|澳门|台湾|唐山|保定|廊坊|邯郸|秦皇岛|大同|包头|鞍山|吉林|大庆|芜湖|蚌埠|赣州|九江|湛江|江门|肇庆|新疆|西藏|云南|四川|广东|福建|浙江|江苏|山东|河南|河北|湖北|湖南|安徽|江西|陕西|山西|甘肃|青海|海南|贵州|广西|内蒙古?|宁夏|辽宁|黑龙江|"
    r"泰国|日本|韩国|美国|新加坡|马来西亚|越南|欧洲|法国|英国)"
)
_FLOOR = r"(?:[一二三四五六七八九负\d]{1,2}[楼层]|门口|楼下|附近|旁边|对面|东门|西门|南门|北门|缴费窗口|大厅)?"
_NOT_BANK = r"(?!.{0,6}?(?:支行|分行|分理处|营业部|营业厅|营业所|储蓄所|网点))"
_AT = r"(?:(?<=在)|(?<=于)|(?<=去)|(?<=到)|(?<=从)|(?<=过)|(?<=^)|(?<=[，,。！!？?；;\s就是日天上了楼]))"
PLACES = Sieve(
    (
        (rf"{_AT}(?P<value>[\u4e00-\u9fffa-z0-9]{{0,10}}?{_VENUE}(?:{_VENUE})?{_FLOOR})(?!贵宾){_NOT_BANK}"),
        (
            rf"(?:在|人在|到|去|从|于)(?P<value>{_CITY}(?:[\u4e00-\u9fff]{{0,6}}(?:站|区|县|镇|路))?){_NOT_BANK}(?!人|话|的?分行|那边的?银行)"
        ),
        (
            r"(?:在|去|到|搬到|住|位于)(?P<value>[\u4e00-\u9fff]{2,5}(?:高速[\u4e00-\u9fff]{0,4}站|开发区|新区|镇|村|县|大桥|和平里))"
            + _NOT_BANK
        ),
        (r"(?:就是|在)(?P<value>[东西南北]门(?:口)?(?:靠[左右]边?)?)"),
        (r"(?P<value>[\u4e00-\u9fff]{2,10}?(?:[一二三四五六七八九\d]楼|楼)(?=[一二三四五六七八九\d]楼|大厅|的|那台|那个))"),
    )
)
_NOT_IN_NAMES = frozenset(
    "天上拿行管诉骂句午们下向日在去到于和跟从对的了多号点分是就夸赞扬谢把让问找家里给我你他这那个想要说请其他们"
)
# Names that begin with such a character all the same.
_BEGIN_SO = ("上海", "上饶", "天津", "天水", "天河", "日照", "和平", "下沙", "下关")
_NO_PLACE = re.compile(
    r"^(?:单位|公司|学校|过马路|(?:上)?小学|.?停车场|跑路|两条街|镇上|村里|商家跑路|.?单位|医院|路|街|市场|厂里|银行.*|贵行.*|.*(?:没有|不知道|怎么|网上|线路|半路|思路|出路|销路|门路|一路|套路|短路|铁路局|没路|我店|理财公司|保险公司|支付公司|贷款公司|催收公司|分公司|"
    r"第三方.*|.{0,4}[开办]了?(?:一?[家个间])?.{0,3}(?:店|小卖部|超市|诊所|公司|工厂|馆|网吧|民宿|厂里)))$"
)
_NOBODYS = frozenset({"你们", "我们", "他们", "它们", "咱们", "每个", "哪个", "各个", "所有"})  # 你们那个网点 names none
_SUFFIX_CHARS = 3  # 营业厅: the part of a branch's name that may hold any character
_MIN_CHARS = 2


def branches(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every branch named in the normalised *text*."""
    for match in BRANCHES.finditer(text):
        start, end = match.span("value" if match.group("value") else "loose")
        start = _name_start(text, start, end, _SUFFIX_CHARS)
        if text[start:end] in _NOBODYS:
            continue
        if end - start >= (_MIN_CHARS if match.group("loose") else _MIN_CHARS + 2):
            yield start, end


def places(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every other place."""
    for match in PLACES.finditer(text):
        start, end = match.span("value")
        start = _name_start(text, start, end, _MIN_CHARS)
        if end - start >= _MIN_CHARS and not _NO_PLACE.match(text[start:end]):
            yield start, end


def _name_start(text: str, start: int, end: int, suffix: int) -> int:
    """Where the name begins: after the last word before it that no name holds."""
    for place in range(end - suffix - 1, start - 1, -1):
        if text[place] in _NOT_IN_NAMES and not text.startswith(_BEGIN_SO, place):
            return place + 1
    return start
