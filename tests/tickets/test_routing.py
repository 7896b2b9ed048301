import copy
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.catalogue import load_yaml
from config.labels import EscalationSign, Kind, Nature, Priority, Product, TicketKind
from handoff.routing import Dispatch, department_name, department_names, department_of, major_proposals, nature_of, read_rules

N = Nature


@pytest.mark.parametrize(
    ("kind", "product_", "text", "nature"),
    [
        ("complaint", "security_fraud", "有人冒充银行客服让我转账", N.FRAUD_SAFETY),
        ("urgent_report", "payment_transfer", "刚刚转错账号了，五万块", N.FRAUD_SAFETY),
        ("urgent_report", "debit_card", "我的卡被盗刷了", N.FRAUD_SAFETY),
        ("urgent_report", "atm_selfservice", "取款机没吐钞，账上扣了两千元", N.FRAUD_SAFETY),
        ("complaint", "credit_card", "我没消费过，肯定是盗刷", N.FRAUD_SAFETY),
        ("urgent_report", "atm_selfservice", "ATM 把我的卡吞了", N.TRANSACTION),
        ("complaint", "atm_selfservice", "自助机把我的卡吞了，到现在没人联系", N.TRANSACTION),
        ("complaint", "account_deposit", "我的账户被冻结了，没人告诉我原因", N.TRANSACTION),
        ("complaint", "payment_transfer", "转账三天了还没到账", N.TRANSACTION),
        ("complaint", "debit_card", "余额少了三百元", N.TRANSACTION),
        ("complaint", "mobile_app", "手机银行一直闪退，登录不了", N.SYSTEM_FAULT),
        ("complaint", "atm_selfservice", "楼下的机器天天坏了不能用", N.SYSTEM_FAULT),
        ("complaint", "atm_selfservice", "取款机坏了一个星期没人修", N.SYSTEM_FAULT),
        ("complaint", "mobile_app", "转账页面找不到常用收款人，很不方便", N.PRODUCT_FUNCTION),
        ("complaint", "credit_card", "积分兑换规则太不合理", N.PRODUCT_FUNCTION),
        ("complaint", "branch_service", "排队排了两个小时", N.SERVICE_ATTITUDE),
        ("complaint", "other", "你们那个柜员态度太差", N.SERVICE_ATTITUDE),
        ("complaint", "hotline", "接线员很不耐烦，直接挂电话", N.SERVICE_ATTITUDE),
        ("complaint", "hotline", "客服热线等了四十分钟", N.SERVICE_ATTITUDE),
        ("praise", "branch_service", "大堂经理帮我跑前跑后，谢谢她", N.SERVICE_ATTITUDE),
        ("complaint", "fees", "小额账户管理费为什么偷偷扣", N.PRICING),
        ("complaint", "loan", "提前还款要等一个月", N.CREDIT_COLLECTION),
        ("complaint", "credit_card", "催收天天给我家人打电话", N.CREDIT_COLLECTION),
        ("complaint", "wealth_fund", "买的理财亏了一半", N.WEALTH_SALES),
        ("complaint", "account_deposit", "去存钱结果变成了保险，销售误导", N.WEALTH_SALES),
        ("complaint", "other", "我的个人信息被泄露了", N.PERSONAL_INFORMATION),
        ("complaint", "loan", "未经我同意就查了我的征信", N.PERSONAL_INFORMATION),
        ("complaint", "credit_card", "没有经过我同意就给我办了张信用卡", N.PERSONAL_INFORMATION),
        ("complaint", "mobile_app", "网银U盾驱动装不上", N.SYSTEM_FAULT),
        ("suggestion", "mobile_app", "建议增加夜间模式", N.SUGGESTION),
        ("suggestion", "fees", "建议跨行转账免手续费", N.SUGGESTION),
        ("complaint", "other", "对你们很不满意", N.UNCLEAR),
        ("complaint", "other", "App 用不了，打给客服态度又很差", N.UNCLEAR),
        ("complaint", "other", "系统故障，什么都打不开", N.SYSTEM_FAULT),
        ("other", "other", "", N.UNCLEAR),
    ],
)
def test_what_was_said_decides_the_nature(kind: str, product_: str, text: str, nature: Nature) -> None:
    assert nature_of(kind, product_, text, ()) is nature


def test_spaces_and_full_width_letters_do_not_hide_a_word() -> None:
    assert nature_of("complaint", "mobile_app", "手机银行 闪 退", ()) is N.SYSTEM_FAULT


@pytest.mark.parametrize(
    ("nature", "lead", "joins"),
    [
        (N.FRAUD_SAFETY, "operations", ("risk", "security")),
        (N.TRANSACTION, "operations", ("it", "branch")),
        (N.SYSTEM_FAULT, "it", ("operations",)),
        (N.PRODUCT_FUNCTION, "product_rd", ("it",)),
        (N.SERVICE_ATTITUDE, "branch_mgmt", ("consumer_protection",)),
        (N.PRICING, "pricing", ("product_rd",)),
        (N.CREDIT_COLLECTION, "retail_credit", ("compliance",)),
        (N.WEALTH_SALES, "wealth", ("compliance",)),
        (N.PERSONAL_INFORMATION, "compliance", ("it",)),
        (N.SUGGESTION, "product_rd", ()),
        (N.UNCLEAR, "consumer_protection", ()),
    ],
)
def test_each_nature_has_its_lead_and_who_may_join(nature: Nature, lead: str, joins: tuple[str, ...]) -> None:
    dispatch = department_of(nature)
    assert (dispatch.department, dispatch.co_departments) == (lead, joins)


