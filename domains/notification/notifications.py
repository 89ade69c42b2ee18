"""Notifications: created with what caused them, once for each key."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import orjson

from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring import traces
from domains.kernel.personal_data import is_erased
from domains.kernel.ports import DecryptionFailed, Encryption
from domains.notification import sql
from domains.notification.channels import Outbound
from domains.notification.kinds import KINDS
from domains.notification.models import (
    NewNotification,
    Notification,
    NotificationKind,
    NotificationPriority,
    NotificationType,
)

DEVICE_ID: Final = "push_device_id"
"""What the metadata of a push notification has beside those of its kind."""
_TELEPHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")


class Unreadable(Exception):
    """No key decrypts the content of a notification; another process may have its key."""


class Notifications:
    """Creates notifications, which the delivery sends once the transaction has committed."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def create(self, tx: Tx, new: Sequence[NewNotification]) -> list[UUID]:
        """Create those whose key is new, and return their ids. One statement, none without a recipient left.

        There is a push notification for each device of the user, whose id ends its key. An SMS is for a user who
        chose SMS of its category, unless the category cannot be refused. What else the recipient chose is asked when
        a notification is sent. Types whose channel is not set up are left out. E-mails of normal priority wait for
        the digest.
        """
        wanted = [each for each in new if self._is_set_up(each.type) and not is_erased(each.recipient or "")]
        if not wanted:
            return []
        created = await sql.create(
            tx, [self._row(tx, each) for each in wanted], self._outbound.encryption.key_ids[0], traces.traceparent()
        )
        tx.on_commit(self._outbound.wake)
        return created

    def _is_set_up(self, type_: NotificationType) -> bool:
        return type_ is NotificationType.IN_APP or type_ in self._outbound.channels

    def _row(self, tx: Tx, new: NewNotification) -> tuple[Any, ...]:
        rules = KINDS[new.kind]
        is_email = new.type is NotificationType.EMAIL and new.kind is not NotificationKind.DIGEST
        is_digested = is_email and rules.priority is NotificationPriority.NORMAL
        scheduled_at = new.scheduled_at or tx.clock.now()
        return (
            new_id(),
            new.user_id,
            new.type,
            new.kind,
            rules.category,
            rules.priority,
            new.recipient,
            new.language,
            encrypted(self._outbound.encryption, new.variables),
            dict(new.metadata),
            new.dedupe_key,
            scheduled_at,
            scheduled_at if is_digested else None,
        )


def by_types(new: NewNotification, phone: str | None = None) -> list[NewNotification]:
    """The same notification by each type of its kind, with the type at the end of its key.

    `new` is the e-mail. SMS go to users with a telephone number in E.164, and guests get nothing but e-mails.
    """
    recipients = {NotificationType.EMAIL: new.recipient}
    if new.user_id is not None:
        recipients |= {NotificationType.PUSH: None, NotificationType.IN_APP: None}
    if new.user_id is not None and phone is not None and _TELEPHONE.fullmatch(phone):
        recipients[NotificationType.SMS] = phone
    return [
        replace(new, type=each, recipient=recipients[each], dedupe_key=f"{new.dedupe_key} {each}")
        for each in KINDS[new.kind].types
        if each in recipients
    ]


def encrypted(encryption: Encryption, variables: Mapping[str, Any]) -> str:
    """The variables of a notification as they are stored, under the newest key."""
    return encryption.encrypt(orjson.dumps(dict(variables))).decode()


def variables_of(encryption: Encryption, notification: Notification) -> dict[str, object]:
    """The variables of a pending notification. Raises Unreadable."""
    try:
        content = encryption.decrypt((notification.content or "").encode())
    except DecryptionFailed as error:
        raise Unreadable(str(error)) from error
    variables: dict[str, object] = orjson.loads(content)
    return variables
