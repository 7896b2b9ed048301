"""Annotated messages of authors who saw no pattern of ours: how many slot values are found, and how many found are there."""

import json
from pathlib import Path

import pytest

from bot.cli import main
from intents.redact import redact
from intents.slot_figures import NOON, Figures, annotated, judge_slots
from intents.understander import Understander

FOLDER = Path(__file__).parent.parent / "data" / "slots"
# (precision, recall) that no change may fall below; what is reached stands in docs/understanding.md.
LEAST = {
    "amount_yuan": (0.94, 0.92),
    "app_function": (0.65, 0.75),
    "branch": (0.95, 0.95),
    "business_channel": (0.75, 0.70),
    "card_tail": (0.97, 0.95),
    "demand": (0.78, 0.85),
    "machine": (0.95, 0.90),
    "occurred_at": (0.90, 0.95),
    "person_praised": (0.90, 0.85),
    "phone": (0.97, 0.93),
    "place": (0.75, 0.78),
    "preferred_channel": (0.75, 0.90),
    "product_name": (0.75, 0.80),
    "staff_name": (0.92, 0.90),
    "ticket_no": (1.0, 1.0),
}


@pytest.fixture(scope="module")
def understander(tmp_path_factory: pytest.TempPathFactory) -> Understander:
    return Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"))


@pytest.fixture(scope="module")
def figures(understander: Understander) -> dict[str, Figures]:
    return judge_slots(understander, annotated(FOLDER))


@pytest.mark.parametrize("slot", LEAST)
def test_slot_values_are_found_and_what_is_found_is_there(figures: dict[str, Figures], slot: str):
    count = figures[slot]
    assert count.wanted >= 10
    assert count.precision >= LEAST[slot][0], count.extras[:10]
    assert count.recall >= LEAST[slot][1], count.misses[:10]


def test_every_slot_that_is_annotated_has_a_floor(figures: dict[str, Figures]):
    assert {slot for slot, item in figures.items() if item.wanted} <= set(LEAST)


def test_the_command_prints_a_line_a_slot_and_the_errors_that_are_asked_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HUIYIN__DATA_DIR", str(tmp_path))
    messages = tmp_path / "some.jsonl"
    messages.write_text(
        json.dumps({"text": "昨天扣了我300元", "slots": [{"slot": "amount_yuan", "text": "300元", "value": 400}]}), "utf-8"
    )
    with pytest.raises(SystemExit, match="0"):
        main(["nlu", "evaluate", "--slots", str(messages), "--errors", "1"])
    printed = capsys.readouterr().out
    assert "amount_yuan             0.00    0.00       1      1" in printed
    assert "missed amount_yuan: 400.00 | 昨天扣了我300元" in printed
    assert "in vain amount_yuan: 300.00 | 昨天扣了我300元" in printed
    with pytest.raises(SystemExit, match="1"):
        main(["nlu", "evaluate", "--slots", str(tmp_path / "none.jsonl")])
    assert "none.jsonl" in capsys.readouterr().err


def values(understander: Understander, text: str, slot: str) -> list[object]:
    return [item.value for item in understander.understand(redact(text), NOON).entities_of(slot)]


