"""Push devices: registered once, twenty of a user, moved with a browser, and ended with their session."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import DomainError, Unauthenticated
from domains.kernel.events import Envelope
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import ValidationErrors
from domains.notification.notifications import DEVICE_ID
from domains.notification.push_devices.errors import PushDeviceNotFound
from domains.notification.push_devices.models import NewPushDevice, PushDevice, PushProvider
from domains.notification.push_devices.push_devices import MOST_DEVICES, PushDevices
from domains.role.models import SystemRole
from tests.domains.auth.conftest import HOME, Shop
from tests.gateway.site import services_of

ENDPOINT: Final = "https://push.example/wpush/v2/abc"
P256DH: Final = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH: Final = "BTBZMqHH6r4Tts7J_aSIgg"
OUTBOX: Final = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where company_id = $1 and topic = any($2) order by sequence
"""


def app(token: str = "a token of twenty letters", **given: Any) -> NewPushDevice:
    return NewPushDevice(provider=PushProvider.FIREBASE, address=token.replace(" ", ":"), **given)


def browser(**given: Any) -> NewPushDevice:
    fields: dict[str, Any] = {"address": ENDPOINT, "p256dh": P256DH, "auth": AUTH} | given
    return NewPushDevice(provider=PushProvider.WEB_PUSH, **fields)


@dataclass
class Pushed:
    """A push notification as far as its address depends on it."""

    user_id: UUID | None
    metadata: dict[str, Any]


@dataclass
class Devices:
    """The push devices of a shop."""

    shop: Shop
    parts: PushDevices
    owner: Any

    async def register(self, actor: Actor, new: NewPushDevice) -> PushDevice:
        return await self.shop.db.run(lambda tx: self.parts.register(tx, actor, HOME, new), actor)

    async def of(self, actor: Actor) -> list[PushDevice]:
        page = await self.parts.find_own(self.shop.db.reader(self.shop.company_id), actor, PageArgs(first=50))
        return list(page.items)

    async def ended(self) -> None:
        """Deliver the events about sessions and disabled users."""
        for row in await self.owner.fetch(OUTBOX, self.shop.company_id, list(self.parts.topics)):
            event = Envelope(*row)
            await self.shop.db.run(partial(self.parts.end, event=event), self.shop.system)


@pytest.fixture
def devices(shop: Shop, clock: FixedClock, owner: Any) -> Devices:
    shop.db = Database(shop.db._pool, clock, shop.db._on_events, shop.db._is_relayed)
    services = services_of(clock, shop.db, shop.mailbox)
    return Devices(shop, services.notification.push_devices, owner)


async def test_a_browser_is_registered_once_and_its_address_is_encrypted(devices: Devices) -> None:
    ann = await devices.shop.actor()
    with counting() as counted:
        first = await devices.register(ann, browser(name="  Laptop "))
    assert counted.data == 2
    devices.shop.clock.advance(timedelta(days=1))
    again = await devices.register(ann, browser(name="Laptop of Ann"))
    assert [each.id for each in await devices.of(ann)] == [first.id] == [again.id]
    assert (first.name, again.name, again.user_agent) == ("Laptop", "Laptop of Ann", HOME.user_agent)
    assert (again.created_at, again.last_used_at) == (first.created_at, first.last_used_at + timedelta(days=1))
    stored = await devices.owner.fetchrow("select * from push_devices where id = $1", first.id)
    assert stored["digest"] == hashlib.sha256(ENDPOINT.encode()).hexdigest()
    assert not any(secret in str(dict(stored)) for secret in (ENDPOINT, P256DH, AUTH))
    plain = orjson.loads(devices.shop.mailbox.decrypt(stored["encrypted_address"].encode()))
    assert plain == {"address": ENDPOINT, "p256dh": P256DH, "auth": AUTH}


async def test_a_device_of_another_user_moves_and_is_a_new_one(devices: Devices) -> None:
    ann, bob = await devices.shop.actor(), await devices.shop.actor()
    first = await devices.register(ann, browser())
    second = await devices.register(bob, browser())
    assert (await devices.of(ann), [each.id for each in await devices.of(bob)]) == ([], [second.id])
    assert first.id != second.id


async def test_of_two_users_at_once_one_has_the_device(devices: Devices) -> None:
    users = [await devices.shop.actor() for _ in range(4)]
    await asyncio.gather(*(devices.register(user, app()) for user in users for _ in range(2)))
    owned = [await devices.of(user) for user in users]
    assert sorted(len(each) for each in owned) == [0, 0, 0, 1]


async def test_a_user_has_at_most_twenty_and_the_longest_unused_goes(devices: Devices) -> None:
    ann, bob = await devices.shop.actor(), await devices.shop.actor()
    other = await devices.register(bob, app("the only app of bob, older"))
    made = []
    for number in range(MOST_DEVICES):
        devices.shop.clock.advance(timedelta(minutes=1))
        made.append((await devices.register(ann, app(f"the token with number {number}"))).id)
    devices.shop.clock.advance(timedelta(minutes=1))
    await devices.register(ann, app("the token with number 0"))  # it is in use
    devices.shop.clock.advance(timedelta(minutes=1))
    newest = await devices.register(ann, app("a token above the bound"))
    assert {each.id for each in await devices.of(ann)} == {*made, newest.id} - {made[1]}
    assert [each.id for each in await devices.of(bob)] == [other.id]


async def test_two_registrations_at_once_keep_the_bound(devices: Devices) -> None:
    ann = await devices.shop.actor()
    for number in range(MOST_DEVICES - 1):
        await devices.register(ann, app(f"the token with number {number}"))
    await asyncio.gather(*(devices.register(ann, app(f"one of many at once, {each}")) for each in range(5)))
    assert len(await devices.of(ann)) == MOST_DEVICES


