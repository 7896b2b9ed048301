from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.labels import EscalationSign, FeedbackChannel, Kind, Priority, Product, TicketKind
from handoff.tickets.clocks import Clocks
from handoff.tickets.draft import GROUP_A, ORAL_CHANNELS, Filing, build_draft, missing_from_group_a, not_applicable, ticket_kind
from store.model import Ticket
from store.tickets import TicketDraft

CLOCKS = Clocks.load("09:00-18:00")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
COMPLAINT = Filing(
    no="FB20261123000001A",
    kind=TicketKind.COMPLAINT,
    priority=Priority.NORMAL,
    product="atm_selfservice",
    content="取款机把我的卡吞了",
    channel=FeedbackChannel.WECHAT_OFFICIAL,
    received_at=NOW,
    record={"demand": "把卡退给我", "place": "人民路支行", "occurred_at": "2026-11-23T09:30:00+08:00"},
    contact_phone="13812345678",
)


def test_a_draft_is_dispatched_by_rule_and_carries_the_rule() -> None:
    draft = build_draft(COMPLAINT, CLOCKS)
    assert (draft.nature, draft.department, draft.dispatch_rule) == ("transaction", "operations", "transaction@1")
    assert draft.record["co_departments"] == ["it", "branch"]


def test_the_rule_behind_the_nature_is_kept_unless_somebody_knew_better() -> None:
    assert build_draft(COMPLAINT, CLOCKS).record["nature_rule"] == "machine-money@1"
    assert build_draft(replace(COMPLAINT, nature="pricing"), CLOCKS).record["nature_rule"] == "given"


def test_a_draft_keeps_the_customers_own_words_unchanged() -> None:
    words = "  取款机把\n我的卡吞了!!  "
    assert build_draft(replace(COMPLAINT, content=words), CLOCKS).content == words


def test_a_nature_that_the_dialogue_found_is_kept() -> None:
    assert build_draft(replace(COMPLAINT, nature="fraud_safety"), CLOCKS).nature == "fraud_safety"


def test_the_promise_is_the_clocks_answer() -> None:
    for priority in Priority:
        draft = build_draft(replace(COMPLAINT, priority=priority), CLOCKS)
        assert draft.due_at == CLOCKS.reply_due(NOW, "complaint", priority)


def test_the_place_is_filed_under_its_name_in_the_standard_record() -> None:
    record = build_draft(COMPLAINT, CLOCKS).record
    assert record["occurred_place"] == "人民路支行"
    assert "place" not in record


def test_a_branch_is_a_place_unless_another_was_told() -> None:
    assert build_draft(replace(COMPLAINT, record={"branch": "人民路支行"}), CLOCKS).record["occurred_place"] == "人民路支行"
    both = {"branch": "人民路支行", "place": "门口的取款机"}
    assert build_draft(replace(COMPLAINT, record=both), CLOCKS).record["occurred_place"] == "门口的取款机"


def test_a_phone_number_in_the_record_moves_to_the_sealed_contact() -> None:
    draft = build_draft(replace(COMPLAINT, contact_phone=None, record={"phone": "13912345678"}), CLOCKS)
    assert draft.contact_phone == "13912345678"
    assert "13912345678" not in str(draft.record)


@given(
    st.sampled_from(list(TicketKind)),
    st.sampled_from(sorted(set(FeedbackChannel) - ORAL_CHANNELS)),
    st.sampled_from(list(Product)),
    st.dictionaries(
        st.sampled_from(["demand", "place", "occurred_at", "branch", "preferred_channel"]), st.sampled_from(["", "x", None])
    ),
    st.dictionaries(
        st.sampled_from(["demand", "place", "occurred_at", "phone"]), st.sampled_from(["answered", "skipped", "declined"])
    ),
)
def test_what_a_dialogue_files_is_complete_with_a_reason_for_every_gap(
    kind: TicketKind, channel: FeedbackChannel, product: Product, record: dict[str, str], asked: dict[str, str]
) -> None:
    filing = replace(COMPLAINT, kind=kind, channel=channel, product=product, record=record, asked=asked, contact_phone=None)
    draft = build_draft(filing, CLOCKS)
    assert missing_from_group_a(draft) == ()
    for name in set(GROUP_A) & set(draft.record):
        value = draft.record[name]
        assert value
        assert not isinstance(value, dict) or value["na"]


