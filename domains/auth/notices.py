"""What the auth domain does about its own events: it tells people by mail what happened to their accounts."""

from uuid import UUID

from domains.auth import sql
from domains.auth.emails.account_emails import Post
from domains.auth.events import (
    AddressChangedByStaff,
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
    """Mails without secrets, to be sent once what they tell of has been committed (ASVS 6.3.7).

    People hear of changes to what they sign in with, and of all that staff do with their accounts.
    """

    topics = (
        PasswordChanged.topic,
        EmailChanged.topic,
        SessionFamilyEnded.topic,
        AddressChangedByStaff.topic,
        RoleAssigned.topic,
        UserDisabled.topic,
        UserEnabled.topic,
    )

    def __init__(self, post: Post) -> None:
        self._post = post

    async def send(self, tx: Tx, event: Envelope) -> None:
        """Tell the account's mailbox; of a change of address, the old one."""
        payload = event.payload
        if event.topic == PasswordChanged.topic:
            await self._post.password_changed(tx, payload["email"])
        elif event.topic == EmailChanged.topic:
            await self._post.email_changed(tx, payload["old_email"], payload["new_email"])
        elif event.topic == SessionFamilyEnded.topic:
            await self._post.session_family_ended(tx, payload["email"])
        else:
            await self._tell_of_staff(tx, event)

    async def _tell_of_staff(self, tx: Tx, event: Envelope) -> None:
        for user in await sql.users_by_id(tx, [UUID(str(event.payload["user_id"]))]):
            if event.topic == AddressChangedByStaff.topic:
                await self._post.address_changed(tx, user.email, was_deleted=event.payload["was_deleted"])
            elif event.topic == RoleAssigned.topic:
                await self._post.role_changed(tx, user.email)
            elif event.topic == UserDisabled.topic:
                await self._post.disabled(tx, user.email)
            else:
                await self._post.enabled(tx, user.email)
