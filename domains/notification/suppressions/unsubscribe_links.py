"""Links of e-mails that unsubscribe by one click (RFC 8058)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from domains.kernel.ports import DecryptionFailed, Encryption
from domains.notification.kinds import ONE_CLICK
from domains.notification.models import Notification, NotificationCategory, NotificationType

PATH: Final = "/unsubscribe/"
OPAQUE_LENGTH: Final = 1_000
_MARK: Final = "unsubscribe"
"""The first word of the encrypted text of a link; nothing else under the same key is a list that begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscription:
    """What a link says: which company is to send no e-mails of which categories to an address.

    `language` is that of the e-mail; None for the company's.
    """

    company_id: UUID
    address: str
    categories: Sequence[NotificationCategory]
    user_id: UUID | None
    language: str | None = None


class UnsubscribeLinks:
    """Makes and reads links. Their opaque part is encrypted, so it cannot be forged and reveals nothing."""

    def __init__(self, encryption: Encryption, public_url: str) -> None:
        self._encryption = encryption
        self._public_url = public_url

    def link(self, notification: Notification, categories: Sequence[NotificationCategory]) -> str | None:
        """The link of an e-mail with these categories: it names those that can be refused, or is None."""
        refusable = [each for each in categories if each in ONE_CLICK]
        if not refusable or notification.type is not NotificationType.EMAIL:
            return None
        user_id = None if notification.user_id is None else str(notification.user_id)
        content = [_MARK, str(notification.company_id), notification.recipient, refusable, user_id]
        content.append(notification.language)
        return f"{self._public_url}{PATH}{self._encryption.encrypt(orjson.dumps(content)).decode()}"

    def read(self, opaque: str) -> Unsubscription | None:
        """What a link says, by its opaque part; None for one that was not made here. Links do not expire."""
        if len(opaque) > OPAQUE_LENGTH or not opaque.isascii():
            return None
        try:
            content = orjson.loads(self._encryption.decrypt(opaque.encode()))
        except (DecryptionFailed, ValueError):
            return None
        if not isinstance(content, list) or content[:1] != [_MARK]:
            return None
        _, company_id, address, categories, user_id, language = content
        return Unsubscription(
            company_id=UUID(company_id),
            address=address,
            categories=[NotificationCategory(each) for each in categories],
            user_id=UUID(user_id) if user_id else None,
            language=language,
        )


def headers_of(link: str | None) -> Mapping[str, str]:
    """The headers by which mail programs unsubscribe with a POST request and without cookies (RFC 8058 §3.1)."""
    if link is None:
        return {}
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
