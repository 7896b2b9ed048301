"""What somebody of ours must look at, until it is mended: an account that a platform stopped, a permission that is missing."""

import structlog
from prometheus_client import CollectorRegistry, Gauge

log = structlog.get_logger(__name__)


class Attention:
    """The open points, by account. Logged when one comes and goes, shown in ``/readyz`` and ``/metrics``."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._open: dict[str, dict[str, int]] = {}  # account -> reason -> the platform's code
        self._gauge = (
            Gauge("huiyin_account_needs_attention", "Accounts that a platform refuses.", ["account", "reason"], registry=registry)
            if registry is not None
            else None
        )

    def needed(self, account: str, reason: str, code: int) -> None:
        """*account* won't work until somebody mends *reason*. Logged once, however often it is found."""
        reasons = self._open.setdefault(account, {})
        if reason in reasons:
            return
        reasons[reason] = code
        log.error("account_needs_attention", account=account, reason=reason, errcode=code)
        if self._gauge is not None:
            self._gauge.labels(account, reason).set(1)

    def mended(self, account: str, reason: str | None = None) -> None:
        """*account* works again, as far as *reason* goes, or altogether."""
        reasons = self._open.get(account)
        if not reasons:
            return
        for name in [name for name in reasons if reason in (None, name)]:
            del reasons[name]
            log.info("account_works_again", account=account, reason=name)
            if self._gauge is not None:
                self._gauge.labels(account, name).set(0)

    def points(self) -> list[dict[str, str | int]]:
        """Every open point as JSON shows it."""
        return [
            {"account": account, "reason": reason, "errcode": code}
            for account, reasons in sorted(self._open.items())
            for reason, code in sorted(reasons.items())
        ]
