"""E-mails about accounts: requested ones with a secret, and notices of what was changed (ASVS 6.3.7)."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from domains.account.events import AddressChangedByStaff
from domains.auth.events import (
    AccountEmailRequested,
    EmailChanged,
    PasswordChanged,
    RoleAssigned,
    SessionFamilyEnded,
    UserDisabled,
    UserEnabled,
    UserRegistered,
)
from domains.auth.service import AuthService
from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.kernel.personal_data import is_erased
from domains.notification.channels import Outbound
from domains.notification.models import NewNotification, NotificationKind
from domains.notification.notifications import Notifications
from domains.payment.gift_cards.events import GiftCardEmailRequested

Payload = Mapping[str, Any]
REQUESTS: Final = (AccountEmailRequested, GiftCardEmailRequested)
# Events that say to whom the notice goes.
ADDRESSED: Final[Mapping[str, tuple[NotificationKind, str]]] = {
    PasswordChanged.topic: (NotificationKind.PASSWORD_CHANGED, "email"),
    EmailChanged.topic: (NotificationKind.EMAIL_CHANGED, "old_email"),
    SessionFamilyEnded.topic: (NotificationKind.SESSION_ENDED, "email"),
    UserRegistered.topic: (NotificationKind.WELCOME, "email"),
}
VARIABLES: Final = ("new_email", "first_name")
# Events about what staff did: the user's present address gets the notice.
OF_STAFF: Final[Mapping[str, Callable[[Payload], NotificationKind]]] = {
    RoleAssigned.topic: lambda _: NotificationKind.ROLE_CHANGED,
    UserDisabled.topic: lambda _: NotificationKind.ACCOUNT_DISABLED,
    UserEnabled.topic: lambda _: NotificationKind.ACCOUNT_ENABLED,
    AddressChangedByStaff.topic: lambda payload: (
        NotificationKind.ADDRESS_DELETED if payload["was_deleted"] else NotificationKind.ADDRESS_CHANGED
    ),
}


class AccountNotices:
    """Creates the e-mails about accounts and gift cards from events, once for each event."""

    requests: Final = tuple(event.topic for event in REQUESTS)
    topics: Final = (*ADDRESSED, *OF_STAFF)

    def __init__(self, auth: AuthService, notifications: Notifications, outbound: Outbound) -> None:
        self._auth = auth
        self._notifications = notifications
        self._outbound = outbound

    async def send_requested(self, tx: Tx, event: Envelope) -> None:
        """Create the e-mail that an event asks for, unless its recipient was erased since."""
        payload = event.payload
        if is_erased(payload["email"]):
            return
        variables = orjson.loads(self._outbound.encryption.decrypt(payload["content"].encode()))
        await self._create(tx, event, NotificationKind(payload["kind"]), payload["email"], variables)

    async def notify(self, tx: Tx, event: Envelope) -> None:
        """Create the notice of an event: for the user, and of a changed address for the old one."""
        payload = event.payload
        if event.topic in ADDRESSED:
            kind, field = ADDRESSED[event.topic]
            variables = {name: payload[name] for name in VARIABLES if name in payload}
            await self._create(tx, event, kind, payload[field], variables)
            return
        kind = OF_STAFF[event.topic](payload)
        for user in await self._auth.users.find(tx, [UUID(str(payload["user_id"]))]):
            await self._create(tx, event, kind, user.email, {})

    async def _create(self, tx: Tx, event: Envelope, kind: NotificationKind, to: str, variables: Payload) -> None:
        user_id = event.payload.get("user_id")
        new = NewNotification(
            kind=kind,
            dedupe_key=f"{event.topic} {event.id}",
            recipient=to,
            user_id=UUID(str(user_id)) if user_id else None,
            variables=variables,
        )
        await self._notifications.create(tx, [new])