@pytest.mark.parametrize(
    ("text", "slot", "wanted"),
    [
        ("石阿姨耐心得很，表扬她", "person_praised", ["石阿姨"]),
        ("感谢东关支行的倪大姐和冯晓", "person_praised", ["倪大姐"]),
        ("我要表扬保安叔叔", "person_praised", ["保安叔叔"]),
        ("表扬门口的引导员", "person_praised", ["门口的引导员"]),
        ("把许磊开除", "staff_name", ["许磊"]),
        ("投诉3127号柜员", "staff_name", ["3127"]),
        ("请帮我开通大额转账的白名单，急", "staff_name", []),
        ("账户被冻，周一必须给我解开", "staff_name", []),
        ("在奥体中心停车场刷了两次", "place", ["奥体中心停车场"]),
        ("在图书馆里丢的卡", "place", ["图书馆"]),
        ("机场贵宾厅从六次变两次", "place", []),
        ("公积金贷款和商贷扣款日不在一天", "product_name", ["公积金贷款", "商贷"]),
        ("给他换成了分红险", "product_name", ["分红险"]),
        ("夫妻俩共同还贷", "product_name", []),
        ("动账通知关不掉", "app_function", ["动账通知"]),
        ("忘记登录密码怎么找回", "app_function", []),
        ("扣了我16块账户管理费", "app_function", []),
        ("提前还款有违约金吗", "app_function", []),
    ],
)
def test_names_begin_and_end_where_they_do(understander: Understander, text: str, slot: str, wanted: list[str]):
    assert values(understander, text, slot) == wanted


@pytest.mark.parametrize(
    ("said", "yuan"),
    [
        ("扣了我一万二", 12000),
        ("十五块五的手续费", 15.5),
        ("3千多块没了", 3000),
        ("少了两三百块钱", 200),
        ("少了1.2万", 12000),
        ("¥3,000.00没退", 3000),
        ("转了2w给人家", 20000),
        ("工资8k没到账", 8000),
        ("扣了3毛钱", 0.3),
        ("30多万存款", 300000),
        ("三十多万的存款", 300000),
        ("一共两万三千一", 23100),
        ("取走一万九千五", 19500),
        ("壹万贰仟元整", 12000),
        ("二百五十块六毛", 250.6),
        ("汇了一万零五百", 10500),
        ("金额是300不是500", 300),
        ("每期41.67块", 41.67),
        ("扣6,800元三笔", 6800),
    ],
)
def test_money_is_understood_as_it_is_spoken(understander: Understander, said: str, yuan: float):
    assert values(understander, said, "amount_yuan") == [yuan]


@pytest.mark.parametrize(
    "said",
    [
        "五位数的存款",
        "损失几百块",
        "等了两个小时",
        "我今年65岁",
        "398美元",
        "3个人排队",
        "尾号6180的卡",
        "打了95开头的电话",
        "第三次了",
        "100多人",
    ],
)
def test_numbers_that_are_no_money_are_none(understander: Understander, said: str):
    assert values(understander, said, "amount_yuan") == []


def test_what_is_not_meant_to_the_yuan_says_so(understander: Understander):
    (about,) = understander.understand(redact("少了两三百块"), NOON).entities_of("amount_yuan")
    assert about.details == {"approximate": True, "upto": 300}
    (exact,) = understander.understand(redact("少了300块"), NOON).entities_of("amount_yuan")
    assert exact.details == {}


# It is noon of Sunday, 1 November 2026.
@pytest.mark.parametrize(
    ("said", "at", "precision"),
    [
        ("昨天晚上8点扣的", "2026-10-31T20:00", "hour"),
        ("上周三下午三点多", "2026-10-21T15:00", "hour"),
        ("3月15号办的", "2026-03-15T00:00", "day"),
        ("前两天在你们那办的", "2026-10-30T00:00", "day"),
        ("国庆那天", "2026-10-01T00:00", "day"),
        ("国庆第三天", "2026-10-03T00:00", "day"),
        ("刚刚被扣了钱", "2026-11-01T12:00", "hour"),
        ("十分钟前", "2026-11-01T11:50", "minute"),
        ("一个半小时前", "2026-11-01T10:30", "hour"),
        ("大前天取的", "2026-10-29T00:00", "day"),
        ("上礼拜天", "2026-10-25T00:00", "day"),
        ("去年双十一买的", "2025-11-11T00:00", "day"),
        ("三月十五号下午两点半", "2026-03-15T14:30", "minute"),
        ("昨夜零点过五分", "2026-11-01T00:05", "minute"),
        ("昨天半夜十二点", "2026-11-01T00:00", "hour"),
        ("早上十点三刻摔的", "2026-11-01T10:45", "minute"),
        ("前天下午五点零三分", "2026-10-30T17:03", "minute"),
        ("2026年10月3日14:30", "2026-10-03T14:30", "minute"),
        ("12月25号的事", "2025-12-25T00:00", "day"),
        ("正月初八去的", "2026-02-24T00:00", "day"),
        ("2月14日情人节那天", "2026-02-14T00:00", "day"),
    ],
)
def test_when_it_happened_is_understood_and_never_lies_in_the_future(
    understander: Understander, said: str, at: str, precision: str
):
    (found,) = understander.understand(redact(said), NOON).entities_of("occurred_at")
    assert (found.value, found.details["precision"]) == (f"{at}:00+08:00", precision)


