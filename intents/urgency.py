"""Hears what cannot wait: word nets for fraud, theft and money gone astray, with the reasons named.

Follows the definition of ``urgent_report``: a first-person incident, just happened or unresolved, that puts money, account or
identity at risk. Hypotheticals, questions about how to report, what lies a week or more back and what is settled are left out.
"""

import re

from intents.sieve import Sieve

# The text states a deadline today that the bank's failure makes the customer miss.
_TODAY = r"(?:今天|今日|今晚|今儿|下午|[一二三四五六\d]点|零点|半夜|十二点|再过.{0,3}(?:小时|分钟))"
_DEADLINE = (
    r"(?:到期|截止|截至|最后一天|最后期限|还款日|逾期|要还|得还|必须还|要交|得交|必须交|要付|得付|签约|开标|竞拍|过户|缴费|报名)"
)
_BARRED = r"(?:登不|登录不|登陆不|进不|打不开|闪退|崩|转不|还不[了上进]|付不|交不|取不|用不了|操作不了|提交不|失败|冻结|止付|限额|不到账|没到账|未到账|系统.{0,4}(?:维护|升级|繁忙|异常|故障)|瘫|报错|怎么[还交付]啊)"

_NETS: tuple[tuple[str, str], ...] = (
    (
        "stolen_funds",
        r"盗刷|盗用|被盗|盗走|盗取|偷刷|(?:被|让)人?(?:刷|转|划|取)(?:走|掉)|钱(?:不见|没)了|钱.{0,4}(?:不翼而飞|被转)|(?:余额|卡里|卡上|活期|折子|存折).{0,8}(?:空了|(?:只|就)剩|变成?了)",
    ),
    (
        "unauthorised_debit",
        r"(?:不是我|没有?经过我|未经我|我没|我没有|没授权|莫名其?妙|无缘无故|不明不白|不知道怎么).{0,12}"
        r"(?:扣|转账?|转走|转出|消费|刷|交易|支付|划走|取款)(?!.{0,6}(?:年费|手续费|管理费|短信费|利息))|"
        r"(?:被|让)(?:别?人|他人|谁|陌生人).{0,4}(?:扣|刷|转|划|取|花)(?!.{0,6}(?:年费|手续费|管理费|短信费|利息))|"
        r"被(?:异地|外地|国外|境外|海外)(?:取|消费|刷|盗|扣|支付|交易)|"
        r"(?:没有?印象|根本没有?|从来?没有?|从未).{0,10}(?:刷|消费|取过|转过|买过|付过).{0,16}(?:扣|刷|账|消费|短信|少)|"
        r"(?:不知道|搞不清|不清楚|查不出).{0,6}(?:谁|哪里?|哪儿|什么地方)(?:来的|刷|扣|取|花|用)",
    ),
    ("unknown_transaction", r"(?:不明|陌生|异常|不认识的?|可疑).{0,6}(?:扣款|交易|消费|转账|支出|刷卡)"),
    (
        "scam",
        r"(?:被|遇到?|遭遇?|上当|中了).{0,4}(?:骗|诈骗|电诈)|受骗|上当|安全账户|公检法|冒充(?:客服|公安|银行|警察|领导)|骗子.{0,12}(?:转|钱|卡|验证码)|刷单.{0,8}(?:骗|转|垫)",
    ),
    (
        "code_given_away",
        r"(?:验证码|密码|\[已屏蔽\]).{0,10}(?:告诉|发给|给|说给|泄露).{0,4}(?:了|他|她|别人|对方|人家|骗子)|"
        r"(?:告诉|发给|给|泄露)了?.{0,8}(?:验证码|密码)|点了?.{0,8}(?:陌生|诈骗|不明|钓鱼)?.{0,3}链接.{0,20}(?:卡|密码|验证码|钱|填)",
    ),
    (
        "wrong_transfer",
        r"转错(?:了|账|人|钱|卡)|(?:打|汇|付|转)错(?:了)?(?:账|人|钱|卡|账号|账户)|转.{0,10}(?:错|别人|陌生人).{0,4}(?:账|卡)(?:号|户|上|里)|"
        r"(?:转|汇|打|付|扫|点)(?:成|到|给)了?.{0,8}(?:不认识|不认得|陌生|别人|房东|前妻|前夫|同名|隔壁)|[多少](?:按|打|输|填|看)了?.{0,3}(?:零|0|位)|(?:发|付|打)错人|手滑.{0,8}(?:转|付|确认|汇)",
    ),
    (
        "machine_kept",
        r"(?:吞|吃)(?:了|掉|我)*.{0,3}(?:卡|钱|现金|钞)|(?<!想)吞(?:了|掉|我)+\d+(?:块|元|百|千)|卡.{0,4}(?:被|让)?.{0,6}(?:吞|吃)|(?:没|不|未)(?:有)?(?:吐|出)(?:钱|钞|款|现金)|"
        r"(?:扣|少)了.{0,8}(?:没|不|未)(?:有)?(?:吐|出|拿到|取到)|存.{0,10}(?:没|未|不)(?:有)?(?:到账|入账|上账)|"
        r"(?:钱|钞票?|现金).{0,6}(?:没|未)有?(?:吐|出来|退)|卡.{0,6}(?:拿|取|退|拔)不出|(?:取|存)了?.{0,8}只(?:认|记|出|吐)|(?:一张|钞|钱)(?:都)?没(?:出|吐)",
    ),
    (
        "identity_misused",
        r"(?:冒用|冒名|盗用|拿|用).{0,6}(?:我的?|本人)?(?:身份|信息|名义|身份证).{0,8}(?:贷|办|开|注册|借)|(?:不是我|我没(?!钱|能力)).{0,6}(?:贷|借|(?<![怎咋]么)(?<!咋)办|开)的?(?:款|卡|户)?|"
        r"(?:被|让)(?:别人|他人|陌生人|不认识的人).{0,4}(?:申请|绑|开通|开了|办了|注册)",
    ),
    (
        "account_taken_over",
        r"(?:账号|账户|手机银行|网银|卡).{0,6}(?:被|让).{0,4}(?:人|别人|他人)?.{0,4}(?:登录|登陆|登了|控制|改了?密码|挂失)|异地登[录陆]|远程.{0,6}(?:控制|操作|点)|共享.{0,3}屏幕|绑定?新设备",
    ),
    (
        "lost_card",
        r"(?:卡|手机|身份证|钱包).{0,6}(?:丢|掉|遗失|不见|被偷|弄丢)(?:了)?.{0,20}(?:挂失|冻结|怎么办|快|急|马上|赶紧)|(?:赶紧|马上|快|立即|立刻|帮我).{0,8}(?:挂失|冻结)",
    ),
    (
        "funds_blocked_in_emergency",
        r"(?:救命|手术|住院|急诊|医药费|医疗费|抢救|ICU|icu).{0,30}(?:冻结|取不|转不|用不|出不|限额|刷不)|(?:冻结|取不|转不|用不|刷不).{0,30}(?:救命|手术|住院|急诊|医药费|医疗费|抢救|icu)|"
        r"(?:病床|重症|手术台|抢救室|住院押金).{0,40}(?:柜台|本人|异常|工作日|不让)|"
        r"(?:冻结|取不|转不|用不|刷不).{0,40}医院.{0,8}(?:押金|[交缴]费|交钱|等钱|等着|催)|医院.{0,8}(?:押金|[交缴]费|交钱|等钱|等着|催).{0,30}(?:冻结|取不|转不|用不|刷不)",
    ),
    ("deadline_today", rf"{_TODAY}.{{0,12}}{_DEADLINE}.{{0,40}}{_BARRED}|{_BARRED}.{{0,40}}{_TODAY}.{{0,12}}{_DEADLINE}"),
)
_HYPOTHETICAL = (
    r"(?:如果|假如|万一|要是|假设|担心|怕|害怕|防止|预防|避免|会不会|以防).{0,16}(?:盗|骗|吞|吃|丢|转错|冒|扣)|"
    r"(?:盗刷|诈骗|吞卡|转错|被盗|丢).{0,8}(?:险|保障|怎么(?:预防|防|避免)|会(?:怎么样|赔)|一般|流程是)|防(?:盗刷|诈骗|骗)"
)
_SETTLED = (
    r"(?:(?:已经?|都|后来|最后|终于|刚刚?|现在|又).{0,6}(?:解决|处理好|追回|退回|退还|赔付|取回|拿回|找回|找到|补回)来?了|(?:钱|卡|款).{0,8}(?:退|找|拿|取|追|要)回来?了|虚惊一场)"
    r"(?![吗么没吧?？])"
)
_LONG_AGO = r"去年|前年|上个?月|上半年|(?:几|两|二|三|四|五|六|七|八|九|十|\d+)个?(?:月|年)(?:之?前|以前|了)|(?:一|两|二|三|几|\d)个?(?:星期|周|礼拜)(?:之?前|以前)|上(?:个)?(?:周|星期|礼拜)(?=.{0,1}[^\d一二三四五六日天])"
# A charge that the text ties to a fee or a service is a complaint about fees.
_FEE = r"年费|手续费|管理费|短信费|服务费|工本费|违约金|滞纳金|利息|乱?扣费|乱?收费|会员费?|保险费?"


