"""Limits on the e-mails that requests without a login cause."""

from datetime import timedelta
from typing import Final

from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.models import Origin
from domains.auth.rate_limits.rate_limits import Throttle
from domains.kernel.errors import RateLimited
from domains.kernel.values.networks import network_of

MAX_MAILS: Final = 5
MAILS_PERIOD: Final = timedelta(minutes=15)
OWN_MAILS: Final = 2
MAX_MAILBOX_MAILS: Final = 100
MAX_REQUESTS: Final = 60
REQUESTS_PERIOD: Final = timedelta(hours=1)


class MailLimits:
    """Counts requests for e-mails by network and by mailbox."""

    def __init__(self, throttle: Throttle) -> None:
        self.throttle = throttle

    async def count(self, origin: Origin, email: str, purpose: str) -> None:
        """Count a request for an e-mail of some purpose. Raises TooManyMails.

        A network may make 60 requests an hour, and five in 15 minutes for one mailbox. The first two of these do not
        depend on other networks; the others share five in 15 minutes per mailbox, so another person cannot use up the
        requests of the owner. All networks together may cause 100 e-mails an hour to one mailbox. Each purpose is
        counted separately.
        """
        network, mailbox = network_of(origin.ip), mailbox_of(email)
        if not await self.allows("mail requests", network, MAX_REQUESTS, REQUESTS_PERIOD):
            raise TooManyMails
        own = await self.throttle.count(f"mail {purpose}", f"{network} {mailbox}", period=MAILS_PERIOD)
        if own > MAX_MAILS or not await self.allows(f"mails {purpose}", mailbox, MAX_MAILBOX_MAILS, REQUESTS_PERIOD):
            raise TooManyMails
        if own > OWN_MAILS and not await self.allows(f"more mails {purpose}", mailbox, MAX_MAILS, MAILS_PERIOD):
            raise TooManyMails

    async def allows(self, purpose: str, key: str, limit: int, period: timedelta) -> bool:
        """Count one more request for a key, and whether it is among the first `limit` of a period."""
        return await self.throttle.count(purpose, key, period=period) <= limit


class TooManyMails(RateLimited):
    """Too many e-mails were requested for a mailbox or from a network."""

    def __init__(self) -> None:
        seconds = int(MAILS_PERIOD.total_seconds())
        super().__init__(
            "Too many e-mails were requested. Check your mailbox, or try again later.", retry_after=seconds
        )
