"""E-mails that notify users of changes to their accounts."""

from uuid import UUID

from domains.auth import sql
from domains.auth.emails.account_emails import AccountEmails
from domains.auth.events import (
    EmailChanged,
    PasswordChanged,
    RoleAssigned,
    SessionFamilyEnded,
    UserDisabled,
    UserEnabled,
)
from domains.kernel.database import Tx
from domains.kernel.events import Envelope


class Notices:
    """Notifies users of changes to their credentials and of what staff do with their accounts (ASVS 6.3.7).

    The e-mails contain no secrets, and are sent after the change is committed.
    """

    topics = (
        PasswordChanged.topic,
        EmailChanged.topic,
        SessionFamilyEnded.topic,
        RoleAssigned.topic,
        UserDisabled.topic,
        UserEnabled.topic,
    )

    def __init__(self, emails: AccountEmails) -> None:
        self._emails = emails

    async def send(self, tx: Tx, event: Envelope) -> None:
        """Send the e-mail for one event: to the user, and for a changed address to the old one."""
        payload = event.payload
        if event.topic == PasswordChanged.topic:
            await self._emails.password_changed(tx, payload["email"])
        elif event.topic == EmailChanged.topic:
            await self._emails.email_changed(tx, payload["old_email"], payload["new_email"])
        elif event.topic == SessionFamilyEnded.topic:
            await self._emails.session_family_ended(tx, payload["email"])
        else:
            await self._notify_of_staff(tx, event)

    async def _notify_of_staff(self, tx: Tx, event: Envelope) -> None:
        for user in await sql.users_by_id(tx, [UUID(str(event.payload["user_id"]))]):
            if event.topic == RoleAssigned.topic:
                await self._emails.role_changed(tx, user.email)
            elif event.topic == UserDisabled.topic:
                await self._emails.disabled(tx, user.email)
            else:
                await self._emails.enabled(tx, user.email)
