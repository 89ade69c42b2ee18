"""What the auth domain does about its own events: it tells people by mail what happened to their accounts."""

from domains.auth.events import EmailChanged, PasswordChanged, SessionFamilyEnded
from domains.auth.post import Post
from domains.kernel.database import Tx
from domains.kernel.events import Envelope


class Notices:
    """Mails without secrets, to be sent once what they tell of has been committed (ASVS 6.3.7)."""

    topics = (PasswordChanged.topic, EmailChanged.topic, SessionFamilyEnded.topic)

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
