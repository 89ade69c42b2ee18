"""Limits on the e-mails that requests without a sign-in cause."""

from datetime import timedelta
from typing import Final

from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.models import Origin
from domains.auth.rate_limits.rate_limits import Throttle
from domains.kernel.errors import RateLimited
from domains.kernel.values.networks import network_of

MAILS: Final = 5
MAILS_PER: Final = timedelta(minutes=15)
FIRST_MAILS: Final = 2
MAILS_FROM_ANYWHERE: Final = 100
REQUESTS: Final = 60
PER_HOUR: Final = timedelta(hours=1)


class MailLimits:
    """Counts requests for e-mails by network and by mailbox."""

    def __init__(self, throttle: Throttle) -> None:
        self.throttle = throttle

    async def count(self, origin: Origin, email: str, purpose: str) -> None:
        """Count a request for an e-mail of some purpose. Raises TooManyMails.

        A network may make 60 requests an hour, and five in 15 minutes for one mailbox. The first two of these do not
        depend on other networks; the others share five in 15 minutes per mailbox, so a stranger cannot use up the
        requests of the owner. All networks together may cause 100 e-mails an hour to one mailbox. Each purpose is
        counted separately.
        """
        network, mailbox = network_of(origin.ip), mailbox_of(email)
        if not await self.allows("mail requests", network, REQUESTS, PER_HOUR):
            raise TooManyMails
        own = await self.throttle.count(f"mail {purpose}", f"{network} {mailbox}", per=MAILS_PER)
        if own > MAILS or not await self.allows(f"mails {purpose}", mailbox, MAILS_FROM_ANYWHERE, PER_HOUR):
            raise TooManyMails
        if own > FIRST_MAILS and not await self.allows(f"more mails {purpose}", mailbox, MAILS, MAILS_PER):
            raise TooManyMails

    async def allows(self, what: str, key: str, most: int, per: timedelta) -> bool:
        """Count one more request for a key, and whether it is among the first `most` of a period."""
        return await self.throttle.count(what, key, per=per) <= most


class TooManyMails(RateLimited):
    """Too many e-mails were requested for a mailbox or from a network."""

    def __init__(self) -> None:
        seconds = int(MAILS_PER.total_seconds())
        super().__init__(
            "Too many e-mails were requested. Check your mailbox, or try again later.", retry_after=seconds
        )
