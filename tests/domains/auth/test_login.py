"""Login: its tokens, its refusals, and that it does not reveal whether an account exists."""

import asyncio
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from domains.auth import data
from domains.auth.errors import InvalidCredentials
from domains.auth.models import NewAccount
from domains.auth.passwords.hashing import PasswordHashes
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.database import Tx
from domains.kernel.errors import RateLimited, Unauthenticated
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.role.models import SystemRole
from tests.domains.auth.conftest import HOME, KEY, PASSWORD, Shop


async def test_login_returns_valid_tokens(shop: Shop) -> None:
    user = await shop.account()
    response = await shop.login(user.email)
    assert (response.user.id, response.user.email) == (user.id, user.email)
    assert response.access_token_expires_at == shop.clock.now() + timedelta(minutes=15)
    assert response.session_expires_at == shop.clock.now() + timedelta(days=90)
    actor = await shop.actor_of(response.access_token)
    assert (actor.kind, actor.user_id, actor.company_id) == (ActorKind.USER, user.id, shop.company_id)
    assert actor.role is not None
    assert (actor.role.code, actor.grants) == ("CUSTOMER", frozenset())


async def test_login_ignores_case_and_surrounding_space_of_the_address(shop: Shop) -> None:
    user = await shop.account()
    assert (await shop.login(f"  {user.email.upper()} ")).user.id == user.id


# ASVS 7.2.4
async def test_each_login_starts_a_new_session(shop: Shop) -> None:
    user = await shop.account()
    first, second = await shop.login(user.email), await shop.login(user.email)
    sessions = {(await shop.actor_of(each.access_token)).session_id for each in (first, second)}
    assert len(sessions) == 2
    assert first.refresh_token != second.refresh_token


# ASVS 6.3.8: the same message, statements and hashes whether or not there is an account.
async def test_a_failed_login_does_not_reveal_whether_the_account_exists(shop: Shop, hashes: list[str]) -> None:
    known, disabled = await shop.account(), await shop.account()
    await shop.run(shop.auth.members.disable, shop.system, disabled.id)
    tries = {"wrong password": known.email, "unknown": shop.email(), "disabled": disabled.email, "no address": "x"}
    await shop.login(known.email)  # what is read once per process is read now
    seen = set()
    for email in tries.values():
        hashes.clear()
        password = PASSWORD if email == disabled.email else "wrong horse battery staple"
        with counting() as count, pytest.raises(InvalidCredentials) as refused:
            await shop.login(email, password)
        seen.add((refused.value.message, refused.value.field, len(hashes), count.data, count.control))
    assert seen == {
        ("The e-mail address or the password is wrong, or the address is not confirmed yet.", (), 1, 1, 0)
    }


async def test_login_to_an_unconfirmed_account_is_refused_as_invalid_credentials(shop: Shop) -> None:
    email = shop.email()
    await shop.auth.register(shop.db, shop.guest, HOME, NewAccount(email=email, password=PASSWORD))
    with pytest.raises(InvalidCredentials):
        await shop.login(email)


# ASVS 11.4.2: stored hashes follow when the parameters rise.
async def test_a_login_rehashes_when_the_hash_parameters_were_raised(
    shop: Shop, make_shop: Callable[..., Shop], hashes: list[str]
) -> None:
    user = await shop.account()
    stricter = make_shop(argon2_memory_kib=16)
    hashes.clear()
    await stricter.login(user.email)
    assert len(hashes) == 2
    stored = await data.user.find_unique(shop.db.reader(shop.company_id), id=user.id)
    assert stored is not None
    assert (stored.password_hash or "").startswith("$argon2id$v=19$m=16,t=1,p=1$")
    hashes.clear()
    await stricter.login(user.email)
    assert len(hashes) == 1


