"""Invitations of staff: invited users choose their password, and existing accounts are not revealed."""

from typing import Any
from uuid import UUID

import pytest

from domains.auth.errors import InvalidCredentials, InvalidToken, RoleOutOfReach
from domains.auth.models import NewAccount, User
from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError, Unauthenticated
from domains.kernel.monitoring.statement_counts import counting
from domains.role.errors import RoleAboveOwn
from domains.role.models import SystemRole
from tests.domains.auth.conftest import HOME, PASSWORD, Shop
from tests.domains.auth.test_members import assign, code_of, disable, find_emails, role

NEW = "a new horse battery staple"


async def invite(shop: Shop, actor: Actor, email: str, code: SystemRole = SystemRole.SUPPORT) -> User:
    role_id = (await role(shop, code)).id
    return await shop.auth.invitations.invite(
        shop.db, actor, email=email, first_name="Grace", last_name="Hopper", role_id=role_id
    )


# ASVS 6.4.6
async def test_an_invited_member_of_staff_chooses_their_own_password(shop: Shop, owner: Any) -> None:
    email = shop.email()
    user = await invite(shop, await shop.actor(SystemRole.ADMIN), email.upper())
    assert (user.email, user.first_name, user.email_verified) == (email, "Grace", False)
    with pytest.raises(InvalidCredentials):
        await shop.login(email, "")
    token = shop.mailbox.last(email).token
    await shop.auth.passwords.reset(shop.db, shop.guest, HOME, token, NEW)
    actor = await shop.logged_in(email, NEW)
    assert actor.role is not None
    assert actor.role.code == "SUPPORT"
    topics = await owner.fetch("select topic from outbox_events where aggregate_id = $1 order by sequence", user.id)
    assert [row["topic"] for row in topics] == [
        "user.invited",
        "user.registered",
        "user.password_changed",
        "user.logged_in",
    ]
    with pytest.raises(InvalidToken):
        await shop.auth.passwords.reset(shop.db, shop.guest, HOME, token, PASSWORD)


# ASVS 6.4.6: no input of an administrator holds a password.
def test_no_administrative_operation_accepts_a_password(shop: Shop) -> None:
    names = {
        name
        for part in (shop.auth.members, shop.auth.invitations)
        for method in vars(type(part)).values()
        if callable(method)
        for name in method.__code__.co_varnames[: method.__code__.co_argcount + method.__code__.co_kwonlyargcount]
    }
    assert {name for name in names if "password" in name or "hash" in name} == set()


async def test_an_invitation_does_not_reveal_an_existing_account(
    shop: Shop, other_company: UUID, make_shop: Any
) -> None:
    other = make_shop(other_company)
    stranger, gone = await other.account(), await other.account()
    boss, invited_email = await other.account(SystemRole.SUPER_ADMIN), shop.email()
    await other.run(other.accounts.profile.update, await other.logged_in(stranger.email), {"phone": "+49 30 123456"})
    await disable(other, other.system, gone.id, everywhere=True)
    admin, seen = await shop.actor(SystemRole.ADMIN), set()
    last_change = max([(await other.login(email)).user.updated_at for email in (stranger.email, boss.email)])
    for email in (stranger.email, gone.email, boss.email, invited_email):
        with counting() as count:
            user = await invite(shop, admin, email)
        assert user.email == email
        assert await shop.auth.members.get(shop.db.reader(shop.company_id), user.id) == user
        names = (user.first_name, user.last_name, user.phone, user.email_verified, user.pending_email)
        shown = (*names, user.is_active, user.role_id, user.updated_at > last_change, user.id.version)
        seen.add((*shown, count.data, count.control))
    support = (await role(shop, SystemRole.SUPPORT)).id
    assert seen == {("Grace", "Hopper", None, False, None, True, support, True, 4, 12, 2)}
    everybody = sorted([stranger.email, gone.email, boss.email, invited_email])
    assert await find_emails(shop, search="hopper") == everybody
    assert await find_emails(shop, search="lovelace", role_ids=(support,)) == []
    assert await find_emails(shop, email_verified=True, role_ids=(support,)) == []


