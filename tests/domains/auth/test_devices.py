"""Wrong attempts of others do not lock out devices and networks that an owner has logged in from (ASVS 6.3.1)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domains.auth.errors import AccountLocked, InvalidCredentials
from domains.auth.models import Origin
from domains.kernel.monitoring.statement_counts import counting
from domains.role.models import SystemRole
from tests.domains.auth.conftest import ELSEWHERE, HOME, PASSWORD, Shop
from tests.domains.auth.test_rate_limits import WRONG, wrong_logins


async def attack_from_many_networks(shop: Shop, email: str) -> None:
    """Wrong attempts from many networks, until unknown networks are locked out."""
    for number in range(12):
        with pytest.raises((InvalidCredentials, AccountLocked)):
            await shop.login(email, f"{WRONG} {number}", Origin(f"198.51.100.{100 + number}"))
    with pytest.raises(AccountLocked):
        await shop.login(email, PASSWORD, Origin("198.51.100.99"))


# ASVS 6.3.1: the super administrator's account too.
@pytest.mark.parametrize("role", [SystemRole.CUSTOMER, SystemRole.ADMIN, SystemRole.SUPER_ADMIN])
async def test_wrong_attempts_of_others_do_not_lock_out_a_network_of_the_owner(shop: Shop, role: SystemRole) -> None:
    user = await shop.account(role)
    await shop.login(user.email, origin=HOME)
    await attack_from_many_networks(shop, user.email)
    assert (await shop.login(user.email, origin=HOME)).user.id == user.id
    with pytest.raises(AccountLocked):
        await shop.login(user.email, origin=ELSEWHERE)


async def test_wrong_attempts_of_others_do_not_lock_out_a_device_with_a_device_token(shop: Shop) -> None:
    user = await shop.account()
    token = (await shop.login(user.email, origin=HOME)).device_token
    await attack_from_many_networks(shop, user.email)
    travelling = Origin("203.0.113.9", "A phone", token)
    assert (await shop.login(user.email, origin=travelling)).user.id == user.id


async def test_attempts_from_one_network_do_not_lock_out_other_networks(shop: Shop) -> None:
    user = await shop.account()
    await wrong_logins(shop, user.email, 30)
    assert (await shop.login(user.email, origin=HOME)).user.id == user.id


async def test_a_known_network_has_the_same_number_of_attempts(shop: Shop) -> None:
    user = await shop.account()
    await shop.login(user.email, origin=HOME)
    await attack_from_many_networks(shop, user.email)
    seen = []
    for number in range(6):
        with pytest.raises((InvalidCredentials, AccountLocked)) as refused:
            await shop.login(user.email, f"{WRONG} {number}", HOME)
        seen.append(refused.value.code)
    assert seen == ["INVALID_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"] * 2


async def test_a_device_token_is_valid_for_its_account_and_time_and_only_unaltered(
    shop: Shop, make_shop: Callable[..., Shop]
) -> None:
    user, other = await shop.account(), await shop.account()
    token = (await shop.login(user.email)).device_token or ""
    await attack_from_many_networks(shop, user.email)
    foreign = (await make_shop(secrets=[b"x" * 32]).login(other.email)).device_token
    stolen = (await shop.login(other.email)).device_token
    device, expires_at, seal = token.split(".")
    forged = [
        f"{device}.{int(expires_at) + 1}.{seal}",
        f"{device}x.{expires_at}.{seal}",
        token[:-1],
        "",
        "..",
        "\ud800",
    ]
    for wrong_token in (stolen, foreign, *forged):
        with pytest.raises(AccountLocked):
            await shop.login(user.email, origin=Origin("203.0.113.9", None, wrong_token))
    assert (await shop.login(user.email, origin=Origin("203.0.113.9", None, token))).user.id == user.id


async def test_a_device_token_expires_after_half_a_year_and_is_renewed_at_each_login(shop: Shop) -> None:
    user = await shop.account()
    first = (await shop.login(user.email)).device_token
    shop.clock.advance(timedelta(days=179))
    second = (await shop.login(user.email, origin=Origin("203.0.113.9", None, first))).device_token
    assert second is not None
    assert first is not None
    assert second.split(".")[0] == first.split(".")[0]
    shop.clock.advance(timedelta(days=2))
    await attack_from_many_networks(shop, user.email)
    with pytest.raises(AccountLocked):
        await shop.login(user.email, origin=Origin("192.0.2.200", None, first))
    assert (await shop.login(user.email, origin=Origin("192.0.2.200", None, second))).user.id == user.id


async def test_a_network_is_unknown_after_a_reset_ended_its_sessions(shop: Shop) -> None:
    user = await shop.account()
    await shop.login(user.email, origin=ELSEWHERE)
    await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, user.email)
    new = "a new horse battery staple"
    await shop.auth.passwords.reset(shop.db, shop.guest, HOME, shop.mailbox.last(user.email).token, new)
    await attack_from_many_networks(shop, user.email)
    with pytest.raises(AccountLocked):
        await shop.login(user.email, new, ELSEWHERE)


async def test_a_network_stays_known_after_a_logout(shop: Shop) -> None:
    user = await shop.account()
    actor = await shop.logged_in(user.email)
    shop.clock.advance(timedelta(minutes=1))
    await shop.run(shop.auth.logout, actor)
    await attack_from_many_networks(shop, user.email)
    assert (await shop.login(user.email, origin=HOME)).user.id == user.id


# ASVS 6.3.8: a lockout has the same cost and message with and without an account.
async def test_a_lockout_does_not_reveal_whether_the_account_exists(shop: Shop, hashes: list[str]) -> None:
    known, unknown = (await shop.account()).email, shop.email()
    await shop.login(known, origin=HOME)
    seen = set()
    for email in (known, unknown):
        await attack_from_many_networks(shop, email)
        hashes.clear()
        with counting() as count, pytest.raises(AccountLocked) as locked:
            await shop.login(email, PASSWORD, Origin("198.51.100.98"))
        seen.add((locked.value.message, locked.value.retry_after, len(hashes), count.data, count.control))
    assert seen == {("Too many wrong attempts. Try again later, or reset the password.", 1_080, 0, 1, 0)}


async def test_wrong_attempts_of_others_do_not_block_a_logged_in_password_change(shop: Shop) -> None:
    user = await shop.account()
    actor = await shop.logged_in(user.email)
    await attack_from_many_networks(shop, user.email)
    change = shop.auth.passwords.change
    new = "a new horse battery staple"
    await change(shop.db, actor, ELSEWHERE, PASSWORD, new, end_others=True)
    assert (await shop.login(user.email, new)).user.id == user.id