async def test_a_login_succeeds_when_rehashing_has_no_capacity(
    shop: Shop, make_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await shop.account()

    async def busy(_self: PasswordHashes, _password: str) -> str:
        raise RateLimited("busy", retry_after=5)

    monkeypatch.setattr(PasswordHashes, "hash", busy)
    assert (await make_shop(argon2_memory_kib=16).login(user.email)).user.id == user.id


# A password that was stored unnormalized is accepted, and hashed again.
async def test_a_login_rehashes_a_password_that_was_stored_unnormalized(shop: Shop, hashes: list[str]) -> None:
    user = await shop.account()
    typed = "e\N{COMBINING ACUTE ACCENT}tude horse battery"
    raw = shop.auth._hashes._argon2.hash(typed.encode())

    async def put_back(tx: Tx) -> None:
        await data.user.update(tx, id=user.id, data={"password_hash": raw})

    await shop.db.run(put_back, shop.system)
    composed = unicodedata.normalize("NFC", typed)
    for password in (composed, composed, typed):
        assert (await shop.login(user.email, password)).user.id == user.id
    stored = await data.user.find_unique(shop.db.reader(shop.company_id), id=user.id)
    assert stored is not None
    assert stored.password_hash != raw
    hashes.clear()
    await shop.login(user.email, typed)
    assert len(hashes) == 2


async def test_a_password_changed_during_its_verification_starts_no_session(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await shop.account()
    verify = PasswordHashes.verify

    async def change_then_verify(self: PasswordHashes, password_hash: str | None, password: str) -> bool:
        is_right = await verify(self, password_hash, password)
        other = await self.hash("another horse battery staple")

        async def change(tx: Tx) -> None:
            await data.user.update(tx, id=user.id, data={"password_hash": other})

        await shop.db.run(change, shop.system)
        return is_right

    monkeypatch.setattr(PasswordHashes, "verify", change_then_verify)
    with pytest.raises(InvalidCredentials):
        await shop.login(user.email)


async def test_a_login_adds_the_user_as_customer_of_that_company_only(
    shop: Shop, other_company: UUID, make_shop: Callable[..., Shop]
) -> None:
    user = await shop.account()
    other = make_shop(other_company)
    token = (await shop.login(user.email)).access_token
    with pytest.raises(Unauthenticated):
        await other.actor_of(token)
    response = await other.login(user.email)
    assert (await other.actor_of(response.access_token)).company_id == other_company
    await asyncio.gather(*(other.login(user.email) for _ in range(4)))
    members = await data.membership.count(shop.db.reader(other_company), where={"user_id": user.id})
    assert members == 1


async def test_many_users_of_one_network_log_in_at_once(shop: Shop) -> None:
    emails = [(await shop.account()).email for _ in range(6)] * 2
    responses = await asyncio.gather(*(shop.login(email) for email in emails))
    assert [response.user.email for response in responses] == emails


async def test_staff_of_one_company_are_customers_in_another(
    shop: Shop, other_company: UUID, make_shop: Callable[..., Shop]
) -> None:
    user = await shop.account(SystemRole.ADMIN)
    other = make_shop(other_company)
    at_home, away = await shop.logged_in(user.email), await other.logged_in(user.email)
    assert at_home.can(PermissionResource.USERS, PermissionAction.MANAGE)
    assert away.grants == frozenset()


async def test_a_super_administrator_has_all_permissions_in_every_company(
    shop: Shop, other_company: UUID, make_shop: Callable[..., Shop]
) -> None:
    user = await shop.account(SystemRole.SUPER_ADMIN)
    actor = await make_shop(other_company).logged_in(user.email)
    assert actor.is_super_administrator
    assert actor.can(PermissionResource.SETTINGS, PermissionAction.DELETE)


async def test_the_actor_is_loaded_with_one_statement(shop: Shop) -> None:
    response = await shop.login((await shop.account()).email)
    await shop.actor_of(response.access_token)
    with counting() as count:
        await shop.actor_of(response.access_token)
    assert (count.data, count.control) == (1, 0)


async def test_a_login_executes_five_statements_and_that_of_its_event(shop: Shop) -> None:
    user = await shop.account()
    await shop.login(user.email)
    with counting() as count:
        await shop.login(user.email)
    assert (count.data, count.control) == (6, 2)


async def test_check_permission_uses_the_current_role(shop: Shop, other_company: UUID) -> None:
    user = await shop.account(SystemRole.SUPPORT)
    here, there = shop.db.reader(shop.company_id), shop.db.reader(other_company)
    users = PermissionResource.USERS
    assert await shop.auth.check_permission(here, user.id, users, PermissionAction.UPDATE)
    assert not await shop.auth.check_permission(here, user.id, users, PermissionAction.DELETE)
    assert not await shop.auth.check_permission(there, user.id, users, PermissionAction.UPDATE)


async def test_validate_token_returns_the_user(shop: Shop) -> None:
    response = await shop.login((await shop.account()).email)
    assert await shop.auth.validate_token(shop.db, response.access_token, shop.company_id) == response.user


# ASVS 9.1.1: two keys are accepted while one replaces the other.
async def test_access_tokens_survive_a_key_rotation_until_the_old_key_is_removed(
    shop: Shop, make_shop: Callable[..., Shop]
) -> None:
    fresh = b"another key of thirty-two octets!"
    token = (await shop.login((await shop.account()).email)).access_token
    rotated, finished = make_shop(secrets=[fresh, KEY]), make_shop(secrets=[fresh])
    assert (await rotated.actor_of(token)).kind is ActorKind.USER
    with pytest.raises(Unauthenticated):
        await finished.actor_of(token)


async def test_the_system_actor_cannot_log_out(shop: Shop) -> None:
    with pytest.raises(Unauthenticated):
        await shop.run(shop.auth.logout, Actor.system(shop.company_id))