@pytest.mark.parametrize(
    "said", ["明天下午三点来办", "下周一要用钱", "周六开门吗", "每月15号发工资", "2月30号", "五一路支行", "周一必须给我放款"]
)
def test_what_is_to_come_or_recurs_is_no_time_of_an_incident(understander: Understander, said: str):
    assert values(understander, said, "occurred_at") == []


@pytest.mark.parametrize(
    ("said", "demand"),
    [
        ("年费扣错了，请把钱退给我", "请把钱退给我"),
        ("我要求全额退保，并且让他当面道歉", "我要求全额退保"),
        ("等了三天，给我个说法！", "给我个说法"),
        ("建议在明细里加一个按备注搜索的功能", "在明细里加一个按备注搜索的功能"),
        ("麻烦尽快处理", "麻烦尽快处理"),
        ("还我七千九！！", "还我七千九"),
    ],
)
def test_what_the_customer_wants_is_taken_in_their_own_words(understander: Understander, said: str, demand: str):
    assert values(understander, said, "demand")[0] == demand


@pytest.mark.parametrize(
    "said", ["柜员要求我提供身份证", "客服说会给我处理", "他们不给我退", "怎么退款", "没人给我解决", "答应退我的年费呢"]
)
def test_what_others_want_refuse_or_promise_is_no_demand(understander: Understander, said: str):
    assert values(understander, said, "demand") == []


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        ("查到了打我电话", "phone"),
        ("别打电话，发短信给我", "sms"),
        ("不要打电话了，有事微信上说", "wechat"),
        ("邮件回复即可", "email"),
        ("在app里回复我就好", "app"),
    ],
)
def test_how_the_customer_wants_to_hear_back_is_understood(understander: Understander, said: str, channel: str):
    assert values(understander, said, "preferred_channel") == [channel]


@pytest.mark.parametrize("said", ["你们天天给我打电话推销", "打电话没人接", "给我发短信说我逾期", "加我微信问我要不要贷款"])
def test_calls_and_messages_that_came_are_no_wish(understander: Understander, said: str):
    assert values(understander, said, "preferred_channel") == []


def test_a_bank_adds_its_own_names_in_its_own_folder(tmp_path, tmp_path_factory):
    (tmp_path / "names.yml").write_text(
        'version: "3.1"\nnlu:\n- lookup: product_name\n  examples: |\n    - 鑫旺财\n'
        "- lookup: branch\n  examples: |\n    - 清溪路支行\n- synonym: 清溪路支行\n  examples: |\n    - 老车站那家\n",
        "utf-8",
    )
    understander = Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"), own=tmp_path)
    assert values(understander, "鑫旺财怎么亏了", "product_name") == ["鑫旺财"]
    assert values(understander, "老车站那家的柜员骂人", "branch") == ["清溪路支行"]


def test_a_list_for_no_slot_is_refused_with_the_file_named(tmp_path, tmp_path_factory):
    (tmp_path / "names.yml").write_text('version: "3.1"\nnlu:\n- lookup: colour\n  examples: |\n    - 红色\n', "utf-8")
    with pytest.raises(ValueError, match=r"names\.yml.*colour"):
        Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"), own=tmp_path)
