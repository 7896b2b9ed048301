"""Who: members of staff, and whom a customer praises. Runs on normalised text."""

import re
from collections.abc import Iterator
from functools import cache

from config.catalogue import load_yaml
from intents.sieve import Sieve
from intents.spans import Spans

_DONE_A_LITTLE = "[说看问试谢天刚常慢好想等往偏明仅白人年月多早听走聊谈讲查个样]"  # 就是说说 names nobody
_SURNAME = "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳唐罗薛雷贺汤滕殷毕郝安常乐于时傅齐康余顾孟黄萧尹姚汪祁毛狄米戴宋庞熊纪舒项祝董梁杜阮席季贾江颜郭梅林钟徐邱骆高夏蔡田胡霍万柯卢莫房丁邓洪包石崔吉龚程邢裴陆翁段侯刘叶白邵龙史聂焦牛岳尤易廖关游栾武庄柳黎甘古左童温耿文辛成欧焦简丛单屠娄冉荆路甄詹符兰翟申盛晏聂慕涂沙凌查阎阮原仇瞿卞倪戚费岑鲍穆臧闵虞柴鞠佟佘桂]"
# Surnames that make no other word behind 小.
_CERTAIN = "[赵孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华魏陶姜谢邹窦苏潘葛范彭鲁韦苗俞任袁柳唐罗薛雷贺汤滕殷郝傅齐余顾孟萧尹姚汪祁戴宋庞熊纪舒项祝董梁杜阮席季贾江颜郭梅林钟徐邱骆夏蔡田胡霍柯卢莫丁邓洪石崔龚邢裴陆翁侯刘叶邵廖武庄黎聂]"
_GIVEN = r"[\u4e00-\u9fff]"
_TITLE = "(?:副?经理|柜员|主管|副?行长|主任|大姐|姐|女士|先生|师傅|阿姨|老师|小姐|大哥|哥|大爷|客服)"
_ROLE = "(?:柜员|大堂经理|(?:客户|理财|大堂|个贷|对公)?经理|坐席|客服|工作人员|保安|主管|行长助理|副?行长|专员|员工|经办人|负责人|助理|投诉对象[:：].{0,12}部[，,]|经办的?)"
# What a name is followed by; longer names are cut here.
_AFTER = r"(?=[把给收说让的帮跟和在答要不硬当是也就对很又没态办服吧这那推电骗打接拦送陪替业特真耐下上事未曾点已并加主承保忽骗，,。.！!？?；;、”（(\s]|$)"
STAFF = Sieve(
    (
        (r"(?:工号|柜员编号|柜员号|员工号|编号|工牌号?|坐席号?|客服)(?:是|为|[:：])?\s*(?P<value>[a-z]?\d{3,8})(?!\d)"),
        (rf"叫(?:什么)?(?P<value>{_SURNAME}{_GIVEN}{{1,2}}?){_AFTER}"),
        (rf"(?<!保)(?<!第)(?P<value>{_SURNAME}{_TITLE})(?!姐|妹)"),
        (rf"{_ROLE}(?P<value>[老小阿]{_GIVEN}|{_SURNAME}{_GIVEN}{{1,2}}?){_AFTER}"),
        (rf"{_ROLE}(?:叫|是)?(?P<value>[a-z]{{3,12}})(?![a-z])"),
        (
            rf"(?:支行|分行|网点|营业部|柜台|窗口|你们)的?(?P<value>[小老阿]{_GIVEN}|{_SURNAME}{_GIVEN}{{1,2}}?)(?=说|帮|办|给|，|,|。|服务|态度|真|特别|非常|姐|$|让|跟|，|一|和)"
        ),
        (rf"(?:^|[，,。！!？?；;\s])(?P<value>{_SURNAME}{_GIVEN}{{2}})(?=让我|说|收了|这个|同志|给我|帮|在|跟我|是|态度|服务)"),
        rf"(?:让|请|找|谢谢|感谢|表扬|夸|赞)(?P<value>{_SURNAME}{_GIVEN}{{2}})(?=收|给|帮|说|让|跟|同志|[，,。！!？?；;\s]|$)",
        rf"的(?P<value>{_SURNAME}{_GIVEN}{{2}})(?=收|给|帮|说|让|跟|同志)",
        rf"把(?P<value>{_SURNAME}{_GIVEN}{{1,2}}?)(?=调走|开除|换掉|撤|辞|叫来)",
        r"(?<!\d)(?P<value>\d{3,6})(?=号(?:柜员|客服|坐席|员工|接线员))",
        (rf"让(?P<value>{_SURNAME}{_GIVEN}{{1,2}}?)(?=给我|跟我|回我|联系)"),
        (rf"(?P<value>{_SURNAME}{_GIVEN}{{1,2}})(?=同志|(?:这个|那个)(?:客户|理财|大堂)?(?:经理|柜员|保安))"),
        (rf"(?:谢谢|感谢|表扬|夸夸?|赞|点赞|那个|那位)(?P<value>[小老阿]{_SURNAME}|阿{_GIVEN})(?!孩|人|姐|伙|板|师傅|婆|公)"),
        (r"(?:^|[，,。！!\s：:])(?P<value>阿[\u4e00-\u9fff])(?=讲|帮|教|给|办|态|服)"),
        (r"(?:柜台|大堂|窗口)(?P<value>([\u4e00-\u9fff])\2)(?=姐姐|妹妹|小姐姐)"),
        (
            rf"(?:实习生|自称|客服|姑娘|小伙子?|保安|大堂|跟|和|叫|是)(?P<value>[小阿]{_GIVEN}|(?!{_DONE_A_LITTLE})([\u4e00-\u9fff])\2)(?=[，,。！!？?；;\s、]|$|配合|帮|说|办|夜|给)"
        ),
        (rf"(?<![大从最很太减缩更了个])(?P<value>小{_CERTAIN}){_AFTER}"),
        (rf"(?:^|[，,。！!？?；;\s]|一句话)(?P<value>{_SURNAME}{_GIVEN})(?=必须|应该|同志|这个人|当面|欺|骗了)"),
        (rf"姓(?P<value>{_SURNAME})的"),
    )
)
_NO_NAME = re.compile(
    r"^(?:([叔姐妹哥弟爷奶妈爸伯婶姑])\1|周[一二三四五六日天末]|小(?:孩|伙|姐|妹|哥|时|区|微|额|票|程|数|心|店|学|组|朋|企|红|字|费|钱|本|贷|于)|老(?:人|头|太|婆|公|爸|妈|板|家|伴|客|师|说|是|子|娘|乡|爷|用|年|百|大|城|旧|了|样|款|版|街|赖|实)|阿(?:姨|公|婆|里|拉|富)|"
    r"(?:方便|方式|高兴|安全|金额|钱(?:款|少|多|没|不|被|都|还|转|到|丢|存|取|去|呢)|时间|时候|常常|毛病|任何|任务|马上|万一|白天|白金|白领|安装|安排|华夏|江苏|江西|石家庄|关于|关闭|关注|管理|易|游客|史|龙|于是|余额|高峰|和|包括|包裹|程序|全|严重|严格|康复|平|单|方|万|都|查|经|计|成|连|左|路|杜绝|应|何时|何必|毕竟|房贷|房子|房租|时限|时效|陆续|席位|段时间|温|石|明|祝|贺卡|金卡|金融|黄金|常用|常年|安心|安慰|关心|牛气)).{0,2}$"
)
# 方阿姨 and 石先生 are people, whatever else begins with 方 and 石.
_ADDRESSED = re.compile(rf"{_SURNAME}(?:大?姐|女士|先生|师傅|阿姨|老师|大哥|大爷)")
# 谢谢, 点赞, 耐心: somebody is praised. Blame beside it leaves it open who.
PRAISES = Sieve(
    (
        r"表扬|点(?:个|了个)?大?赞|感谢|谢谢|谢意|致谢|多谢|夸|好评|锦旗|耐心|热情|周到|贴心|细心|专业|大忙|真好|暖心|负责任?|真不赖|人美心善|利索|甜|奖金|多亏|不厌其烦|超级好|特别好|非常好|很好|真的好|温柔|和气|亲切|有礼貌|到位|好人|一笔一笔|一字一句|辛苦|五星|给力|靠谱|棒",
    )
)
_SURELY = re.compile(r"表扬|点(?:个|了个)?大?赞|感谢|谢谢|致谢|谢意|多谢|锦旗|多亏|不厌其烦|好人|人美心善")
_BLAME = re.compile(
    r"投诉|态度(?:差|恶劣|不好|真差|很差|极差|冷)|骗|不给|推诿|敷衍|不理|骂|凶|翻白眼|差劲|垃圾|扣了|什么态度|不耐烦|没人|不让|(?<!没)嫌|吼|亏了"
)
_SOMEBODY = re.compile(
    r"(?P<value>(?:大堂|柜台|门口|\d号窗口|[一二三四五六七八九]号窗口)?(?:那个|那位|这位|那)?(?:戴眼镜|胖胖|瘦瘦|高高|年轻|穿.{1,4}|圆脸|短发|长发|扎.{1,3}|实习)?的?(?:小伙子|小姑娘|姑娘|小姐姐|小哥哥?|引导员|客服(?:妹妹|小姐姐|小哥|姐姐)|大堂经理|保安(?:大哥|师傅|大叔|叔叔|大爷)|客户经理|理财经理|柜员(?:小姐姐|姑娘|妹妹|小哥)?))"
)


