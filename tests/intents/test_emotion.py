"""How customers sound and what they threaten with, in many phrasings of each; and phrasings that only look like it."""

import re
from datetime import UTC, datetime

import pytest

from config.labels import Emotion, EscalationSign
from intents.emotion import emotion_heard, signs_heard
from intents.normalise import normalise
from intents.redact import redact
from intents.understander import Understander

SIGNS = {
    EscalationSign.REGULATOR: [
        "我要去银保监投诉你们", "再不处理我打12378", "我向人民银行投诉", "金融监管总局会管的吧", "我去消协告你们", "已经打了12345", "找人行反映情况",
        "我要信访", "这事我会反映到金管局", "上级主管部门投诉电话多少",
    ],
    EscalationSign.MEDIA: [
        "我找记者曝光你们", "发到抖音上让大家看看", "我要上小红书挂你们", "让网友评评理", "电视台我有熟人", "黑猫投诉见", "315晚会见", "不解决就上热搜",
        "我发朋友圈了", "新闻媒体会感兴趣的",
    ],
    EscalationSign.LAWYER: [
        "我的律师会联系你们", "法院见", "我要起诉", "跟你们打官司", "走法律途径", "律师函等着收", "我告你们银行", "准备去法院立案", "保留诉讼权利", "用法律武器维护自己",
    ],
    EscalationSign.SELF_HARM: [
        "我不想活了", "钱没了我活着也没意思", "逼得我想跳楼", "干脆死了算了", "我真的活不下去了", "大不了一死了之", "我死给你们看", "想自杀的心都有", "还不如死了",
        "已经写好遗书了", "割腕算了", "活够了",
    ],
    EscalationSign.THREAT: [
        "信不信我砸了你们银行", "我拿刀来找你们", "弄死你们经理", "我去堵你们大门", "一把火烧了你们网点", "你们给我等着", "大不了同归于尽", "拉横幅去你们门口", "炸了你们支行",
        "我找人收拾他", "泼油漆",
    ],
    EscalationSign.ELDERLY: [
        "我奶奶七十多岁了", "老人家不会用手机", "我爸今年68岁", "母亲的养老金没到", "老太太被你们忽悠了", "我一个退休工人", "家里老爷子", "年纪大了看不清", "八十岁的外婆",
        "我都六十了还要刷脸", "老两口的积蓄",
    ],
    EscalationSign.DISABLED: [
        "我是残疾人", "我爸坐轮椅来的", "我是盲人看不到屏幕", "聋哑人怎么办业务", "中风以后签不了字", "他腿脚不便", "视障客户用不了", "耳朵听不见电话", "瘫痪在床", "拄着拐来的",
    ],
    EscalationSign.MINOR: [
        "孩子偷偷打赏了九千八", "未成年人怎么能刷走这么多", "我儿子玩游戏充值", "小学生哪来的权限", "女儿才十岁", "8岁的孩子点的", "孙女给主播刷礼物", "熊孩子乱点把钱转走了",
        "十二岁的儿子用我手机充了两千",
    ],
    EscalationSign.HARDSHIP: [
        "我失业半年了", "等着钱做手术", "家里揭不开锅", "实在还不起了", "我妈住院急用", "吃低保的人", "得了癌症在化疗", "公司破产没收入", "家庭困难能不能减免", "没钱吃饭了",
        "刚被裁员",
    ],
    EscalationSign.GROUP: [
        "我们几十个业主都被扣了", "准备集体投诉", "维权群里好几百人", "我们一群客户", "不止我一个", "联名举报", "我们全村的粮补都没到" , "我们这十几户人家", "一起去上访",
        "三十多个客户都遇到了",
    ],
}  # fmt: skip
NOTHING = {
    EscalationSign.REGULATOR: ["卡号后面是12345678", "人行道上摔了一跤", "建议你们对外监管一下排队"],
    EscalationSign.MEDIA: ["抖音充值被扣了钱", "微博会员自动续费", "小红书买的东西退款", "我要给你们点赞投诉无门？", "多媒体机器坏了"],
    EscalationSign.LAWYER: ["法院冻结了我的账户", "我的律师证能办卡吗", "告诉我怎么办"],
    EscalationSign.SELF_HARM: ["想死你们了", "手机卡死了", "急死我了", "跳楼价的理财", "累得想死你懂吗", "app活不过三秒", "气死我了"],
    EscalationSign.THREAT: ["把我的额度砍了一半", "评论区炸锅了", "钱砸手里了", "我等着用钱", "砸锅卖铁还贷"],
    EscalationSign.ELDERLY: ["我妈呀太慢了", "70块钱", "老用户了", "第六十号窗口"],
    EscalationSign.DISABLED: ["别给我装聋作哑", "余额看不见了"],
    EscalationSign.MINOR: ["孩子的学费转不出去", "我今年三十岁", "给儿子汇生活费"],
    EscalationSign.HARDSHIP: ["防癌险怎么买", "三个工作日没工作人员联系", "住院保险报销"],
    EscalationSign.GROUP: ["我们公司开户", "前面还有30个人排队", "你们一群骗子"],
}  # fmt: skip


