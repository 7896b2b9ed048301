"""A customer of WeChat Customer Service: somebody who writes to one of our addresses there. Pure."""

from typing import NamedTuple

SEPARATOR = "/"  # stands in neither id: the platform makes both of letters, digits, - and _


class Address(NamedTuple):
    """Who (``external_userid``) wrote to which of our addresses (``open_kfid``): to another one it is another conversation."""

    open_kfid: str
    external_userid: str

    def __str__(self) -> str:
        return f"{self.open_kfid}{SEPARATOR}{self.external_userid}"


def address_of(customer: str) -> Address:
    """The address that a customer id of ours stands for."""
    open_kfid, _, external_userid = customer.partition(SEPARATOR)
    return Address(open_kfid, external_userid)
