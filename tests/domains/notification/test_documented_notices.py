"""The documentation lists each event that is told, and its kind."""

import re
from pathlib import Path
from typing import Final
from uuid import UUID

from domains.auth.events import UserRegistered
from domains.notification.models import NotificationKind
from domains.notification.orders.order_notices import NOTICES
from domains.notification.staff.staff_notifications import StaffNotifications
from domains.order.events import OrderCreated

DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "notifications.md"
FIELDS: Final = (
    *("order_id", "edit_id", "refund_id", "invoice_id", "payment_id", "shipment_id", "return_request_id"),
    *("return_refund_id", "reason", "number", "kind", "failure_reason"),
)
PAYLOAD: Final = dict.fromkeys(FIELDS, str(UUID(int=1)))


def test_the_table_lists_each_event_with_its_kind() -> None:
    listed = re.findall(r"^\| `([a-z_.]+)` \| ([A-Z_]+) \| ", DOCUMENT.read_text(), re.MULTILINE)
    told = [(topic, notice(PAYLOAD).kind) for topic, notice in NOTICES.items()]
    told += [
        (topic, NotificationKind.STAFF_NEW_ORDER if topic == OrderCreated.topic else NotificationKind.STAFF_LOW_STOCK)
        for topic in StaffNotifications.topics
    ]
    told.append((UserRegistered.topic, NotificationKind.WELCOME))
    assert sorted(listed) == sorted((topic, kind.value) for topic, kind in told)
