"""What a customer wants done, clause by clause in their own words, and how they want to hear back. Runs on normalised text."""

import re
from collections.abc import Iterator

from intents.sieve import Sieve

# A blank between two characters parts like a stop does; a comma inside a number does not.
_CLAUSE = re.compile(
    r"(?:[^，。！？!?;；\n,\s]|(?<=\d),(?=\d)|(?<![\u4e00-\u9fff，。！？!?;；\n,])[^\S\n]|[^\S\n](?![\u4e00-\u9fff\s])(?=.))+"
)
# What may stand before a demand in its clause and is no part of it.
_FILLER = re.compile(
    r"(?:\s|[“”\"'：:]|(?:我的?|本人)?(?:诉求|要求|请求|建议)(?:如下|很简单|就一个)?(?:[:：]|就?是|如下)\s*(?:[一二三四五六1-9][、.．)）])?|[一二三四五六七八九1-9][、.．)）]|喂|哎呀?|所以|那就|客户[:：]|建议(?=在|把|给|增|加|取|开|改|能|你|贵|将|对|恢|设))+"
)
_DEED = (
    r"(?:退(?!休|不)|赔|补|放(?![在不到])|道(?:个|一?下)?歉|解决|处理|恢复|解[冻封开除绑锁]|取消|撤|注销|销户|查|核实|解释|说明|说法|交[代待]|改|更正|修|删|还|追|免|减|回[电复话个]|答复|联系|开除|处罚|换|开|关|停|寄|打款|入账|放款|返|调|协商|"
    r"下架|整改|更换|升级|优化|增加|加[一个上]|重新|冻结|挂失|止付|锁|拦|要回|提[升高到]|降|派人|给[个我]|出具|出[个一]|弄[好清]|转达|表扬|发[个给]|留|管管|看看|办|送|见|拿回|通报|公开|赶紧|做成|分开)"
)
_HASTE = r"(?:尽快|尽早|赶紧|赶快|马上|立即|立刻|快点?|必须|务必|一定|早点|及时|抓紧|今天就?|现在就|先|直接)"
_BANK = r"(?:你们?|您们?|贵行|贵司|银行|行里|领导|行方|总行|上级|有关部门|客服|工作人员|哪位领导)"
_WISHES = (
    rf"(?<![要被])(?:强烈|坚决|我|本人)?(?:要求|希望|恳请|恳求|请求|期望|盼|望)(?!我|了|过|是|太|值|不大|都|越办|越来越好|客户|本人|提供)(?:能够?|可以)?{_BANK}?.{{0,18}}?{_DEED}",
    r"(?<!申)请(?:你们|贵行|尽快|务必|立即|马上|银行|您们?|给)?(?!问|教|假|客|到|稍|进|出示|勿|示|了|来|自|放心|看|坐|在|先|核对|输入|填|上传|联系|登录|重新登|往|去|把你|提供|本人|客户|您|你|问一下|大家|各位|人)[\u4e00-\u9fff]{2}",
    r"(?:必须|一定要|应当|务必)(?:当面|马上|立刻|今天|全额?|书面|给我)?(?:退|赔|道歉|给我|解决|处理|恢复|还|补|赔偿|解释|整改|换|改)",
    r"(?:以后|今后|往后)(?:请)?(?:不许|不准|别|不要|勿)|(?:不许|不准)再",
    r"要么.{1,10}要么|(?:补|退|还|赔)给我$|^(?:开|出|打|寄|发|做|给)(?:一)?[份张个套](?!人).{2,20}|^给.{0,2}(?:线上|别的|其他).{1,8}(?:办法|渠道|方式)|^查(?:一下|查|一查|清楚|明白)(?!了).{0,24}|^撤销(?!不|了).{2,30}|^合并.{1,12}|^(?:你们|贵行|银行)(?:就)?(?:派|去|来|出|安排)[个人一看].{0,20}|就(?:放|设|留|安排|加)[个一].{1,10}",
    rf"(?<!申)(?:请(?!问|教|假|客|到|稍|进|出示|勿|示|了|来|自)|烦请|敬请){_BANK}?{_HASTE}?.{{0,16}}?{_DEED}",
    r"请(?:勿|不要|别)|(?:^|你们)(?:别再?|不要再?|勿再?)(?:给我|打|发|扣|收|骚扰|催|让|往|再|拿)|别(?:再)?给我(?:打|发)",
    rf"(?:麻烦|拜托|求求?)(?!了|死|的|很|事|得|不)(?:{_BANK})?{_HASTE}?.{{0,14}}?{_DEED}",
    rf"(?:能不能|能否|可不可以|可否|行不行|好不好|能不)(?!查(?:到|询)).{{0,14}}?{_DEED}|{_DEED}.{{0,12}}(?:行不行|好不好|好吧|可以不|行吧)$",
    r"能(?:给我|帮我)?(?:追|退|改|免|减|要回|恢复|撤|补|换|解)[^的]{0,5}[吗么不][急啊呀求快]*$",
    rf"^(?:你们?|您|我|周.|今天|明天)?{_HASTE}(?:给我|帮我|替我|把|让|予以|再)?(?!.{{0,6}}(?:怎么|多少)).{{0,8}}?{_DEED}(?!.{{0,12}}(?:才|没|不了|不上))",
    rf"(?:^|[^说道上])(?:你们?|您|快|就|那|请|麻烦|求你们?)(?:先|再|快)?(?:给我|帮我|替我|帮忙)(?:把)?.{{0,12}}?{_DEED}",
    rf"^(?:给我|帮我|替我|帮忙)(?:把)?(?!妈|爸|的|们|爷|奶|家|儿|女|发了|打了).{{0,10}}?(?:{_DEED}|电话|挂失)",
    rf"^(?:那就?|请|就|你们?|您|并且?|而且|同时|还要?)*(?:把|将).{{1,20}}?(?:{_DEED}|打开|数)",
    r"给(?:我|个|大家|客户|一|我们|俺)(?:们|一)?(?:个|句)?.{0,6}(?:说法|交[代待]|解释|答复|道歉|公道|结果|回复|准话|准信|痛快话|赔偿|补偿|回话|话$)",
    r"(?:还|退|赔)(?:给)?我(?:的)?(?:钱|血汗钱|本金|存款|卡|公道|养老钱|年费|手续费|损失|利息|清白|[\d一二两三四五六七八九十]+)",
    r"^我?(?:就|只|就是|只是|现在)?(?:要|想要?|想把|申请)(?:求)?(?:你们|他|她|银行)?.{0,4}?(?:全额?|全部)?(?:退[款钱费还卡保]|赔|道歉|说法|撤销|注销|销户|补[偿卡充]|减免|解[冻除]|交代|知道原因|查监控|调监控|见|转人工|停|关|开通|取消|送面|拒付|改|一个?解释|回本金|人工)",
    r"^(?:退[款钱费\d]|退全[款额部]|全[款额]退|(?:还要?|并且?要?|也要?|同时要?)?(?:向我|给我)?(?:赔礼)?道歉$|退(?:还|回)(?!了|来了).{0,14}|退给我|赔钱|赔偿.{0,10}|道歉|还钱|退卡|调监控|解冻|解封|挂失|止付|申请(?!号|书|表|单).{1,8}|恢复.{2,14}|关[掉闭](?!了).{2,10}|取消(?!了|不|失败).{2,14}|注销(?!了|不|掉了).{1,10}|书面(?:说明|答复|道歉).{0,20}|更正.{2,14}|删[掉除].{1,12}|开通.{2,10}|换[个一](?!了).{1,12}|予以.{1,8}|重新(?:出|发|开|办|做|审).{1,16}|加[一个]+.{0,8}呗?|补[发寄].{1,10}|预约.{0,8}取.{1,8}|转人工|撤销(?!不|了).{1,10}|给[他她].{0,2}(?:发[个点]|加|涨|点赞).{1,8}|免掉.{1,10}|快停|别再.{1,12}|退保|处理一下.{0,8}|解决一下.{0,8}|追回.{1,10}|冻结(?:我|卡|账|一下|这).{0,8})(?:吧|呗|！|!|$)",
    r"^.{1,8}(?:退回来|还给我|给我(?:退|免|减|恢复|解|补|寄|重)(?!的)|开除)(?:了|掉|吧)?$|退(?:还)?给我$|^(?:钱|人|卡).{0,3}(?:退回来|开除|还来|还我)",
    r"有没有人管|(?:让|叫)(?:你们)?(?:的)?(?:领导|主管|经理|行长|[\u4e00-\u9fff]{2,3})(?:给我)?(?:打|回|联系|来|处理|道歉|出来)|让(?:他|她).{0,6}道歉|查清.{0,4}(?:打|告诉|回|给我)",
    r"(?:请|麻烦.{0,6})(?:拨|回拨|打)|^表扬(?:一下|下).{1,12}|(?:指条|给条)路|^默认.{2,8}|.{2,6}默认.{2,6}$",
)
# Told by or about somebody else, done or refused already, or asked for information only.
_NO_DEMAND = re.compile(
    r"[这那]么(?:难|麻烦|费劲|复杂|慢)|太(?:难|麻烦|费劲|复杂)|(?:叫|姓).{1,4}的.{0,3}给我|(?:答应|承诺|说好).{0,4}(?:退|给|免|还)|(?:给我|帮我).{1,8}的(?:[\u4e00-\u9fff]{2,3}|人)(?:收|说|骗|让)|(?:说|告诉我|通知我|回复我?|答应|承诺)(?:是|了|要|会|让|叫|我|能|可以|必须|.{0,3}(?:天|日|小时)内)|(?:柜员|经理|客服|柜台|他们|银行|系统|工作人员|她|他|保安|坐席)(?:还|又|却|非|就|一直)?(?:要求|让|叫|要|请|非要|喊)我|(?:让|叫|要|逼|请)我(?!们?(?:满意|放心))|^要求(?:我|客户|提供|本人)|不给(?:我)?(?:退|解|处|办|个)|没(?:有)?(?:人)?(?:给我|帮我|处理|解决|答复|回复|道歉)|不(?:肯|愿|予)|拒绝|拒不|怎么(?!还不)|为什么|为啥|多少(?!钱都)|哪里|在哪(?!$)|多久|何时|什么时候|几点|如何|吗$(?<!来吗)(?<!退吗)(?<!改吗)(?<!免吗)|处理了|解决了|查了|改了[半好两三几]|一直(?:没|不|在)|才(?:给|能|会)|天天给我|老(?:是)?给我|希望越|请放心|请(?:到|去)(?:其他|别)|给我打(?:了)?电话(?:说|让|问)|给我发(?:了)?(?:短信|信息)说|帮我(?:妈|爸|们)?.{0,4}(?:了|的)|感谢.{0,4}帮"
)
_ASKS_ONLY = re.compile(r"能(?:帮我|给我)?查.{0,10}[吗么]$|查询不|能查")
# 要求：一、退还本金；二、不收手续费。
_LIST = re.compile(r"(?:诉求|要求|请求|希望|恳请)[^。！？!?]{0,6}?(?P<first>[一1][、.．)）:：])")
_NEXT = re.compile(r"(?<=[；;。，,\s])[二三四五六2-6][、.．)）:：](?!\d)")
_ITEM_END = re.compile(r"[；;。！!\n]|$")
_ANNOUNCED = re.compile(r"诉求|要求|请求|建议")
DEMANDS = Sieve((*_WISHES, _ANNOUNCED.pattern))
_LONG = 24  # characters: voice and old people's messages run on without a stop
_STARTS_BEFORE = re.compile(r"(?:你们?|您|请|麻烦|求求?|快|赶紧|马上|那就?)$")