# Who owes and has nothing to pay with needs talk, not haste: 我没钱还怎么办 is no theft.
_CANNOT_PAY = r"没钱还|还不[起上了]|没(?:有)?能力还|拿什么还|无力(?:偿还|还)|还款(?:困难|压力)|周转不(?:开|过来)"

_QUALIFIERS = (
    ("hypothetical", _HYPOTHETICAL),
    ("settled", _SETTLED),
    ("long_ago", _LONG_AGO),
    ("fee", _FEE),
    ("cannot_pay", _CANNOT_PAY),
)
NETS: tuple[str, ...] = tuple(reason for reason, _ in _NETS)
QUALIFIERS: tuple[str, ...] = tuple(name for name, _ in _QUALIFIERS)
_NAMES = (*NETS, *QUALIFIERS)
_SIEVE = Sieve(pattern for _, pattern in (*_NETS, *_QUALIFIERS))


def heard(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The nets of the normalised *text* that caught something, and the qualifiers that speak against an alarm."""
    names = [_NAMES[number] for number, _ in _SIEVE.search(text)]
    return tuple(name for name in names if name in NETS), tuple(name for name in names if name in QUALIFIERS)


def words_of(text: str, reasons: tuple[str, ...]) -> tuple[tuple[str, re.Match[str]], ...]:
    """For each of *reasons* that is a net, the first words of the normalised *text* that it caught."""
    return tuple(
        (reason, match)
        for number, reason in enumerate(NETS)
        if reason in reasons and (match := _SIEVE.pattern(number).search(text)) is not None
    )


def alarming(reasons: tuple[str, ...], qualifiers: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons that hold with these qualifiers, most telling first."""
    if "fee" in qualifiers:
        reasons = tuple(reason for reason in reasons if reason != "unauthorised_debit")
    return () if {"settled", "hypothetical", "long_ago"} & set(qualifiers) else reasons


def urgent_reasons(text: str) -> tuple[str, ...]:
    """Why the normalised *text* cannot wait, most telling first; empty when it can."""
    return alarming(*heard(text))
