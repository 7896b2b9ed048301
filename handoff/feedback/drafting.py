"""From a checked form to a ticket ready to file: protected values taken out, what was not told found from the words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from config.labels import EscalationSign, FeedbackChannel, Kind, Priority, TicketKind
from handoff.feedback.form import FeedbackForm, ReadbackPart
from handoff.routing import nature_of
from handoff.tickets.clocks import Clocks
from handoff.tickets.draft import Filing, build_draft, ticket_kind
from handoff.tickets.masking import mask_email, mask_name
from handoff.tickets.sealing import seal, sealed_originals
from intents.understanding import Redacted, Understanding
from store.crypto import Crypto
from store.tickets import TicketDraft

# What people write themselves; the rest of the record has a shape of its own.
_FREE_TEXT = ("demand", "occurred_place", "branch", "machine", "product_name", "staff_name")
_CONFIRMING_ROLES = frozenset({"customer", "proxy", "heir"})
_SELF_SERVICE = frozenset({FeedbackChannel.WEB_FORM, FeedbackChannel.IN_APP, FeedbackChannel.BRANCH_QR})


class Redact(Protocol):
    """``intents.redact.redact``: takes protected values out of a text."""

    def __call__(self, text: str, *, expecting: str | None = None) -> Redacted:
        """The text safe to store, with what was taken out of it."""
        ...


class Understands(Protocol):
    """Whoever can tell what a text is about."""

    async def understand(self, redacted: Redacted, now: datetime) -> Understanding:
        """What the text is about, read at that moment."""
        ...


class FormFiler:
    """Makes ticket drafts of forms."""

    def __init__(self, clocks: Clocks, understander: Understands, redact: Redact, crypto: Crypto) -> None:
        self._clocks = clocks
        self._understander = understander
        self._redact = redact
        self._crypto = crypto

    async def draft(
        self, form: FeedbackForm, received_at: datetime, no: str, attachments: Sequence[Mapping[str, object]] = ()
    ) -> tuple[TicketDraft, list[str]]:
        """The ticket for *form* with everything protected taken out of its texts, and what the sender should be warned of."""
        content = self._redact(form.content)
        understood = await self._understander.understand(content, received_at)
        record = form.record()
        redacted = [content]
        for name in _FREE_TEXT:
            if name in record:
                clean = self._redact(record[name], expecting=name)
                redacted.append(clean)
                record[name] = clean.text
        for name, reason in form.not_applicable.items():
            clean = self._redact(reason, expecting=name)
            redacted.append(clean)
            record.setdefault(name, {"na": clean.text})
        confirmed_text = ""
        if form.readback:
            clean = self._redact(form.readback.text)
            redacted.append(clean)
            confirmed_text = clean.text
        record |= self._sealed(no, form, redacted)
        if form.readback:
            record["readback"] = self._confirmation(no, form.readback)
        if attachments:
            record["attachments"] = [dict(item) for item in attachments]
        record["suggested"] = _suggested(understood)
        signs = list(dict.fromkeys((*understood.escalation_signs, *form.escalation_signs)))
        if form.channel is FeedbackChannel.REGULATOR and EscalationSign.REGULATOR not in signs:
            signs.append(EscalationSign.REGULATOR)
        urgent = understood.urgent if form.urgent is None else form.urgent
        kind = form.kind or ticket_kind(understood.kind)
        # An incident that must be acted on at once is filed as a complaint, but goes to whoever can stop it.
        incident = understood.kind is Kind.URGENT_REPORT and kind is TicketKind.COMPLAINT
        product = (form.product or understood.product).value
        filing = Filing(
            no=no,
            kind=kind,
            priority=Priority.URGENT if urgent else Priority.NORMAL,
            product=product,
            nature=nature_of(Kind.URGENT_REPORT if incident else kind, product, content.text, signs),
            content=content.text,
            channel=form.channel,
            received_at=received_at,
            record=record,
            signs=signs,
            contact_phone=form.contact.phone,
            customer_name=form.customer.name,
            signed_id=form.customer.reference,
            confirmed_text=confirmed_text,
            filed_by=_filed_by(form),
        )
        warnings = ["secret_removed"] if any(item.has_secret for item in redacted) else []
        return build_draft(filing, self._clocks, chat=False), warnings

    def _sealed(self, no: str, form: FeedbackForm, redacted: list[Redacted]) -> dict[str, Any]:
        """Originals of what was taken out of the texts, and the e-mail address, sealed one by one for this ticket."""
        sealed = sealed_originals(self._crypto, no, "protected", redacted)
        if form.contact.email:
            address = form.contact.email
            sealed["contact"] = {"email": mask_email(address), "sealed": self._seal(no, "contact", address)}
        return sealed

    def _confirmation(self, no: str, readback: ReadbackPart) -> dict[str, str]:
        """Who confirmed and when; a name is personal data, so it is sealed."""
        at = readback.at.isoformat()
        if readback.confirmed_by in _CONFIRMING_ROLES:
            return {"confirmed_by": readback.confirmed_by, "at": at}
        sealed = self._seal(no, "readback", readback.confirmed_by)
        return {"confirmed_by": mask_name(readback.confirmed_by), "sealed": sealed, "at": at}

    def _seal(self, no: str, name: str, value: str) -> str:
        return seal(self._crypto, no, name, value)


def _filed_by(form: FeedbackForm) -> str:
    if form.registered_by:
        return f"staff:{form.registered_by}"
    return "customer" if form.channel in _SELF_SERVICE else "system"


def _suggested(understood: Understanding) -> dict[str, Any]:
    """What the words alone said, kept beside what the sender chose."""
    return {
        "kind": understood.kind.value,
        "kind_confidence": round(understood.kind_confidence, 3),
        "product": understood.product.value,
        "product_confidence": round(understood.product_confidence, 3),
        "urgent": understood.urgent,
        "understood": understood.understood,
    }
