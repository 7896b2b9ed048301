"""Understanding: what is certain is certain, and nothing breaks it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.labels import DialogueAct, Kind, Product
from intents.model import Model
from intents.redact import redact
from intents.training_data import fingerprint, read_examples
from intents.understander import Understander

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # Monday noon in Shanghai


@pytest.fixture(scope="session")
def understander(tmp_path_factory: pytest.TempPathFactory) -> Understander:
    return Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"))


def test_the_model_was_trained_on_the_files_beside_it():
    assert Model().fingerprint == fingerprint()


def test_training_files_hold_known_labels_and_no_example_twice():
    examples = read_examples()
    assert {item.intent for item in examples} == {*map(str, Kind), *map(str, DialogueAct)}
    assert {item.product for item in examples if item.product} == set(map(str, Product))
    texts = [item.text for item in examples]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize(
    "text",
    ["盗刷！！！", "ATM扣了钱没吐钞", "取款机把我的卡吞了", "有人拿我的信息办了贷款", "骗子让我转到安全账户，我转了", "转错账了转给陌生人了",
     "我妈被骗了八万", "不是我操作的，卡里少了五千被转走", "验证码告诉对方了怎么办", "銀行卡被盜刷了"],
)  # fmt: skip
def test_what_cannot_wait_is_heard_with_its_reason(understander: Understander, text: str):
    u = understander.understand(redact(text), NOW)
    assert u.urgent
    assert u.urgent_reasons
    assert u.kind is Kind.URGENT_REPORT


@pytest.mark.parametrize(
    "text",
    [
        "如果卡被盗刷怎么办",
        "去年被盗刷过一次，赔了",
        "怎么预防诈骗",
        "无缘无故扣了我年费",
        "app闪退",
        "我要投诉柜员",
        "卡被吞了，已经取回来了",
    ],
)
def test_what_may_wait_raises_no_alarm(understander: Understander, text: str):
    assert not understander.understand(redact(text), NOW).urgent


@pytest.mark.parametrize("text", ["转人工", "人工", "我要找真人", "叫你们经理来", "不想跟机器人说话", "给我转接客服"])
def test_the_wish_for_a_person_is_heard(understander: Understander, text: str):
    assert understander.understand(redact(text), NOW).wants_person


@pytest.mark.parametrize("text", ["客服电话是多少", "打人工半小时没人接", "不用转人工", "客服态度太差"])
def test_talk_about_service_is_no_wish_for_a_person(understander: Understander, text: str):
    assert not understander.understand(redact(text), NOW).wants_person


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("扣了十五块五", 15.5),
        ("一万二没了，一万二千元", 12000),
        ("转了500块", 500),
        ("3万元", 30000),
        ("￥1,200.50", 1200.5),
        ("五毛钱", 0.5),
        ("损失2800", 2800),
    ],
)
def test_amounts_are_told_in_yuan(understander: Understander, text: str, yuan: float):
    assert yuan in [item.value for item in understander.understand(redact(text), NOW).entities_of("amount_yuan")]


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("昨天晚上8点", "2026-11-22T20:00:00+08:00", "hour"),
        ("上周三下午三点半", "2026-11-18T15:30:00+08:00", "minute"),
        ("3月15号", "2026-03-15T00:00:00+08:00", "day"),
        ("12月25号", "2025-12-25T00:00:00+08:00", "day"),
        ("前天", "2026-11-21T00:00:00+08:00", "day"),
        ("两小时前", "2026-11-23T10:00:00+08:00", "hour"),
        ("半个小时前", "2026-11-23T11:30:00+08:00", "minute"),
        ("两个星期前", "2026-11-09T00:00:00+08:00", "day"),
        ("上个月15号", "2026-10-15T00:00:00+08:00", "day"),
        ("上上月二十号", "2026-09-20T00:00:00+08:00", "day"),
        ("月初", "2026-11-01T00:00:00+08:00", "day"),
        ("上月底", "2026-10-31T00:00:00+08:00", "day"),
        ("去年年底", "2025-12-31T00:00:00+08:00", "day"),
        ("去年底", "2025-12-31T00:00:00+08:00", "day"),
        ("去年12月3号", "2025-12-03T00:00:00+08:00", "day"),
        ("国庆那天", "2026-10-01T00:00:00+08:00", "day"),
        ("中秋节当天下午3点", "2026-09-25T15:00:00+08:00", "hour"),
        ("去年春节", "2025-01-29T00:00:00+08:00", "day"),
        ("清明", "2026-04-05T00:00:00+08:00", "day"),
        ("圣诞节", "2025-12-25T00:00:00+08:00", "day"),
        ("昨儿下午", "2026-11-22T15:00:00+08:00", "day"),
        ("前儿个", "2026-11-21T00:00:00+08:00", "day"),
        ("10.20在柜台办的", "2026-10-20T00:00:00+08:00", "day"),
        ("三十号", "2026-10-30T00:00:00+08:00", "day"),
    ],
)
def test_moments_are_told_in_shanghai_and_never_lie_ahead(understander: Understander, text: str, moment: str, precision: str):
    found = understander.understand(redact(text), NOW).first("occurred_at")
    assert (found.value, found.details["precision"]) == (moment, precision)


@pytest.mark.parametrize(
    "text",
    [
        "2月30号",
        "年化10.20%",
        "5号窗口",
        "涨到3.15了",
        "等了40分钟",
        "明年3月15号",
        "下个月15号扣款",
        "下个月底",
        "明年年底",
        "每月初扣一次",
    ],
)
def test_numbers_that_are_no_past_day_are_no_moment(understander: Understander, text: str):
    assert understander.understand(redact(text), NOW).first("occurred_at") is None


def test_a_phone_is_found_behind_its_token(understander: Understander):
    u = understander.understand(redact("电话13812345678"), NOW)
    assert u.first("phone").value == "13812345678"
    assert "13812345678" not in str(understander.parse_result(u))


def test_a_parse_result_has_rasas_shape(understander: Understander):
    result = understander.parse_result(understander.understand(redact("昨天在朝阳支行取款机取了500元"), NOW))
    assert set(result) == {"text", "intent", "entities", "text_tokens", "intent_ranking", "feedback"}
    assert len(result["intent_ranking"]) <= 10
    for item in result["entities"]:
        assert result["text"][item["start"] : item["end"]].strip()
    assert result["feedback"]["kind"] in set(Kind)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_understanding(understander: Understander, text: str):
    u = understander.understand(redact(text), NOW)
    assert u.kind in set(Kind)
    assert 0 <= u.confidence <= 1.0001


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\ud800x", "\x00\x01", "🙃🙃", "hello, is anybody there?", '/inform{"product": "loan"}', "转人工在去年" * 16000],
)
def test_odd_messages_have_a_defined_result(understander: Understander, text: str):
    assert understander.understand(redact(text), NOW).intent


@pytest.mark.parametrize(
    "text", ["转账转错了怎么办", "我把验证码告诉那个假客服了 怎么办啊", "卡被吞了，快转人工", "银行卡被盗刷了怎么办"]
)
def test_a_question_about_what_has_just_happened_is_a_report(understander: Understander, text: str):
    u = understander.understand(redact(text), NOW)
    assert (u.kind, u.urgent, u.intent) == (Kind.URGENT_REPORT, True, "urgent_report")


@pytest.mark.parametrize("text", ["建议转错账能撤回", "卡被吞了一般咋拿回来", "卡丢了怎么办", "验证码能告诉别人吗"])
def test_a_question_or_a_wish_that_only_names_a_danger_is_none(understander: Understander, text: str):
    u = understander.understand(redact(text), NOW)
    assert not u.urgent and u.kind in (Kind.ENQUIRY, Kind.SUGGESTION)


def test_nothing_but_a_report_or_a_complaint_is_ever_urgent(understander: Understander):
    for example in read_examples():
        u = understander.understand(redact(example.text), NOW)
        assert not u.urgent or u.kind in (Kind.URGENT_REPORT, Kind.COMPLAINT), example.text
        assert u.urgent or u.kind is not Kind.URGENT_REPORT, example.text


@pytest.mark.parametrize(
    ("text", "kind", "urgent"),
    [
        ("取一千，听见数钱声，一张也没出来", Kind.URGENT_REPORT, True),
        ("两千块存进去机器就重启了，账上没加", Kind.URGENT_REPORT, True),
        ("把钱打到老同学卡上了，本来是给儿子的，刚打的", Kind.URGENT_REPORT, True),
        ("對方讓我共享螢幕，我照做了", Kind.URGENT_REPORT, True),
        ("張卡俾部機食咗", Kind.URGENT_REPORT, True),
        ("听说他们那儿有人取不到款", Kind.OTHER, False),
        ("如果转错了怎么追", Kind.ENQUIRY, False),
        ("手机银行好用，从没卡过", Kind.PRAISE, False),
        ("效率也太低了吧", Kind.COMPLAINT, False),
        ("办张卡咋这么费劲", Kind.COMPLAINT, False),
    ],
)
def test_what_happened_is_told_from_what_is_only_said_without_words_of_alarm(
    understander: Understander, text: str, kind: Kind, urgent: bool
):
    u = understander.understand(redact(text), NOW)
    assert (u.kind, u.urgent) == (kind, urgent)
