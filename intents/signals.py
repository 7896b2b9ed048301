"""What a text shows whatever its style: words of each matter and tone, who is spoken to, how long it is.

Characters learn a style; these carry over to styles that no training example has. Each is one feature beside the n-grams,
with a weight that is learned: a signal proves nothing by itself.
"""

import re

from intents.person import wants_person
from intents.sieve import Sieve
from intents.urgency import NETS, QUALIFIERS, alarming, heard

_WORDS: tuple[tuple[str, str], ...] = (
    # matters
    (
        "account",
        r"存款|存折|存单|定期|活期|开户|销户|账户|余额|流水|利息|工资卡|养老金|冻结|限制|非柜|解限|只进不出|丧葬|遗产|对公|预留",
    ),
    ("debit", r"储蓄卡|借记卡|社保卡|医保卡|市民卡|惠民卡|金穗卡|龙卡|牡丹卡|灵通卡|一卡通|ic卡|换卡|补卡|消磁|芯片|密码锁|挂失"),
    (
        "credit",
        r"信用卡|额度|账单|还款日|最低还款|分期|年费|积分|提额|降额|首提|固额|曲线|副卡|附属卡|刷卡|逾期|取现|临额|权益|白金|金卡|下卡|申卡|网申|面签|首刷|秒拒|白户|封卡|卡面|卡友|联名|里程|双标|运通|返现|套现|养卡|刷满|刷够",
    ),
    (
        "loan",
        r"贷|借款|借钱|放款|提前还|月供|lpr|抵押|担保|征信|负债|助学|按揭|欠款|上岸|借呗|花呗|白条|融e借|等额|结清|展期|续贷|审批",
    ),
    (
        "wealth",
        r"理财|基金|黄金|金条|国债|保险|赎回|净值|收益|保本|外汇|结汇|购汇|换汇|定投|债基|r[1-5]\b|大额存单|股票|纯债|短债|固收|年金|余额宝|朝朝宝|金价",
    ),
    (
        "app",
        r"app|软件|登录|登陆|登不|闪退|更新|升级|版本|界面|卡顿|白屏|人脸|刷脸|指纹|推送|广告|手机银行|网银|网上银行|u盾|下载|安装|字体|页面|系统|掌银|掌上银行|登入|菜单|按钮|黑屏|加载|入口|截图|弹窗",
    ),
    (
        "pay",
        r"转账|转帐|汇款|汇错|到账|限额|退款|扫码|付款|支付|收款码|pos|云闪付|快捷|代扣|etc|微信|支付宝|提现|跨境|数字人民币",
    ),
    (
        "branch",
        r"网点|支行|柜台|柜员|窗口|大堂|排队|叫号|取号|保安|营业厅|上班|下班|营业|营业部|大厅|柜员|柜里|号码纸|叫到|信用社|分理处",
    ),
    ("hotline", r"客服|热线|电话打不|人工|坐席|机器人|接线|工号|回电|回复"),
    ("machine", r"atm|取款机|存款机|柜员机|自助|吞卡|吞了|机器|机子|吐钞|出钞|存取"),
    ("fee", r"手续费|管理费|短信费|服务费|年费|收费|扣费|工本费|违约金|扣我|扣了我|多少钱一"),
    ("fraud", r"盗|骗|诈|验证码|冒充|钓鱼|陌生|挂失|泄露|泄漏|安全账户|洗钱|涉案|反诈|冒用|不是我|不是本人|丢"),
    ("collection", r"催收|催款|上门|还不起|协商|停息|联系人|恐吓|威胁|骚扰"),
    # tones
    (
        "asks",
        r"怎么|如何|咋|吗|么[?？]?$|呢[?？]?$|多少|几点|哪里|哪儿|什么|是否|可不可以|能不能|可以.{0,8}吗|请问|咨询|想问|请教|多久|为什么|为啥|能否|需要.{0,6}(?:什么|哪些)",
    ),
    ("question_mark", r"[?？]"),
    (
        "suggests",
        r"建议|希望|能不能(?:出|加|增|支持|搞)|要是能|最好能|增加|要是.{0,12}就好了|期待|求.{0,4}(?:功能|适配)|可不可以(?:加|出|增)",
    ),
    (
        "praises",
        r"好用|不错|方便|点赞|表扬|感谢|谢谢你|满意|喜欢|给力|好评|五星|赞|贴心|耐心|感动|暖|优秀|推荐|流畅|省心|良心|靠谱|夸|暖心|效率高",
    ),
    (
        "blames",
        r"垃圾|差|烂|坑|恶心|无语|气|烦|投诉|凭什么|过分|不负责|敷衍|推诿|踢皮球|态度|难用|麻烦死|什么玩意|离谱|失望|要求|赔|道歉|霸王|套路|忽悠|乱|服了|骗人|摆设|奇葩|差劲|慢",
    ),
    (
        "fails",
        r"不能|不了|失败|不上|不出|不到|不行|没有反应|打不开|无法|不通过|没收到|不给|没人|不让|收不到|没到|错误|报错|异常|崩|卡死|死机",
    ),
    ("but", r"但是|但|可是|不过|就是.{0,6}(?:太|有点)|却|然而|结果"),
    (
        "chases",
        r"进度|结果|到哪|审批|审核|批了|批下来|处理(?:得|到|完|好|的)|催|上次|之前.{0,8}(?:投诉|反映|反馈|申请|说)|回复|回音|还没|多久能|有没有.{0,4}(?:结果|进展|消息)|工单|受理",
    ),
    ("thanks", r"谢谢|感谢|再见|拜拜|你好|您好|早上好|辛苦|哈喽|hello|hi\b|在吗|在么"),
    ("just_now", r"刚刚|刚才|现在|今天|今早|昨晚|凌晨|马上|赶紧|立刻|立即|快|急|分钟前|小时前|正在|刚"),
    ("long_ago", r"去年|前年|上个?月|个月前|年前|之前|以前|20[12]\d年|曾经|一直|已经.{0,6}(?:月|年)|多年|上上"),
    ("lost_money", r"钱.{0,6}(?:没|不见|少|转走|走了)|被.{0,4}(?:转|扣|刷|骗|盗|划|吞|冻)|少了|扣了|多扣|转错|汇错|打错|没吐|吞"),
    ("emergency", r"医院|手术|住院|抢救|icu|救命|押金|开刀|住进"),
    ("demands", r"要求|请(?:尽快|立即|贵行|核实|协助|马上)|望|诉求|恳请|给个说法|退还|赔偿"),
    # who is spoken to, and by whom
    ("to_the_bank", r"你们|贵行|您好|客服|尊敬的|你行|请帮|帮我|给我|你家|领导|行长|@某行|同志"),
    (
        "to_peers",
        r"楼主|楼上|大家|各位|兄弟|老哥|姐妹|有没有人|谁(?:知道|有|懂|能)|求助|网友|吧友|过来人|小白|科普|分享|转发|建议你|你这|朋友们|有人|蹲|顶|同问|加我|加v|看看",
    ),
    ("about_me", r"我|本人|俺|咱"),
    ("about_family", r"我妈|我爸|父亲|母亲|老人|孩子|老伴|爷爷|奶奶|老公|老婆|爱人|儿子|女儿|闺女"),
    ("reports_as_clerk", r"客户(?:来电|称|反映|表示|咨询|要求|建议|紧急|现场|再次|存折|对)|来电(?:人|称|反映|表扬|投诉)|反映"),
    (
        "not_the_bank",
        r"社保局|人社|医保局|公积金中心|物业|公交|交警|城管|政务大厅|卫生院|居委会|教育局|学校门口|快递|外卖|联通|中国移动|移动客服|电信|淘宝|京东快递|滴滴|自来水|燃气|12333|12345|房东|中介|驾校|彩票|火锅|作业",
    ),
    (
        "comments",
        r"吃瓜|围观|路过|顶一个|同问|同求|楼上|哈哈|笑死|马克|学习了|坐等|羡慕|人家|别急|不急|你这|你那|建议你|听我的|过来人|版主|帖子|亲测|反正我",
    ),
    ("advertises", r"邀请码|加微|办理.{0,4}(?:加|联系)|招聘|优惠价|出租|转让|有意|承接|代办"),
    ("only_signs", r"^[\W_\da-z]*$"),
)
_SIEVE = Sieve(pattern for _, pattern in _WORDS)
_LENGTHS = (3, 6, 12, 25, 50, 100, 200)
_SHAPES = (*(f"over_{length}" for length in _LENGTHS), "many_digits", "exclaims")
NAMES: tuple[str, ...] = (*(name for name, _ in _WORDS), *_SHAPES, *NETS, *QUALIFIERS, "alarm", "wants_person")
_NUMBER = {name: number for number, name in enumerate(NAMES)}
_OVER = tuple((limit, _NUMBER[f"over_{limit}"]) for limit in _LENGTHS)
_DIGIT = re.compile(r"\d")
_EXCLAIMS = re.compile(r"[!！]{2,}")
_MANY = 4
SIGNAL_CHARS = 2000  # signals look at the beginning; a longer text has shown them all


def signals(text: str) -> list[int]:
    """The numbers (places in ``NAMES``) of the signals that the normalised *text* shows."""
    text = text[:SIGNAL_CHARS]
    return numbers_of(text, *heard(text), wants=wants_person(text))


def numbers_of(text: str, reasons: tuple[str, ...], qualifiers: tuple[str, ...], *, wants: bool) -> list[int]:
    """``signals`` for whoever knows already what the nets caught."""
    text = text[:SIGNAL_CHARS]
    shown = [number for number, _ in _SIEVE.search(text)]
    length = len(text.strip())
    shown += [number for limit, number in _OVER if length > limit]
    if len(_DIGIT.findall(text)) >= _MANY:
        shown.append(_NUMBER["many_digits"])
    if _EXCLAIMS.search(text):
        shown.append(_NUMBER["exclaims"])
    if reasons and alarming(reasons, qualifiers):
        shown.append(_NUMBER["alarm"])
    if wants:
        shown.append(_NUMBER["wants_person"])
    if reasons or qualifiers:
        shown += [_NUMBER[name] for name in (*reasons, *qualifiers)]
    return shown