def test_attitude_away_from_an_outlet_goes_to_human_resources() -> None:
    assert department_of(N.SERVICE_ATTITUDE, product="hotline").department == "hr"
    assert department_of(N.SERVICE_ATTITUDE, product="hotline", at_outlet=True).department == "branch_mgmt"
    assert department_of(N.SERVICE_ATTITUDE, at_outlet=False).department == "hr"


@pytest.mark.parametrize(
    ("product_", "owner"),
    [
        ("loan", "retail_credit"),
        ("wealth_fund", "wealth"),
        ("fees", "pricing"),
        ("branch_service", "branch_mgmt"),
        ("mobile_app", "product_rd"),
    ],
)
def test_a_suggestion_goes_to_the_owner_of_its_product(product_: str, owner: str) -> None:
    assert department_of(N.SUGGESTION, product=product_).department == owner


def test_a_major_matter_is_led_by_consumer_protection_and_the_expert_joins() -> None:
    dispatch = department_of(N.FRAUD_SAFETY, priority=Priority.MAJOR)
    assert dispatch == Dispatch("consumer_protection", ("operations", "risk", "security"), "major@1")


def test_naming_the_regulator_brings_a_matter_to_consumer_protection() -> None:
    dispatch = department_of(N.PRICING, signs=[EscalationSign.REGULATOR])
    assert dispatch == Dispatch("consumer_protection", ("pricing", "product_rd"), "regulator@1")


def test_other_signs_do_not_move_a_matter() -> None:
    for sign in set(EscalationSign) - {EscalationSign.REGULATOR}:
        assert department_of(N.PRICING, signs=[sign]) == department_of(N.PRICING)


@pytest.mark.parametrize(
    ("nature", "signs", "amount", "rules"),
    [
        (N.FRAUD_SAFETY, [], 50_000, ("large-loss@1",)),
        (N.FRAUD_SAFETY, [], 49_999.99, ()),
        (N.TRANSACTION, [], 1_000_000, ()),
        (N.PRICING, ["self_harm"], 0, ("life-in-danger@1",)),
        (N.PRICING, ["media"], 0, ("in-public@1",)),
        (N.FRAUD_SAFETY, ["elderly"], 0, ("vulnerable-victim@1",)),
        (N.PRICING, ["elderly"], 0, ()),
    ],
)
def test_rules_propose_a_major_matter(nature: Nature, signs: list[str], amount: float, rules: tuple[str, ...]) -> None:
    assert major_proposals(nature, signs=signs, amount_yuan=amount) == rules


@given(
    st.sampled_from([*Kind, *TicketKind]),
    st.sampled_from(list(Product)),
    st.text(max_size=60),
    st.lists(st.sampled_from(list(EscalationSign))),
)
def test_everything_that_can_be_said_finds_a_department_with_a_name(
    kind: str, product_: str, text: str, signs: list[str]
) -> None:
    nature = nature_of(kind, product_, text, signs)
    for priority in Priority:
        dispatch = department_of(nature, priority=priority, signs=signs, product=product_)
        assert dispatch.department not in dispatch.co_departments
        assert all(department_name(name) for name in (dispatch.department, *dispatch.co_departments))
        assert "@" in dispatch.rule


def test_every_nature_is_reachable() -> None:
    texts = ("闪退", "被盗刷", "个人信息泄露", "态度差", "扣了钱", "")
    found = {nature_of(kind, product_, text, ()) for kind, product_, text in product(Kind, Product, texts)}
    assert found == set(Nature)


def test_a_long_text_is_judged_in_a_blink() -> None:
    # Nothing in the word nets may look back over the text again and again.
    assert nature_of("complaint", "mobile_app", "信息资料号码擅自未经" * 800, ()) is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["natures"][0].update(nature="nonsense"), "nonsense"),
        (lambda data: data["natures"][0]["when"].update(kinds=["complain"]), "complain"),
        (lambda data: data["natures"][0]["when"].update(word=["fraud"]), "word"),
        (lambda data: data["natures"][0]["when"].update(words=["frauds"]), "frauds"),
        (lambda data: data["departments"][0].update(department="operation"), "operation"),
        (lambda data: data["departments"][2].update(co_departments=["riks"]), "riks"),
        (lambda data: data["departments"][0].update(priority=11), "same priority"),
        (lambda data: data["natures"].pop(), "no condition"),
    ],
)
def test_a_misspelt_rule_is_refused_instead_of_never_matching(change: object, message: str) -> None:
    data = copy.deepcopy(load_yaml("routing.yaml"))
    change(data)  # type: ignore[operator]
    with pytest.raises(ValueError, match=message):
        read_rules(data)


def test_department_names_are_chinese_and_different() -> None:
    names = list(department_names().values())
    assert len(set(names)) == len(names)
    assert all("\u4e00" <= char <= "\u9fff" for name in names for char in name)