@pytest.mark.parametrize(("sign", "said"), [(sign, said) for sign, all_said in SIGNS.items() for said in all_said])
def test_a_sign_is_heard_however_it_is_put(sign: EscalationSign, said: str):
    assert sign in [heard for heard, _ in signs_heard(normalise(said))]


@pytest.mark.parametrize(("sign", "said"), [(sign, said) for sign, all_said in NOTHING.items() for said in all_said])
def test_what_only_looks_like_a_sign_is_none(sign: EscalationSign, said: str):
    assert sign not in [heard for heard, _ in signs_heard(normalise(said))]


def test_every_sign_has_at_least_eight_phrasings_and_some_that_are_none():
    assert {sign: len(said) >= 8 for sign, said in SIGNS.items()} == dict.fromkeys(EscalationSign, True)
    assert set(NOTHING) == set(EscalationSign)


EMOTIONS = {
    Emotion.CALM: [
        "麻烦帮我查一下余额", "我妈的卡怎么挂失", "请问几点上班", "操作步骤是什么", "利息滚存怎么算", "昨天在柜台办了张卡", "我想改手机号", "他妈妈的账户也在你们行",
        "转账500元到工资卡", "谢谢你们的帮助",
    ],
    Emotion.DISSATISFIED: [
        "等了两个小时还没轮到", "你们这服务太差了", "我要投诉", "凭什么扣我钱", "app老是闪退", "没人理我", "真的很失望", "态度恶劣", "来回跑了三趟", "乱收费",
        "我要给你们点赞投诉无门？",
    ],
    Emotion.ANGRY: [
        "垃圾银行！！！", "你们就是强盗", "什么破app", "气死我了", "不要脸", "滚", "他妈的到底管不管", "坑爹", "把我当猴耍", "岂有此理", "再也不用你们银行了",
    ],
    Emotion.DISTRESSED: [
        "求求你们了", "那是我的救命钱", "我急得直发抖，急死了", "全部积蓄都没了", "我不想活了", "怎么活啊", "晚上睡不着", "吓死我了", "我妈都哭了", "走投无路",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("emotion", "said"), [(emotion, said) for emotion, all_said in EMOTIONS.items() for said in all_said])
def test_how_a_customer_sounds_is_heard(emotion: Emotion, said: str):
    heard, match = emotion_heard(normalise(said))
    assert heard is emotion, match
    assert (match is None) == (emotion is Emotion.CALM)


def test_the_result_names_the_rules_that_spoke_and_their_words(tmp_path):
    understander = Understander.load(cache_dir=tmp_path)
    said = "我的卡被盗刷了三千！！！再不处理我找律师，我妈都急哭了"
    u = understander.understand(redact(said), datetime(2026, 11, 1, tzinfo=UTC))
    words = {item.rule: u.text[item.start : item.end] for item in u.reasons}
    assert words["urgent.stolen_funds"] == "被盗"
    assert words["sign.lawyer"] == "律师"
    assert words["sign.elderly"] == "我妈"
    assert words["emotion.distressed"] == "急哭"
    shown = understander.parse_result(u)["feedback"]["reasons"]
    assert {item["rule"]: item["text"] for item in shown} == words
    assert all(re.fullmatch(r"(?:urgent|emotion|sign)\.[a-z_]+", item["rule"]) for item in shown)