# Behind these stands whose matter it is: 我是王小明, 我妈李桂兰, 户名：张三.
_OWN = r"(?:我(?:就|也)?是|我(?:叫|名叫)|本人|姓名|户名|名字|联系人|持卡人|受害人|账户名|我们?家?的?(?:爱人|老公|老婆|丈夫|妻子|太太|父亲|母亲|老爸|老妈|爸爸?|妈妈?|儿子|女儿|朋友|同事|邻居))"
_NAME_ENDS = r"(?=[\s,，。.;；!！?？、(（]|$|[的在说要去来被给和跟今昨前上]|身份|手机|电话|卡号)"


@cache
def _own() -> re.Pattern[str]:
    compound = "|".join(load_yaml("surnames.yaml")["two_characters"])
    name = rf"(?:{compound}){_GIVEN}{{1,2}}|(?![于安常])(?:{_SURNAME}{_GIVEN}{{2}}|{_CERTAIN}{_GIVEN})"
    return re.compile(rf"{_OWN}(?:是|叫|为)?[\s:：,，]*(?P<value>{name}){_NAME_ENDS}")


def people(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every name of a person in the normalised *text*: the staff's, and those that customers give of themselves.

    For hiding names: better one too many than one too few.
    """
    yield from staff(text)
    for match in _own().finditer(text):
        if not _NO_NAME.match(match.group("value")):
            yield match.span("value")


def staff(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every name or number of a member of staff in the normalised *text*, each name once, in order."""
    spans, taken = [], Spans(len(text))
    for match in STAFF.finditer(text):
        start, end = match.span("value")
        said = text[start:end]
        if (_ADDRESSED.fullmatch(said) or not _NO_NAME.match(said)) and taken.take(start, end):
            spans.append((start, end))
    # 姓林的柜员 is the same as 林女士.
    titled = {text[start] for start, end in spans if end - start > 1}
    seen: set[str] = set()
    for start, end in sorted(spans):
        name = text[start:end]
        if name not in seen and not (len(name) == 1 and name in titled):
            seen.add(name)
            yield start, end


def praised(text: str, *, is_praise: bool = False) -> Iterator[tuple[int, int]]:
    """Start and end of whoever the normalised *text* praises; nobody where no praise is spoken, or blame as well.

    With *is_praise* it is known to be praise, whatever its words.
    """
    speaks_well = any(PRAISES.search(text)) and (not _BLAME.search(text) or bool(_SURELY.search(text)))
    if not is_praise and not speaks_well:
        return
    named = list(staff(text))
    if named:
        yield from named
    elif match := _SOMEBODY.search(text):
        yield match.span("value")