@pytest.mark.parametrize(
    ("new", "fields"),
    [
        (browser(address="http://push.example/x"), ["address"]),
        (browser(address="https://10.0.0.1/x"), ["address"]),
        (browser(address="https://localhost/x"), ["address"]),
        (browser(address="https://metadata.internal/x"), ["address"]),
        (browser(address="https://user:secret@push.example/x"), ["address"]),
        (browser(address="https://push.example/" + "x" * 2_000), ["address"]),
        (browser(address="https://push.example/\r\nHost: x"), ["address"]),
        (browser(p256dh=None, auth=None), ["p256dh", "auth"]),
        (browser(p256dh="A" + P256DH[1:], auth=AUTH[:-4]), ["p256dh", "auth"]),
        (browser(p256dh=P256DH.replace("_", "/"), auth="é" * 20), ["p256dh", "auth"]),
        (browser(auth="A" * 100_000), ["auth"]),
        (app("short"), ["address"]),
        (app("x" * 2_001), ["address"]),
        (app("with\na line break in the token"), ["address"]),
        (app(p256dh=P256DH, name="x" * 101), ["p256dh", "name"]),
        (app(name="a\x00b"), ["name"]),
    ],
)
async def test_what_is_no_device_is_refused_with_its_fields(
    devices: Devices, new: NewPushDevice, fields: Sequence[str]
) -> None:
    ann = await devices.shop.actor()
    with pytest.raises((DomainError, ValidationErrors)) as refused:
        await devices.register(ann, new)
    errors = refused.value.errors if isinstance(refused.value, ValidationErrors) else [refused.value]
    assert [each.field[-1] for each in errors] == list(fields)
    assert not any(secret in str(each) for each in errors for secret in (new.address, P256DH, AUTH))
    assert await devices.of(ann) == []


async def test_guests_have_no_devices_and_users_only_their_own(devices: Devices) -> None:
    ann, bob, admin = (
        await devices.shop.actor(),
        await devices.shop.actor(),
        await devices.shop.actor(SystemRole.ADMIN),
    )
    made, db = await devices.register(ann, app()), devices.shop.db
    with pytest.raises(Unauthenticated):
        await devices.register(devices.shop.guest, app())
    for stranger in (bob, admin):
        with pytest.raises(PushDeviceNotFound):
            await db.run(partial(devices.parts.remove, actor=stranger, device_id=made.id), stranger)
    reader = db.reader(devices.shop.company_id)
    found = [await devices.parts.find_by_id(reader, who, [made.id]) for who in (devices.shop.guest, bob, admin, ann)]
    assert [len(each) for each in found] == [0, 0, 0, 1]
    await db.run(lambda tx: devices.parts.remove(tx, ann, made.id), ann)
    with pytest.raises(PushDeviceNotFound):
        await db.run(lambda tx: devices.parts.remove(tx, ann, made.id), ann)


async def test_a_logout_ends_the_devices_of_its_session_only(devices: Devices) -> None:
    shop = devices.shop
    user = await shop.account()
    phone, laptop = await shop.logged_in(user.email), await shop.logged_in(user.email)
    await devices.register(phone, app())
    kept = await devices.register(laptop, browser())
    assert phone.session_id is not None
    session: UUID = phone.session_id
    await shop.run(shop.auth.sessions.end, phone, session)
    for _ in range(2):
        await devices.ended()
    assert [each.id for each in await devices.of(laptop)] == [kept.id]
    await shop.run(shop.auth.sessions.end_others, laptop)
    await devices.ended()
    assert [each.id for each in await devices.of(laptop)] == [kept.id]


async def test_a_logout_in_another_company_lets_nothing_reach_the_device(
    devices: Devices, other_company: UUID
) -> None:
    shop = devices.shop
    phone = await shop.logged_in((await shop.account()).email)
    assert phone.session_id is not None
    device = await devices.register(phone, app())
    reader = shop.db.reader(shop.company_id)
    notification: Any = Pushed(phone.user_id, {DEVICE_ID: str(device.id)})
    with counting() as counted:
        found = await devices.parts.address_of(reader, notification)
    assert counted.data == 2
    assert found is not None
    assert found.address == app().address
    session, elsewhere = phone.session_id, replace(phone, company_id=other_company)
    await shop.db.run(lambda tx: shop.auth.sessions.end(tx, elsewhere, session), elsewhere)
    await devices.ended()  # the event is one of the other company
    assert [each.id for each in await devices.of(phone)] == [device.id]
    assert await devices.parts.address_of(reader, notification) is None


async def test_a_device_that_was_registered_again_is_not_ended_by_an_earlier_logout(devices: Devices) -> None:
    shop = devices.shop
    user = await shop.account()
    before = await shop.logged_in(user.email)
    await devices.register(before, app())
    assert before.session_id is not None
    await shop.run(shop.auth.sessions.end, before, before.session_id)
    now = await shop.logged_in(user.email)
    kept = await devices.register(now, app())
    await devices.ended()
    assert [each.id for each in await devices.of(now)] == [kept.id]


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_disabled_user_has_no_devices(devices: Devices, everywhere: bool) -> None:
    shop = devices.shop
    admin = await shop.actor(SystemRole.SUPER_ADMIN if everywhere else SystemRole.ADMIN)
    ann, bob = await shop.actor(), await shop.actor()
    await devices.register(ann, app("the app of ann, which ends"))
    kept = await devices.register(bob, app("the app of bob, which stays"))
    await shop.run(shop.auth.members.disable, admin, ann.user_id, everywhere=everywhere)
    await devices.ended()
    assert (await devices.of(ann), [each.id for each in await devices.of(bob)]) == ([], [kept.id])
