"""Verification of guests' e-mail addresses: a code is sent to the mailbox and entered by its owner."""

from datetime import timedelta
from typing import Final

from domains.auth.emails.account_emails import AccountEmails
from domains.auth.emails.verification_codes import ATTEMPTS, NewCode, VerificationCodes
from domains.auth.models import Origin
from domains.auth.rate_limits.mail_limits import MailLimits
from domains.kernel.database import Tx
from domains.kernel.errors import RateLimited
from domains.kernel.values.networks import network_of

MAX_ATTEMPTS: Final = 60
ATTEMPTS_PERIOD: Final = timedelta(hours=1)

__all__ = ["ATTEMPTS", "EmailVerification"]


class EmailVerification:
    """Codes for the mailboxes of guests. The caller stores the digest of the code with its purpose.

    `codes` checks the digits that a guest enters.
    """

    def __init__(self, codes: VerificationCodes, emails: AccountEmails, mail_limits: MailLimits) -> None:
        self.codes = codes
        self._emails = emails
        self._mail_limits = mail_limits

    async def begin(self, origin: Origin, email: str, purpose: str, *, mails: str = "cart") -> NewCode:
        """A new code to store and send, valid for ten minutes. It does not depend on whether an account exists.

        `mails` names those that are counted together. Raises RateLimited, by origin and by mailbox.
        """
        await self._mail_limits.count(origin, email, mails)
        return self.codes.new(purpose)

    async def send(self, tx: Tx, email: str, code: NewCode) -> None:
        """Queue the e-mail with a code that the transaction stores."""
        self._emails.cart_code(tx, email, code.digits)

    async def count_attempt(self, origin: Origin) -> None:
        """Count an attempt to enter a code. Raises RateLimited above 60 an hour from one network.

        The caller limits the attempts at one code to ATTEMPTS.
        """
        if not await self._mail_limits.allows("cart code", network_of(origin.ip), MAX_ATTEMPTS, ATTEMPTS_PERIOD):
            seconds = int(ATTEMPTS_PERIOD.total_seconds())
            raise RateLimited("Too many attempts. Try again later.", retry_after=seconds)
