"""Users are notified of changes to their accounts, and no event contains a secret (ASVS 6.3.7)."""

import dataclasses
from typing import Any
from uuid import UUID

import pytest

from domains.account import events as account_events
from domains.account.models import Address, AddressType, NewAddress
from domains.auth import events
from domains.auth.errors import RoleOutOfReach
from domains.auth.notices import Notices
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.events import Envelope, Event
from domains.kernel.values.secret import Secret
from domains.payment.providers.registry import Providers
from domains.role.models import SystemRole
from gateway.bootstrap import create_dependencies, register_handlers
from gateway.infra.memory import MemoryCache
from gateway.messaging.event_emitter import EventEmitter
from gateway.providers.installation import Installation, carrier_adapters
from gateway.providers.mock.mock_payments import MockPayments
from gateway.services import Services, build_services
from gateway.settings import Settings
from tests.domains.auth.conftest import HOME, PASSWORD, Mailbox, Shop

OUTBOX = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where aggregate_id = $1 order by sequence
"""


async def delivered_notices(shop: Shop, owner: Any, user_id: UUID, times: int = 1) -> list[tuple[str, str]]:
    """The mails that the relay's deliveries of a user's events cause, each event delivered so many times."""
    emitter, mailbox = EventEmitter(shop.db), Mailbox()
    clock = FixedClock(shop.clock.now())
    mock = MockPayments(shop.db._pool, clock, Secret("a webhook secret"))
    providers = Installation(Providers(mock), mock, carrier_adapters(Settings(), shop.db._pool, clock))
    parts = create_dependencies(Settings(), providers, clock=clock, cache=MemoryCache(clock), mail=mailbox)
    register_handlers(emitter, build_services(parts, Services))
    for row in await owner.fetch(OUTBOX, user_id):
        for _ in range(times):
            if row["topic"] in emitter.topics:
                await emitter.emit(Envelope(*row))
    return [(mail.to, mail.subject) for mail in mailbox.mails]


async def test_the_user_is_notified_once_of_a_password_change(shop: Shop, owner: Any) -> None:
    user = await shop.account()
    actor = await shop.logged_in(user.email)
    new = "a new horse battery staple"
    await shop.auth.passwords.change(shop.db, actor, HOME, PASSWORD, new, end_others=True)
    assert await delivered_notices(shop, owner, user.id, times=2) == [
        (user.email, "A shop: Your password was changed")
    ]


async def test_a_change_of_address_is_notified_to_the_old_address(shop: Shop, owner: Any) -> None:
    user, address = await shop.account(), shop.email()
    actor = await shop.logged_in(user.email)
    await shop.auth.email_change.request(shop.db, actor, HOME, address, PASSWORD)
    code = shop.mailbox.last(address).code
    await shop.auth.email_change.confirm(shop.db, actor, HOME, code)
    assert await delivered_notices(shop, owner, user.id) == [(user.email, "A shop: Your e-mail address was changed")]


async def test_the_user_is_notified_when_a_session_ends_because_of_token_reuse(shop: Shop, owner: Any) -> None:
    user = await shop.account()
    response = await shop.login(user.email)
    await shop.refresh(response.refresh_token)
    for _ in range(2):
        with pytest.raises(Exception, match="may have been stolen"):
            await shop.refresh(response.refresh_token)
    assert await delivered_notices(shop, owner, user.id) == [(user.email, "A shop: A session was ended")]


async def address_of(shop: Shop, actor: Actor) -> UUID:
    new = NewAddress(
        type=AddressType.SHIPPING,
        full_name="Ada Lovelace",
        address_line_1="Street 1",
        city="Berlin",
        postal_code="10115",
        country="DE",
    )
    address: Address = await shop.run(shop.accounts.addresses.create, actor, new)
    return address.id


async def test_a_user_is_notified_of_address_changes_by_staff_only(shop: Shop, owner: Any) -> None:
    user = await shop.account()
    actor, admin = await shop.logged_in(user.email), await shop.actor(SystemRole.ADMIN)
    address = await address_of(shop, actor)
    book = shop.accounts.addresses
    await shop.run(book.update, actor, address, {"city": "Bonn"})
    assert await delivered_notices(shop, owner, user.id) == []
    await shop.run(book.update, admin, address, {"city": "Jena"})
    await shop.run(book.delete, admin, address)
    assert await delivered_notices(shop, owner, user.id, times=2) == [
        (user.email, "A shop: An address in your address book was changed"),
        (user.email, "A shop: An address in your address book was deleted"),
    ]


async def test_a_user_is_notified_of_account_changes_by_staff(shop: Shop, owner: Any) -> None:
    user, admin = await shop.account(), await shop.actor(SystemRole.ADMIN)
    members = shop.auth.members
    role = await shop.auth._roles.system_role(shop.db.reader(shop.company_id), SystemRole.SUPPORT)
    await shop.run(members.assign_role, admin, user.id, role.id)
    await shop.run(members.disable, admin, user.id)
    await shop.run(members.enable, admin, user.id)
    await shop.run(members.disable, shop.system, user.id, everywhere=True)
    assert await delivered_notices(shop, owner, user.id) == [
        (user.email, "A shop: Your role was changed"),
        (user.email, "A shop: Your account was disabled"),
        (user.email, "A shop: Your account was enabled"),
        (user.email, "A shop: Your account was disabled"),
    ]


async def test_a_change_without_a_difference_sends_no_notice(shop: Shop, owner: Any) -> None:
    user, admin = await shop.account(), await shop.actor(SystemRole.ADMIN)
    members = shop.auth.members
    role = await shop.auth._roles.system_role(shop.db.reader(shop.company_id), SystemRole.SUPPORT)
    for _ in range(2):
        await shop.run(members.enable, admin, user.id)
        await shop.run(members.enable, shop.system, user.id, everywhere=True)
        await shop.run(members.assign_role, admin, user.id, role.id)
    for _ in range(2):
        await shop.run(members.disable, admin, user.id)
        await shop.run(members.disable, shop.system, user.id, everywhere=True)
    assert await delivered_notices(shop, owner, user.id) == [
        (user.email, "A shop: Your role was changed"),
        (user.email, "A shop: Your account was disabled"),
        (user.email, "A shop: Your account was disabled"),
    ]


async def test_staff_cannot_change_addresses_of_users_with_a_higher_role(shop: Shop) -> None:
    boss, support = await shop.actor(SystemRole.SUPER_ADMIN), await shop.actor(SystemRole.SUPPORT)
    address = await address_of(shop, boss)
    with pytest.raises(RoleOutOfReach):
        await shop.run(shop.accounts.addresses.update, support, address, {"city": "Bonn"})
    assert (await shop.accounts.addresses.find_own(shop.db.reader(shop.company_id), boss, address)).city == "Berlin"


# Users are notified of every change that staff make to their account.
def test_every_event_of_a_change_by_staff_has_a_notice() -> None:
    told_by_mail_already = {events.UserInvited.topic}
    own = {
        each.topic
        for each in (
            events.UserRegistered,
            events.UserUpdated,
            events.EmailConfirmed,
            events.LoggedIn,
            events.SessionEnded,
        )
    }
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, events.UserEvent)]
    topics = {kind.topic for kind in kinds if kind is not events.UserEvent}
    without_address = {events.UserErased.topic, events.UserMerged.topic}
    assert topics - own - told_by_mail_already - without_address == set(Notices.topics)


async def test_a_registration_sends_no_notice_to_the_mailbox(shop: Shop, owner: Any) -> None:
    user = await shop.account()
    assert await delivered_notices(shop, owner, user.id) == []


def test_no_event_has_a_field_for_a_secret() -> None:
    named = [*vars(events).values(), *vars(account_events).values()]
    kinds = [kind for kind in named if isinstance(kind, type) and issubclass(kind, Event)]
    names = {field.name for kind in kinds for field in dataclasses.fields(kind)}
    assert names == {
        "user_id",
        "into_user_id",
        "email",
        "first_name",
        "role_id",
        "changed",
        "was_reset",
        "old_email",
        "new_email",
        "session_id",
        "platform",
        "address_id",
        "was_deleted",
        "end_reason",
    }