def test_skipped_and_never_asked_are_told_apart() -> None:
    draft = build_draft(
        replace(COMPLAINT, record={}, asked={"demand": "skipped", "phone": "declined"}, contact_phone=None), CLOCKS
    )
    assert draft.record["demand"] == not_applicable("declined")
    assert draft.record["contact"] == not_applicable("declined")
    assert draft.record["occurred_at"] == not_applicable("not_asked")
    assert draft.record["customer_name"] == not_applicable("not_asked")


def test_when_and_where_do_not_apply_to_a_suggestion() -> None:
    draft = build_draft(replace(COMPLAINT, kind=TicketKind.SUGGESTION, record={}), CLOCKS)
    assert draft.record["occurred_at"] == draft.record["occurred_place"] == not_applicable("not_applicable")


def test_a_form_is_filed_with_its_gaps_and_they_are_named() -> None:
    filing = replace(COMPLAINT, channel=FeedbackChannel.PAPER_FORM, record={}, contact_phone=None)
    draft = build_draft(filing, CLOCKS, chat=False)
    assert missing_from_group_a(draft) == (
        "customer_name",
        "contact",
        "preferred_channel",
        "demand",
        "occurred_at",
        "occurred_place",
    )


@pytest.mark.parametrize("channel", sorted(ORAL_CHANNELS))
def test_oral_feedback_is_incomplete_without_the_confirmed_read_back(channel: FeedbackChannel) -> None:
    filing = replace(COMPLAINT, channel=channel)
    assert missing_from_group_a(build_draft(filing, CLOCKS)) == ("readback",)
    assert missing_from_group_a(build_draft(replace(filing, confirmed_text="客户确认：卡被吞"), CLOCKS)) == ()


def test_a_filed_ticket_is_asked_the_same_way_as_its_draft() -> None:
    draft = build_draft(replace(COMPLAINT, record={}), CLOCKS, chat=False)
    shared = {field.name for field in fields(Ticket)} & {field.name for field in fields(TicketDraft)}
    ticket = Ticket(
        **{name: getattr(draft, name) for name in shared},
        version=1,
        updated_at=NOW,
        state="pending",  # type: ignore[arg-type]
    )
    assert missing_from_group_a(ticket) == missing_from_group_a(draft) != ()


def test_rules_propose_major_but_the_priority_stays_a_persons_choice() -> None:
    filing = replace(COMPLAINT, nature="fraud_safety", record={"amount_yuan": 80_000.0}, signs=["media"])
    draft = build_draft(filing, CLOCKS)
    assert draft.priority is Priority.NORMAL
    assert draft.record["major_proposed_by"] == ["large-loss@1", "in-public@1"]
    assert "major_proposed_by" not in build_draft(COMPLAINT, CLOCKS).record


def test_a_branch_in_the_record_decides_who_answers_for_attitude() -> None:
    filing = replace(COMPLAINT, product="hotline", content="态度很差", record={"branch": "人民路支行"})
    assert build_draft(filing, CLOCKS).department == "branch_mgmt"
    assert build_draft(replace(filing, record={}), CLOCKS).department == "hr"


def test_the_regulators_sign_is_kept_and_moves_the_lead() -> None:
    draft = build_draft(replace(COMPLAINT, signs=[EscalationSign.REGULATOR]), CLOCKS)
    assert draft.department == "consumer_protection"
    assert draft.record["escalation_signs"] == ["regulator"]
    assert draft.nature == "transaction"


@pytest.mark.parametrize(
    ("kind", "filed_as"),
    [
        (Kind.URGENT_REPORT, "complaint"),
        (Kind.PRAISE, "praise"),
        (Kind.HUMAN_REQUEST, "other"),
        (Kind.TICKET_STATUS, "other"),
        (Kind.OTHER, "other"),
    ],
)
def test_a_message_kind_has_its_ticket_kind(kind: Kind, filed_as: str) -> None:
    assert ticket_kind(kind) == filed_as
