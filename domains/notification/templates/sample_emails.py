"""Sample e-mails: a template with the sample of its kind, sent to the member of staff who asks for it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from domains.auth.service import AuthService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.errors import NotFound, RateLimited
from domains.kernel.ids import new_id
from domains.notification.models import NewNotification, NotificationKind
from domains.notification.notifications import Notifications
from domains.notification.templates.email_templates import EmailTemplates
from domains.notification.templates.library import TemplateSource

MOST: Final = 10
PERIOD: Final = timedelta(hours=1)
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text || $2::uuid::text, 21))"
_COUNT: Final = """
select count(*) from notifications
where company_id = $1 and user_id = $2 and type = 'EMAIL' and kind = 'STORED_MAIL' and created_at > $3
"""


class TooManySampleEmails(RateLimited):
    """A member of staff has sent as many sample e-mails as are allowed in an hour."""

    def __init__(self) -> None:
        message = f"At most {MOST} sample e-mails are sent in an hour; a preview shows the same."
        super().__init__(message, retry_after=int(PERIOD.total_seconds()))


class SampleEmails:
    """Sends samples of templates to the actor's own address, and to no other."""

    def __init__(self, auth: AuthService, templates: EmailTemplates, notifications: Notifications) -> None:
        self._auth = auth
        self._templates = templates
        self._notifications = notifications

    async def send(
        self,
        tx: Tx,
        actor: Actor,
        kind: NotificationKind,
        language: str,
        source: TemplateSource | None,
        variables: Mapping[str, Any] | None = None,
    ) -> str:
        """Send a draft, or the template in use, and return the address. At most ten an hour for each actor.

        `variables` take the place of those of the sample.

        Raises NotFound for an actor without an account, TooManySampleEmails, InvalidInput and TemplateInvalid.
        """
        users = await self._auth.users.find(tx, [actor.user_id] if actor.user_id else [])
        if not users:
            raise NotFound("Only a member of staff with an account gets a sample.")
        await tx.execute(_LOCK, tx.company_id, users[0].id)
        if await tx.fetch_value(_COUNT, tx.company_id, users[0].id, tx.clock.now() - PERIOD) >= MOST:
            raise TooManySampleEmails
        texts = await self._templates.preview(tx, kind, language, source, variables)
        address: str = users[0].email
        new = NewNotification(
            kind=NotificationKind.STORED_MAIL,
            dedupe_key=f"sample {new_id()}",
            recipient=address,
            user_id=users[0].id,
            language=language,
            variables={"to": address, "subject": texts.subject, "text": texts.text, "html": texts.html},
        )
        await self._notifications.create(tx, [new])
        return address
