"""The audience of marketing: who has bought before, and which address an account has now."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from domains.account.service import AccountService
from domains.auth.service import AuthService
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsTable
from domains.notification.models import NotificationSettings
from domains.notification.sql import Loaded


class Audience:
    """What decides on marketing, beside the choices of the recipients.

    `settings` are those of the company, and `history` knows who has bought before.
    """

    def __init__(
        self, auth: AuthService, account: AccountService, settings: SettingsTable[NotificationSettings]
    ) -> None:
        self._auth = auth
        self.history = account.buyer_history
        self.settings = settings

    async def addresses(self, db: Reader, user_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """The addresses of those of these users who can log in. One statement, or none."""
        users = await self._auth.users.find(db, list(user_ids)) if user_ids else []
        return {user.id: user.email for user in users if user.is_active}

    async def with_their_address(self, db: Reader, waiting: Sequence[Loaded]) -> list[Loaded]:
        """The notifications to guests, and to users who can log in and still have the address. One statement."""
        now = await self.addresses(db, {each.notification.user_id for each in waiting if each.notification.user_id})
        return [
            each
            for each in waiting
            if (user_id := each.notification.user_id) is None or now.get(user_id) == each.notification.recipient
        ]
