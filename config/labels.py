"""The value sets that every part shares. A value is stored and sent as written here; its Chinese name is in the catalogue."""

from enum import StrEnum


class Kind(StrEnum):
    """What a message is; the order is the order of decision: the first that fits wins."""

    URGENT_REPORT = "urgent_report"
    HUMAN_REQUEST = "human_request"
    TICKET_STATUS = "ticket_status"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    ENQUIRY = "enquiry"
    GREETING_CHITCHAT = "greeting_chitchat"
    OTHER = "other"


class TicketKind(StrEnum):
    """A ticket's own kind. An urgent report becomes a complaint with priority urgent."""

    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    ENQUIRY = "enquiry"
    PRAISE = "praise"
    OTHER = "other"


class DialogueAct(StrEnum):
    """Moves inside a dialogue. They are intents beside the kinds, never a ``feedback.kind``."""

    AFFIRM = "affirm"
    DENY = "deny"
    INFORM = "inform"
    CORRECT = "correct"
    SKIP = "skip"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"


class Product(StrEnum):
    """What the message is about."""

    ACCOUNT_DEPOSIT = "account_deposit"
    DEBIT_CARD = "debit_card"
    CREDIT_CARD = "credit_card"
    LOAN = "loan"
    WEALTH_FUND = "wealth_fund"
    MOBILE_APP = "mobile_app"
    PAYMENT_TRANSFER = "payment_transfer"
    BRANCH_SERVICE = "branch_service"
    HOTLINE = "hotline"
    ATM_SELFSERVICE = "atm_selfservice"
    FEES = "fees"
    SECURITY_FRAUD = "security_fraud"
    OTHER = "other"


class Emotion(StrEnum):
    """How the customer sounds."""

    CALM = "calm"
    DISSATISFIED = "dissatisfied"
    ANGRY = "angry"
    DISTRESSED = "distressed"


class EscalationSign(StrEnum):
    """Words that call for a careful person, whatever the kind."""

    REGULATOR = "regulator"
    MEDIA = "media"
    LAWYER = "lawyer"
    SELF_HARM = "self_harm"
    THREAT = "threat"
    ELDERLY = "elderly"
    DISABLED = "disabled"
    MINOR = "minor"
    HARDSHIP = "hardship"
    GROUP = "group"


class Priority(StrEnum):
    """``urgent`` comes from understanding or a person; ``major`` is confirmed by a person."""

    NORMAL = "normal"
    URGENT = "urgent"
    MAJOR = "major"


class FeedbackChannel(StrEnum):
    """Where a piece of feedback came in (not where the business was done)."""

    WECHAT_OFFICIAL = "wechat_official"
    WECHAT_MINI = "wechat_mini"
    WECHAT_KF = "wechat_kf"
    IN_APP = "in_app"
    WEB_FORM = "web_form"
    HOTLINE = "hotline"
    HOTLINE_VOICE = "hotline_voice"
    COUNTER = "counter"
    PAPER_FORM = "paper_form"
    SUGGESTION_BOX = "suggestion_box"
    BRANCH_QR = "branch_qr"
    EMAIL = "email"
    REGULATOR = "regulator"
    API = "api"


class Speaker(StrEnum):
    """Who said a message."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Holder(StrEnum):
    """Who may speak in a conversation: the bot, nobody yet (waiting), a person, or nobody any more."""

    BOT = "bot"
    QUEUED = "queued"
    HUMAN = "human"
    ENDED = "ended"


class Audience(StrEnum):
    """Who sees a message: customer and desk, or the desk alone (internal notes, marks)."""

    ALL = "all"
    DESK = "desk"


class TicketState(StrEnum):
    """States of a ticket; the customer sees four of them under the bank's own names."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    AWAITING_CUSTOMER = "awaiting_customer"
    REPLIED = "replied"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    NOT_ACCEPTED = "not_accepted"


class Nature(StrEnum):
    """What a ticket is for routing: decides the responsible department."""

    FRAUD_SAFETY = "fraud_safety"
    TRANSACTION = "transaction"
    SYSTEM_FAULT = "system_fault"
    PRODUCT_FUNCTION = "product_function"
    SERVICE_ATTITUDE = "service_attitude"
    PRICING = "pricing"
    CREDIT_COLLECTION = "credit_collection"
    WEALTH_SALES = "wealth_sales"
    PERSONAL_INFORMATION = "personal_information"
    SUGGESTION = "suggestion"
    UNCLEAR = "unclear"


class Role(StrEnum):
    """What a member of staff may do at the desk."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class HandoffReason(StrEnum):
    """Why a conversation goes to a person."""

    ASKED = "asked"
    URGENT = "urgent"
    NOT_UNDERSTOOD = "not_understood"
    EMOTION = "emotion"
    POLICY = "policy"
    COMPLAINT = "complaint"
    FAILURE = "failure"


TERMINAL_TICKET_STATES = frozenset({TicketState.CLOSED, TicketState.WITHDRAWN, TicketState.MERGED, TicketState.NOT_ACCEPTED})
OPEN_TICKET_STATES = frozenset(TicketState) - TERMINAL_TICKET_STATES - {TicketState.RESOLVED}


class Scope(StrEnum):
    """What an API key may be allowed."""

    CHAT = "chat"  # speak for customers: Rasa's REST channel, parsing, actions
    FEEDBACK_WRITE = "feedback:write"
    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_WRITE = "conversations:write"
    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    UNMASK = "unmask"  # see in full what is masked; each time is written down with its reason
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    BRANCHES = "branches"  # codes that branches put up
    WEBHOOKS = "webhooks"


class Topic(StrEnum):
    """What webhooks may be told of."""

    CONVERSATION_QUEUED = "conversation.queued"
    CONVERSATION_CLAIMED = "conversation.claimed"
    CONVERSATION_LEFT = "conversation.left"
    CONVERSATION_ENDED = "conversation.ended"
    TICKET_FILED = "ticket.filed"
    TICKET_MOVED = "ticket.moved"
    TICKET_SUPPLEMENTED = "ticket.supplemented"
