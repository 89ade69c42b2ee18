"""The guide of notifications: its operations do what it says."""

import re
from typing import Any, Final
from uuid import UUID

from tests.architecture.test_budgets import ROOT
from tests.domains.actors import administrator
from tests.domains.notification.inbox.given import give
from tests.domains.order.storefront import Storefront
from tests.gateway.live.live_site import LiveSite
from tests.gateway.site import Site

FAIL: Final = "update notifications set status = 'FAILED', failure_reason = '550', content = null where id = $1"


async def test_the_operations_of_the_guide(
    shop: Storefront, site: Site, live: LiveSite, owner: Any, company: UUID
) -> None:
    guide = (ROOT / "docs/notifications.md").read_text()
    bell, read, received, failed, retry, resend = re.findall(r"```graphql\n(.*?)```", guide, re.DOTALL)
    await shop.stock("A", 9)
    ada, admin = await shop.customer(), administrator(company)
    order = await shop.buy(ada, ("A", 1))
    async with live.watching(received, ada) as watched:
        given = str(await give(shop, ada))
        await live.deliver()
        await watched.wait_for(1)
    assert watched.values[0]["notification"]["id"] == given
    shown = await site.data(bell, ada)
    assert (shown["myUnreadNotificationCount"], shown["myNotifications"]["nodes"][0]["id"]) == (1, given)
    marked = (await site.data(read, ada, id=given))["notificationRead"]
    assert (marked["unreadCount"], marked["errors"]) == (0, [])
    sent = (await site.data(resend, admin, orderId=str(order.id)))["orderConfirmationResend"]
    assert (sent["notification"]["status"], sent["errors"]) == ("PENDING", [])
    await owner.execute(FAIL, UUID(sent["notification"]["id"]))
    found = (await site.data(failed, admin))["notifications"]
    assert (found["totalCount"], found["nodes"][0]["orderId"]) == (1, str(order.id))
    made = (await site.data(retry, admin, id=found["nodes"][0]["id"]))["notificationRetry"]
    assert (made["notification"]["status"], made["errors"]) == ("PENDING", [])
