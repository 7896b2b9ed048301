"""Who: members of staff, and whom a customer praises. Runs on normalised text."""

import re
from collections.abc import Iterator

_SURNAME = "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳唐罗薛雷贺汤滕殷毕郝安常乐于时傅齐康余顾孟黄萧尹姚汪祁毛狄米戴宋庞熊纪舒项祝董梁杜阮席季贾江颜郭梅林钟徐邱骆高夏蔡田胡霍万柯卢莫房丁邓洪包石崔吉龚程邢裴陆翁段侯刘叶白邵]"
_ROLE = "(?:柜员|大堂经理|客户经理|理财经理|经理|坐席|工作人员|保安|主管|行长|窗口的|支行的?)"
_TITLE = "(?:经理|柜员|主管|行长|主任|姐|女士|先生|师傅|阿姨|大姐|老师|小姐|同志|大哥)"
_AFTER = r"(?=[把给收说让的帮跟在答要不硬当是也就对很又没态办服吧，,。.！!？?；;、\s]|$)"
_STAFF = re.compile(
    r"(?:工号|柜员编号|柜员号|员工号|编号)(?:是|为|[:：])?\s*(?P<number>[a-z]?\d{3,8})(?!\d)"
    rf"|叫(?:什么)?(?P<named>{_SURNAME}[\u4e00-\u9fff]{{1,2}}?){_AFTER}"
    rf"|(?P<titled>(?:{_SURNAME})(?:副)?{_TITLE})"
    rf"|{_ROLE}(?P<after>[老小]{_SURNAME}|{_SURNAME}[\u4e00-\u9fff]{{1,2}}?){_AFTER}"
    rf"|(?P<short>[小老]{_SURNAME})(?={_ROLE}|妹|同学|姑娘|哥|姐|，?(?:服务|态度|特别|非常|真|很|帮|耐心))"
    rf"|姓(?P<surname>{_SURNAME})的"
)
# 谢谢, 表扬, 点赞: what follows or leads up to them names somebody.
_PRAISE = re.compile(r"表扬|点(?:个)?赞|感谢|谢谢|夸|好评|锦旗|耐心|热情|周到|贴心|细心|专业|帮了(?:我)?大忙|真好|暖心|负责任")
_SOMEBODY = re.compile(
    rf"(?P<value>[小老]{_SURNAME}(?:经理|柜员|师傅|老师|姑娘)?|{_SURNAME}[\u4e00-\u9fff]{{0,2}}?{_TITLE}|(?:工号|\d号窗口的?)\s*[a-z]?\d{{3,8}}"
    rf"|(?:大堂(?:经理)?|(?:客户|理财)经理|柜员|保安|坐席|客服)(?:[小老]{_SURNAME}|{_SURNAME}[\u4e00-\u9fff]{{1,2}}?{_AFTER})"
    rf"|(?:你们|贵行)?(?:那个|那位|这位|一位|一个|姓.的)?(?:\d+号窗口的?|[一二三四五六七八九]号窗口的?)?(?:大堂经理|客户经理|理财经理|保安(?:大哥|师傅|大叔|叔叔)?|柜员(?:小姐姐|姑娘|妹妹|小哥)?|客服(?:小姐姐|姑娘|妹妹|小哥)?|大堂(?:小姐姐|大姐|小哥)))"
)


def staff(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every name or number of a member of staff in the normalised *text*."""
    for match in _STAFF.finditer(text):
        group = next(key for key, value in match.groupdict().items() if value)
        yield match.span(group)


def praised(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of whoever the normalised *text* praises; nobody where no praise is spoken."""
    if not _PRAISE.search(text):
        return
    for match in _SOMEBODY.finditer(text):
        start, end = match.span("value")
        yield start, end
