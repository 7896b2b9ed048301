"""Customers of a channel account. Ids, names and phones are sealed; equality goes through fingerprints."""

import json
from typing import Any

from sqlalchemy import bindparam, select

from store.crypto import Crypto
from store.engine import Tx
from store.model import Customer
from store.tables import customers

_BY_ID = select(customers).where(customers.c.id == bindparam("id"))


def external_hmac(crypto: Crypto, account: str, external_id: str) -> str:
    """The fingerprint of a channel's customer id."""
    return crypto.hmac("external:" + account, external_id)


def signed_hmac(crypto: Crypto, signed_id: str) -> str:
    """The fingerprint of the bank's own customer id: the same on every channel."""
    return crypto.hmac("signed", signed_id)


def phone_hmac(crypto: Crypto, phone: str) -> str:
    """The fingerprint of a phone number."""
    return crypto.hmac("phone", phone)


def name_hmac(crypto: Crypto, name: str) -> str:
    """The fingerprint of a person's name, however it is spaced."""
    return crypto.hmac("name", "".join(name.split()))


def sealed_row(crypto: Crypto, customer: Customer) -> dict[str, Any]:
    """*customer* as column values, ready to insert (all but ``created_at``)."""
    profile = {
        "signed_id": customer.signed_id,
        "name": customer.name,
        "phone": customer.phone,
    }
    known = any(profile.values())
    return {
        "id": customer.id,
        "account": customer.account,
        "external_hmac": external_hmac(crypto, customer.account, customer.external_id),
        "external_enc": crypto.encrypt(customer.external_id, f"customers.external_enc.{customer.id}"),
        "signed_hmac": signed_hmac(crypto, customer.signed_id) if customer.signed_id else None,
        "profile_enc": crypto.encrypt(json.dumps(profile), f"customers.profile_enc.{customer.id}") if known else None,
        "phone_hmac": phone_hmac(crypto, customer.phone) if customer.phone else None,
        "name_hmac": name_hmac(crypto, customer.name) if customer.name else None,
        "privacy_notice_version": customer.privacy_notice_version,
    }


def from_row(crypto: Crypto, row: Any) -> Customer:
    """The customer in a row of ``customers``, opened."""
    profile = json.loads(crypto.decrypt(row.profile_enc, f"customers.profile_enc.{row.id}")) if row.profile_enc else {}
    return Customer(
        id=row.id,
        account=row.account,
        external_id=crypto.decrypt(row.external_enc, f"customers.external_enc.{row.id}"),
        signed_id=profile.get("signed_id"),
        name=profile.get("name"),
        phone=profile.get("phone"),
        privacy_notice_version=row.privacy_notice_version,
    )


def get(tx: Tx, customer_id: str) -> Customer | None:
    """The customer with that id."""
    row = tx.conn.execute(_BY_ID, {"id": customer_id}).one_or_none()
    return from_row(tx.crypto, row) if row else None
