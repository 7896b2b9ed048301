"""A ticket at a glance: its customer knows it again, and whoever else opens the link learns nobody's name or number."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.catalogue import Catalogue, load_yaml
from config.labels import FeedbackChannel, Priority, Product, TicketKind, TicketState
from handoff.tickets.glance import FIRST_COLUMNS, first_words, glance, masked
from store.model import Ticket

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def ticket(content: str = "柜员态度很差", product: str = "branch_service", name: str = "", **record: Any) -> Ticket:
    return Ticket(
        no="FB20261123000001X",
        kind=TicketKind.COMPLAINT,
        state=TicketState.PENDING,
        priority=Priority.NORMAL,
        version=1,
        channel=FeedbackChannel.IN_APP,
        account=None,
        customer_id=None,
        conversation_id=None,
        product=product,
        nature="attitude",
        department="branch_mgmt",
        content=content,
        record=record,
        contact_phone=None,
        customer_name=name,
        received_at=NOW,
        due_at=None,
        updated_at=NOW,
    )


def test_product_day_place_and_sum_are_told_where_they_are_known():
    shown = glance(ticket(occurred_at="2026-11-20T23:30:00+00:00", occurred_place="朝阳支行", amount_yuan=12345.5), Catalogue())
    assert (shown.product, shown.day, shown.place, shown.amount, shown.words) == (
        "网点服务",
        "2026年11月21日",
        "朝阳支行",
        "12,345.50元",
        "柜员态度很差",
    )
    english = glance(ticket(occurred_at="2026-11-20T23:30:00+00:00", amount_yuan=500), Catalogue().asked_for("en"))
    assert (english.product, english.day, english.amount) == ("Service at a branch", "21 November 2026", "500 yuan")


def test_what_is_not_known_is_empty_and_no_reason_for_it_is_shown():
    left_out = {"na": "declined"}
    shown = glance(ticket(product="other", occurred_at=left_out, occurred_place=left_out, amount_yuan=left_out), Catalogue())
    assert (shown.product, shown.day, shown.place, shown.amount) == ("", "", "", "")


def test_a_moment_or_place_in_the_customers_words_is_masked_as_they_are():
    shown = glance(ticket(occurred_at="上周三，柜员王丽丽在", occurred_place="我家，建国路5号院3号楼502室"), Catalogue())
    assert (shown.day, shown.place) == ("上周三，柜员王*在", "我家，建国路****号院****号楼****室")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我叫李秀英，柜员王丽丽把我的卡[卡号·尾号0128]吞了", "我叫李*，柜员王*把我的卡****吞了"),
        ("我妈张桂兰在你们网点买了五万的理财", "我妈张*在你们网点买了五万的理财"),
        ("户名：欧阳娜娜，电话[手机号·尾号5678]", "户名：欧阳*，电话****"),
        ("卡尾号8821的卡，尾号是八八二一", "卡尾号****的卡，尾号****"),
        ("后四位 1234，流水号20261103123456", "后四位****，流水号****"),
        ("工号10086的柜员，邮箱 li.x@bank.example", "工号****的柜员，邮箱 ****"),
        ("我家在建国路88号院3号楼502室", "我家在建国路****号院****号楼****室"),
        ("2026年11月3日转账5000元，手续费12.50元", "2026年11月3日转账5000元，手续费12.50元"),
        ("2026-11-03 等了2小时", "2026-11-03 等了2小时"),
        ("My name is Li Xiuying, the teller Wang Li took card 6222 0201", "My name is L*, the teller W* took card ****"),
    ],
)
def test_names_numbers_and_homes_are_hidden_and_days_and_sums_are_not(said, shown):
    assert masked(said) == shown


def test_the_customers_own_name_is_hidden_wherever_it_stands():
    assert masked("这事诸葛小明不会忘，诸葛小明！", "诸葛小明") == "这事诸葛*不会忘，诸葛*！"


def test_a_long_text_ends_at_a_pause_and_a_name_cut_in_two_is_hidden_all_the_same():
    said = "我昨天下午在朝阳支行排了两个小时的队，轮到我的时候机器坏了，柜员让我明天再来，也没有人道歉"
    assert first_words(said) == "我昨天下午在朝阳支行排了两个小时的队，轮到我的时候机器坏了，柜员让我明天再来…"
    english = "The clerk at the counter kept me waiting for two hours, then she shut her window and left"
    assert first_words(english) == "The clerk at the counter kept me waiting for two hours, then she shut her…"
    begins = "说" * (FIRST_COLUMNS // 2 - 4)
    assert "欣怡" not in first_words(f"{begins}柜员王欣怡，说不行", "")
    assert "欣" not in first_words(f"{begins}柜员王欣怡，说不行", "")


@given(st.text(), st.text(max_size=6))
def test_no_words_grow_beyond_two_lines_or_break(said, name):
    shown = first_words(said, name)
    assert len(shown) <= FIRST_COLUMNS
    assert "\n" not in shown


@given(
    st.text(alphabet="我的卡被吞了，。、在 a", max_size=20),
    st.from_regex(r"\A[1-9]\d{5,17}\Z"),
    st.sampled_from(["", "。", "，谢谢", " 的"]),
)
def test_no_long_number_is_ever_shown(before, number, behind):
    assert number not in masked(f"{before}{number}{behind}")


def test_products_have_the_names_of_the_read_back():
    names = load_yaml("notices.zh-CN.yaml")["tickets"]["products"]
    assert names == load_yaml("readback.zh-CN.yaml")["products"]
    assert set(names) == set(load_yaml("notices.en.yaml")["tickets"]["products"]) == set(Product)