_CHANNELS: tuple[tuple[str, str], ...] = (
    ("email", (r"邮件|邮箱|email|e-mail")),
    (
        "sms",
        (
            r"(?:发|回)(?:个|条|我)?(?:短信|信息)(?!说|验证)|短信(?:回复|答复|通知我|告诉我|联系|告知|发我|就行|就好|给我|也行|也可以)"
        ),
    ),
    (
        "wechat",
        (
            r"微信(?:上|里)?(?:回复|答复|回我|联系|告诉我|通知我|说|找我|发我|给我|就行|就好|沟通|也行)|(?:加|用)(?:我|个)?微信(?:吧|聊|回|联系|说|沟通|$)|在这(?:里|儿)?(?:回复?|答复)(?:我)?"
        ),
    ),
    ("app", (r"(?:app|手机银行|站内信?)(?:上|里|内)?(?:给我)?(?:回复|答复|通知我|告诉我|留言|回我)|站内信")),
    (
        "phone",
        (
            r"(?:打|拨|回|来)(?:个|一个|我的?|这个|过来)?(?:手机|电话)(?!银行|号|费)|打我(?:手机|女儿|儿子|老伴|家里)|打给我(?!们?的?(?:单位|公司|家|老[公婆板]|爸|妈|父|母|同事|朋友|亲戚|领导))|电话(?:么|就)?(?:打|联系|回复|答复|回访|通知|告知|沟通)|致电(?:我|本人)|回电|回拨|(?:请|麻烦.{0,5}|可以|可)(?:打|拨)(?:打)?(?=1|0|[\[（(]|我)|给我回一?个|回(?:我)?一?个话|打(?=\s*[\[1])"
        ),
    ),
)
CHANNELS = Sieve(pattern for _, pattern in _CHANNELS)
# 给我打电话 asks; 他给我打电话说 tells.
_TOLD = re.compile(
    r"(?:别|不要|勿|不用|没|天天|老|总|总是|一直|乱|收到|说|叫.{1,4}的|接到|她|他|们|推销|营销|骚扰|都|还)(?:再|是|会)?(?:给我|要)?(?:打|发|回|加)|(?:电话|短信|微信)(?:说|问|让|骚扰|催|推销|提示|显示)|打.{0,4}(?:电话|客服).{0,4}(?:不通|没人|不接|等|问)|说.{0,8}(?:回电|回访|联系)|(?:打|等).{0,2}了.{0,6}电话|打不通|没人|(?<!给)我打|我给|打了|(?:的|客服|催收|银行|骗子|人)打给我"
)
# 别打电话发微信就行 wants the one instead of the other: what is not wanted is left out of sight.
_NO_CALL = re.compile(r"(?:别|不要|勿|不用|甭)(?:再|给我)*(?:打|来|拨)(?:我|个)*(?:电话|手机)(?!说|问)")
_UNWANTED = re.compile(r"(?:别|不要|勿|不用|不方便|接不到|不接)(?:再|给我)*(?:打|来|发|接)?")