async def test_a_company_cannot_change_a_super_administrator_that_it_invited(
    shop: Shop, other_company: UUID, make_shop: Any
) -> None:
    boss = await make_shop(other_company).account(SystemRole.SUPER_ADMIN)
    admin = await shop.actor(SystemRole.ADMIN)
    await invite(shop, admin, boss.email)
    shown = await assign(shop, admin, boss.id, SystemRole.MANAGER)
    assert shown.role_id == (await role(shop, SystemRole.MANAGER)).id
    assert (await shop.logged_in(boss.email)).is_super_administrator


async def test_an_invited_user_with_an_account_becomes_visible_after_a_login(
    shop: Shop, other_company: UUID, make_shop: Any
) -> None:
    other = make_shop(other_company)
    user = await other.account()
    token = (await other.login(user.email)).access_token
    await invite(shop, await shop.actor(SystemRole.ADMIN), user.email)
    assert "Log in with your account." in shop.mailbox.last(user.email).text
    with pytest.raises(Unauthenticated):
        await shop.auth.sessions.authenticate(shop.db, token, shop.company_id)
    assert (await shop.login(user.email)).user.first_name == "Ada"
    assert (await shop.auth.users.find(shop.db.reader(shop.company_id), [user.id]))[0].first_name == "Ada"
    actor = await shop.auth.sessions.authenticate(shop.db, token, shop.company_id)
    assert actor.role is not None
    assert actor.role.code == "SUPPORT"


async def test_an_invited_customer_stays_visible_to_the_company(shop: Shop) -> None:
    user = await shop.account()
    invited = await invite(shop, await shop.actor(SystemRole.ADMIN), user.email)
    assert (invited.id, invited.first_name, invited.email_verified) == (user.id, "Ada", True)
    assert await code_of(shop, user.id) == "SUPPORT"


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_registering_an_invited_address_does_not_grant_the_staff_role(
    other_company: UUID, make_shop: Any, shop: Shop, elsewhere: bool
) -> None:
    thief = make_shop(other_company if elsewhere else shop.company_id, require_confirmed_email=False)
    shop = make_shop(shop.company_id, require_confirmed_email=False)
    email = shop.email()
    new = NewAccount(email=email, password=PASSWORD, first_name="Mallory")
    auth = (await thief.auth.register(thief.db, thief.guest, HOME, new)).auth
    invited = await invite(shop, await shop.actor(SystemRole.ADMIN), email)
    assert invited.first_name == "Grace"
    with pytest.raises(Unauthenticated):
        await shop.auth.sessions.authenticate(shop.db, auth.access_token, shop.company_id)
    with pytest.raises(InvalidCredentials):
        await shop.login(email)
    await shop.auth.passwords.reset(shop.db, shop.guest, HOME, shop.mailbox.last(email).token, NEW)
    with pytest.raises(InvalidToken):
        await thief.refresh(auth.refresh_token)
    with pytest.raises(InvalidCredentials):
        await shop.login(email)
    actor = await shop.logged_in(email, NEW)
    assert actor.role is not None
    assert actor.role.code == "SUPPORT"


async def test_an_invitation_cannot_grant_a_role_above_the_inviters(shop: Shop) -> None:
    support, boss = await shop.actor(SystemRole.SUPPORT), await shop.account(SystemRole.ADMIN)
    with pytest.raises(RoleAboveOwn):
        await invite(shop, support, shop.email(), SystemRole.ADMIN)
    with pytest.raises(RoleOutOfReach):
        await invite(shop, support, boss.email, SystemRole.SUPPORT)
    assert await code_of(shop, boss.id) == "ADMIN"
    assert shop.mailbox.mails == []


async def test_a_member_cannot_be_invited_as_super_administrator(shop: Shop) -> None:
    with pytest.raises(DomainError):
        await invite(shop, await shop.actor(SystemRole.ADMIN), shop.email(), SystemRole.SUPER_ADMIN)
