"""The accounts that the fake platform has: what stands in their consoles."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["official", "mini", "kf"]


@dataclass(frozen=True, slots=True)
class FakeAccount:
    """An Official Account, a Mini Program, or a company with WeChat customer service (微信客服).

    Without *aes_key* pushes are plain; with it they are sealed, or, *compatible*, plain and sealed together. For ``kf`` *appid*
    is the company's id, and *open_kfids* are its customer-service accounts.
    """

    name: str
    appid: str
    secret: str
    token: str
    callback_url: str = ""  # where pushes go; empty: nowhere yet
    aes_key: str | None = None
    original_id: str = "gh_0123456789ab"
    family: Family = "official"
    body_format: Literal["xml", "json"] = "xml"  # a Mini Program's console offers both
    compatible: bool = False
    open_kfids: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()  # empty: every template id is known
    pages: tuple[str, ...] = ()  # of the Mini Program; empty: every page exists

    def __post_init__(self) -> None:
        """``ValueError`` for what no console would let anybody choose."""
        if self.family not in ("official", "mini", "kf"):
            raise ValueError(f"{self.name}: family is official, mini or kf")
        if self.body_format == "json" and self.family != "mini":
            raise ValueError(f"{self.name}: only a Mini Program pushes JSON")
        if self.family == "kf" and self.aes_key is None:
            raise ValueError(f"{self.name}: kf pushes are always sealed")
