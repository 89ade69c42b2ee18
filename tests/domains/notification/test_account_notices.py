"""Users are notified of changes to their accounts, and no event contains a secret (ASVS 6.3.7)."""

import dataclasses
from typing import Any
from uuid import UUID

import pytest

from domains.account import events as account_events
from domains.account.models import Address, AddressType, NewAddress
from domains.auth import events
from domains.auth.emails.account_emails import AccountEmails
from domains.auth.errors import RoleOutOfReach
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.events import Envelope, Event
from domains.kernel.values.secret import Secret
from domains.notification.account_notices import AccountNotices
from domains.payment.providers.registry import Providers
from domains.role.models import SystemRole
from gateway.bootstrap import create_dependencies, register_handlers
from gateway.infra.encryption import Cipher
from gateway.infra.memory import MemoryCache
from gateway.messaging.event_emitter import EventEmitter
from gateway.providers.installation import Installation, carrier_adapters
from gateway.providers.mock.mock_payments import MockPayments
from gateway.services import Services, build_services
from gateway.settings import Settings
from tests.domains.auth.conftest import HOME, PASSWORD, Shop
from tests.domains.notification.mailbox import Mailbox

OUTBOX = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where aggregate_id = $1 order by sequence
"""
PENDING = "select id, company_id from notifications where user_id = $1 and status = 'PENDING' order by id"


async def delivered_notices(
    shop: Shop, owner: Any, user_id: UUID, times: int = 1, *, is_new: bool = False
) -> list[tuple[str, str]]:
    """The mails that the relay's deliveries of a user's events cause, each event delivered so many times.

    That of the registration is left out, unless the user is new.
    """
    emitter, mailbox = EventEmitter(shop.db), Mailbox()
    clock = FixedClock(shop.clock.now())
    mock = MockPayments(shop.db._pool, clock, Secret("a webhook secret"))
    providers = Installation(Providers(mock), mock, carrier_adapters(Settings(), shop.db._pool, clock))
    parts = create_dependencies(Settings(), providers, mailbox.outbound, clock=clock, cache=MemoryCache(clock))
    services = build_services(parts, Services)
    register_handlers(emitter, services)
    for row in await owner.fetch(OUTBOX, user_id):
        for _ in range(times):
            if row["topic"] in emitter.topics and is_new >= (row["topic"] == "user.registered"):
                await emitter.emit(Envelope(*row))
    for row in await owner.fetch(PENDING, user_id):
        await services.notification.delivery.send(shop.db, row["company_id"], row["id"], 1)
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
    assert await delivered_notices(shop, owner, user.id) == [(user.email, "A shop: You were logged out on a device")]


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
            events.UserUpdated,
            events.EmailConfirmed,
            events.LoggedIn,
            events.SessionEnded,
        )
    }
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, events.UserEvent)]
    topics = {kind.topic for kind in kinds if kind is not events.UserEvent}
    without_address = {events.UserErased.topic, events.UserMerged.topic}
    by_staff = {account_events.AddressChangedByStaff.topic}
    assert topics - own - told_by_mail_already - without_address == {*AccountNotices.topics} - by_staff
    assert by_staff < {*AccountNotices.topics}


async def test_a_new_user_is_welcomed_once(shop: Shop, owner: Any) -> None:
    user = await shop.account()
    ((to, subject),) = await delivered_notices(shop, owner, user.id, times=2, is_new=True)
    assert (to, subject.startswith("A shop: Welcome")) == (user.email, True)


def test_no_event_has_a_field_for_a_secret_but_an_encrypted_one() -> None:
    named = [*vars(events).values(), *vars(account_events).values()]
    kinds = [kind for kind in named if isinstance(kind, type) and issubclass(kind, Event)]
    names = {field.name for kind in kinds for field in dataclasses.fields(kind)}
    assert names == {
        "user_id",
        "into_user_id",
        "email",
        "first_name",
        "newsletter_subscribed",
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
        "kind",
        "content",
    }


async def test_the_content_of_a_requested_mail_is_encrypted(shop: Shop, database: Database, owner: Any) -> None:
    """The only event with a secret has it in `content`, which goes through the encryption."""
    cipher = Cipher([b"1" * 32], b"content")
    emails, address = AccountEmails(cipher), shop.email()
    async with database.transaction(shop.system) as tx:
        emails.registration_code(tx, address, "123456")
    stored = await owner.fetchval(
        "select payload from outbox_events where company_id = $1 and topic = 'user.email_requested'", shop.company_id
    )
    assert stored["email"] == address
    assert "123456" not in str(stored)
    assert b"123456" in cipher.decrypt(stored["content"].encode())
