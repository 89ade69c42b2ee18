"""Push devices through the API, and a push notification from an order to a browser that decrypts it."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.notification.models import NotificationType
from gateway.infra.public_http import PublicAnswer
from gateway.providers.notifications.files import FileChannel
from gateway.providers.notifications.installation import outbound_of
from gateway.providers.notifications.push import PushChannel
from gateway.providers.notifications.web_push import WebPushChannel, decoded
from gateway.settings import BadSettings, load
from tests.domains.notification.mailbox import Mailbox
from tests.domains.notification.told import Told
from tests.domains.order.storefront import Storefront
from tests.gateway.providers.notifications.test_push_channels import ENDPOINT, Browser, vapid_key
from tests.gateway.site import Site

REGISTER: Final = """mutation ($input: PushDeviceRegisterInput!) { pushDeviceRegister(input: $input) {
  device { id provider name userAgent createdAt lastUsedAt } errors { code path } } }"""
REMOVE: Final = """mutation ($input: PushDeviceRemoveInput!) {
  pushDeviceRemove(input: $input) { deletedId errors { code path } } }"""
MINE: Final = "{ myPushDevices(first: 5) { totalCount nodes { id name provider } } }"
GUIDE: Final = Path(__file__).parents[4] / "docs" / "notification-channels.md"
KEY: Final = "{ webPushPublicKey }"
NODE: Final = "query ($id: ID!) { node(id: $id) { id } }"
APP: Final = {"provider": "FIREBASE", "address": "a:token:of:twenty:letters", "name": "Phone"}


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def site(database: Database, company: UUID, clock: FixedClock, browser: Browser, tmp_path: Any) -> Site:
    """A site that sends to browsers."""
    web = WebPushChannel(vapid_key(), "mailto:shop@example.com", browser, clock)
    push = PushChannel(web, FileChannel(tmp_path))
    return Site(
        database,
        company,
        clock,
        mailbox=Mailbox(channels={NotificationType.PUSH: push}, web_push_key=web.public_key),
    )


@pytest.fixture
def shop(site: Site, clock: FixedClock, owner: Any) -> Storefront:
    return Storefront(site.services, site.database, clock, site.company_id, owner)


async def test_a_user_registers_lists_and_removes_devices(site: Site, shop: Storefront) -> None:
    ann, bob = await shop.customer(), await shop.customer()
    site.headers["user-agent"] = "A browser"
    device = (await site.do(REGISTER, ann, **APP))["device"]
    assert site.count.data == 2
    assert (device["provider"], device["name"], device["userAgent"]) == ("FIREBASE", "Phone", "A browser")
    mine = await site.value(MINE, ann)
    assert mine == {"totalCount": 1, "nodes": [{"id": device["id"], "name": "Phone", "provider": "FIREBASE"}]}
    assert site.count.data == 2
    assert (await site.value(MINE, bob))["totalCount"] == 0
    assert await site.value(NODE, bob, id=device["id"]) is None
    assert await site.value(NODE, ann, id=device["id"]) == {"id": device["id"]}
    assert await site.refused(REMOVE, bob, id=device["id"]) == {"code": "NOT_FOUND", "path": ["input", "id"]}
    assert (await site.do(REMOVE, ann, id=device["id"]))["deletedId"] == device["id"]
    assert await site.refused(REMOVE, ann, id=device["id"]) == {"code": "NOT_FOUND", "path": ["input", "id"]}


async def test_a_guest_has_no_devices_and_sees_the_key_of_browsers(site: Site, shop: Storefront) -> None:
    assert await site.denied(MINE) == "UNAUTHENTICATED"
    assert await site.denied(REGISTER, input=APP) == "UNAUTHENTICATED"
    assert await site.denied(REMOVE, input={"id": str(shop.company_id)}) == "UNAUTHENTICATED"
    assert await site.value(KEY) == site.mailbox.web_push_key
    assert site.count.data == 0


async def test_without_its_key_push_to_browsers_is_not_set_up(
    database: Database, company: UUID, clock: FixedClock
) -> None:
    assert await Site(database, company, clock).value(KEY) is None


async def test_an_order_reaches_the_browser_of_its_buyer_until_it_has_unsubscribed(
    site: Site, shop: Storefront, browser: Browser
) -> None:
    ann, told = await shop.customer(), Told(shop)
    await shop.stock("A", 10)
    settings = {"storefront_url": "https://shop.example"}
    await shop.run(lambda tx: shop.services.notification.settings.update(tx, settings, "EUR"))
    await site.do(REGISTER, ann, provider="WEB_PUSH", address=ENDPOINT, **browser.keys)
    order = await shop.buy(ann, ("A", 1))
    await told.handle("order.created")
    (row,) = await told.rows(["ORDER_PLACED"], type_="PUSH")
    delivery = site.services.notification.delivery
    assert await delivery.send(site.database, site.company_id, row["id"], 1) == "sent"
    ((url, headers, body),) = browser.posted
    message = browser.read(body)
    assert (url, headers["Urgency"], headers["TTL"]) == (ENDPOINT, "high", str(3 * 86_400))
    assert message["url"] == f"https://shop.example/orders/{order.order_number}"
    assert order.order_number in message["title"] + message["body"]
    assert message["id"] == str(row["id"])
    browser.answer = PublicAnswer(410, {}, b"")
    await shop.buy(ann, ("A", 1))
    await told.handle("order.created")
    (again,) = [each for each in await told.rows(["ORDER_PLACED"], type_="PUSH") if each["status"] == "PENDING"]
    assert await delivery.send(site.database, site.company_id, again["id"], 1) == "refused"
    assert (await site.value(MINE, ann))["totalCount"] == 0


async def test_the_operations_of_the_guide_run(site: Site, shop: Storefront, browser: Browser) -> None:
    ann = await shop.customer()
    key, register, mine, remove = re.findall(r"```graphql\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert await site.value(key) == site.mailbox.web_push_key
    device = (await site.do(register, ann, provider="WEB_PUSH", address=ENDPOINT, **browser.keys))["device"]
    (shown,) = (await site.value(mine, ann))["nodes"]
    assert shown["id"] == device["id"]
    assert (await site.do(remove, ann, id=device["id"]))["deletedId"] == device["id"]


def test_the_key_of_the_guide_is_one(tmp_path: Path) -> None:
    line = next(each for each in GUIDE.read_text().splitlines() if "openssl" in each)
    shown = subprocess.run(
        ["/bin/bash", "-c", f"{line}; printf '%s %s' $VAPID_PRIVATE_KEY $VAPID_SUBJECT"],
        check=True,
        capture_output=True,
        text=True,
    )
    key, subject = shown.stdout.split()
    settings = load({}, commerce_home=tmp_path, vapid_private_key=key, vapid_subject=subject)
    outbound = outbound_of(settings, lambda: None, FixedClock(datetime(2026, 11, 30, tzinfo=UTC)))
    assert outbound.web_push_key is not None
    assert len(decoded(outbound.web_push_key)) == 65


@pytest.mark.parametrize(
    "given",
    [
        {"vapid_private_key": "AAAA", "vapid_subject": "mailto:a@b.example"},
        {"vapid_private_key": "A" * 43, "vapid_subject": "mailto:a@b.example"},
        {"vapid_private_key": "_" * 43, "vapid_subject": "mailto:a@b.example"},
        {"vapid_private_key": vapid_key()},
        {"vapid_private_key": vapid_key(), "vapid_subject": "a@b.example"},
        {"firebase_credentials": "{}"},
        {"firebase_credentials": "/no/such/file.json"},
    ],
)
def test_bad_settings_are_refused_with_their_name(tmp_path: Path, given: dict[str, str]) -> None:
    clock = FixedClock(datetime(2026, 11, 30, tzinfo=UTC))
    with pytest.raises(BadSettings, match=r"VAPID|FIREBASE_CREDENTIALS"):
        outbound_of(load({}, commerce_home=tmp_path, **given), lambda: None, clock)
