"""The accounts that the service is configured for, as the platform knows them."""

from dataclasses import replace

from bot.channels.wechat.fake.accounts import FakeAccount, Family
from config.settings import KfCorp, MiniProgram, OfficialAccount, Settings


def configured(settings: Settings, callback: str) -> list[FakeAccount]:
    """Official Accounts, Mini Programs and companies of *settings*; *callback* is where the service listens."""
    wechat = settings.wechat
    accounts = [
        *(_account(account, "official", callback) for account in wechat.official),
        *(_account(account, "mini", callback) for account in wechat.mini),
        *(_company(company, callback) for company in wechat.kf),
    ]
    # Names are unique within a kind; here all kinds share one table.
    taken: set[str] = set()
    named = []
    for account in accounts:
        named.append(replace(account, name=f"{account.family}:{account.name}") if account.name in taken else account)
        taken.add(account.name)
    return named


def _account(account: OfficialAccount | MiniProgram, family: Family, callback: str) -> FakeAccount:
    return FakeAccount(
        name=account.name,
        appid=account.appid,
        secret=account.secret.get_secret_value(),
        token=account.token.get_secret_value(),
        aes_key=account.aes_key.get_secret_value() if account.aes_key is not None else None,
        callback_url=f"{callback}/wechat/{family}/{account.name}",
        family=family,
    )


def _company(company: KfCorp, callback: str) -> FakeAccount:
    return FakeAccount(
        name=company.name,
        appid=company.corp_id,
        secret=company.secret.get_secret_value(),
        token=company.token.get_secret_value(),
        aes_key=company.aes_key.get_secret_value(),
        callback_url=f"{callback}/wechat/kf/{company.name}",
        family="kf",
        open_kfids=tuple(desk.open_kfid for desk in company.desks) or (f"wk_{company.name}",),
    )