def demands(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every clause of the normalised *text* that says what the customer wants done, in order."""
    passing = DEMANDS.passing(text)
    if not passing:
        return
    wishes = [DEMANDS.pattern(number) for number in passing if number < len(_WISHES)]
    listed = _listed(text)
    if listed is not None:
        yield listed
    for clause in _CLAUSE.finditer(text):
        start, end = clause.span()
        if listed is not None and start < listed[1] and end > listed[0]:
            continue
        announced = False
        if (filler := _FILLER.match(text, start, end)) is not None and filler.end() < end:
            start, announced = filler.end(), bool(_ANNOUNCED.search(filler.group()))
        said = text[start:end].rstrip()
        wish = 0 if announced else _first_place(wishes, said)
        if wish is None or _ASKS_ONLY.search(said):
            continue
        if len(said) > _LONG and wish > 0:
            # Only its end is the demand: the rest tells what happened.
            before = _STARTS_BEFORE.search(said[:wish])
            begin = before.start() if before else wish
            told, said, start = said[max(0, begin - 8) : begin], said[begin:], start + begin
            if _NO_DEMAND.search(told + said[:6]):
                continue
        elif _NO_DEMAND.search(said):
            continue
        said = said.rstrip(" 的啊呀")
        if len(said) > 1:
            yield start, start + len(said)


def _listed(text: str) -> tuple[int, int] | None:
    """Start and end of a numbered list of demands; None where there is none."""
    first = _LIST.search(text)
    numbers = [] if first is None else list(_NEXT.finditer(text, first.end()))
    if first is None or not numbers:
        return None
    end = _ITEM_END.search(text, numbers[-1].end())
    return first.start("first"), end.start() if end else len(text)


def _first_place(wishes: list[re.Pattern[str]], said: str) -> int | None:
    """Where the first of *wishes* that *said* holds begins."""
    return min((match.start() for wish in wishes if (match := wish.search(said))), default=None)


def reply_wishes(text: str) -> Iterator[tuple[str, int, int]]:
    """Channel (``phone``, ``sms``, ``wechat``, ``email``, ``app``), start and end of every wish for the way of the answer."""
    channels = [(_CHANNELS[number][0], CHANNELS.pattern(number)) for number in CHANNELS.passing(text)]
    if not channels:
        return
    for clause in _CLAUSE.finditer(text):
        said = _NO_CALL.sub(lambda match: " " * len(match.group()), text[clause.start() : clause.end()])
        for name, pattern in channels:
            match = pattern.search(said)
            if match and not _TOLD.search(said) and not _UNWANTED.search(said[max(0, match.start() - 4) : match.start()]):
                yield name, clause.start() + match.start(), clause.start() + match.end()
                break
