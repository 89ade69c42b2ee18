"""The newsletter that a registration asks for: chosen once its address is confirmed."""

from typing import Final
from uuid import UUID

from domains.auth.events import EmailConfirmed, UserRegistered
from domains.auth.service import AuthService
from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.kernel.personal_data import is_erased
from domains.notification.models import NotificationCategory, NotificationType, PreferenceSource
from domains.notification.preferences.preferences import ChannelChoice, choose
from domains.notification.suppressions.suppressions import Suppressions

WANTED: Final = ChannelChoice(category=NotificationCategory.NEWS, channel=NotificationType.EMAIL, enabled=True)


class Newsletter:
    """Stores the consent that was given with a registration."""

    topics: Final = (UserRegistered.topic, EmailConfirmed.topic)

    def __init__(self, auth: AuthService, suppressions: Suppressions) -> None:
        self._auth = auth
        self._suppressions = suppressions

    async def subscribe(self, tx: Tx, event: Envelope) -> None:
        """Choose NEWS by e-mail for the user of an event who asked for it, unless the user has chosen meanwhile.

        It takes back that the address had unsubscribed. Three statements, none for the others. Emits
        notification.preferences_updated.
        """
        if event.company_id is None or not event.payload.get("newsletter_subscribed"):
            return
        for user in await self._auth.users.find(tx, [UUID(str(event.payload["user_id"]))]):
            if is_erased(user.email):
                return
            if await choose(tx, user.id, [WANTED], PreferenceSource.REGISTRATION, only_first=True):
                await self._suppressions.resubscribe(tx, user.email, NotificationCategory.NEWS)
