"""E-mails about changes to address books."""

from typing import Final
from uuid import UUID

from domains.account.events import AddressChangedByStaff
from domains.auth.emails.account_emails import IF_NOT_REQUESTED
from domains.auth.emails.company_mailer import CompanyMailer
from domains.auth.service import AuthService
from domains.kernel.database import Tx
from domains.kernel.events import Envelope


class AddressNotices:
    """Notifies users by e-mail when staff change or delete their addresses."""

    topics: Final = (AddressChangedByStaff.topic,)

    def __init__(self, auth: AuthService, mailer: CompanyMailer) -> None:
        self._auth = auth
        self._mailer = mailer

    async def send(self, tx: Tx, event: Envelope) -> None:
        """Send the e-mail for one event to the user's address."""
        change = "deleted" if event.payload["was_deleted"] else "changed"
        text = (
            f"Our staff {change} an address in the address book of your account. Log in to see your addresses.\n\n"
            f"{IF_NOT_REQUESTED}"
        )
        for user in await self._auth.users.find(tx, [UUID(str(event.payload["user_id"]))]):
            await self._mailer.send(tx, user.email, f"An address in your address book was {change}", text)
