"""Password reset: single use, half an hour, all sessions end, and accounts are not revealed."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from domains.auth.errors import InvalidCredentials, InvalidToken, WeakPassword
from domains.auth.events import PasswordChanged
from domains.auth.models import NewAccount, Origin
from domains.kernel.errors import InvalidInput, RateLimited, Unauthenticated
from domains.kernel.monitoring.statement_counts import counting
from tests.domains.auth.conftest import ELSEWHERE, HOME, PASSWORD, Shop

NEW = "a new horse battery staple"


async def request_reset(shop: Shop, email: str) -> str:
    await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, email)
    return shop.mailbox.last(email).token


async def reset(shop: Shop, token: str, password: str = NEW) -> None:
    await shop.auth.passwords.reset(shop.db, shop.guest, HOME, token, password)


async def test_a_mailed_token_sets_a_new_password(shop: Shop) -> None:
    user = await shop.account()
    await reset(shop, await request_reset(shop, user.email))
    assert (await shop.login(user.email, NEW)).user.id == user.id
    with pytest.raises(InvalidCredentials):
        await shop.login(user.email, PASSWORD)


async def test_a_reset_ends_every_session(shop: Shop) -> None:
    user = await shop.account()
    responses = [await shop.login(user.email) for _ in range(3)]
    await reset(shop, await request_reset(shop, user.email))
    for response in responses:
        with pytest.raises(Unauthenticated):
            await shop.actor_of(response.access_token)
        with pytest.raises(InvalidToken):
            await shop.refresh(response.refresh_token)


# ASVS 6.4.1
async def test_a_reset_token_is_valid_once(shop: Shop) -> None:
    user = await shop.account()
    token = await request_reset(shop, user.email)
    await reset(shop, token)
    with pytest.raises(InvalidToken):
        await reset(shop, token, "yet another horse staple")
    assert (await shop.login(user.email, NEW)).user.id == user.id


async def test_a_reset_voids_all_other_reset_tokens(shop: Shop) -> None:
    user = await shop.account()
    first, second = await request_reset(shop, user.email), await request_reset(shop, user.email)
    await reset(shop, first)
    with pytest.raises(InvalidToken):
        await reset(shop, second)


async def test_a_second_request_does_not_void_the_first_reset_token(shop: Shop) -> None:
    user = await shop.account()
    token = await request_reset(shop, user.email)
    await shop.auth.passwords.request_reset(shop.db, shop.guest, ELSEWHERE, user.email)
    await reset(shop, token)
    assert (await shop.login(user.email, NEW)).user.id == user.id


@pytest.mark.parametrize(("minutes", "is_good"), [(29, True), (30, False)])
async def test_a_reset_token_expires_after_half_an_hour(shop: Shop, minutes: int, is_good: bool) -> None:
    token = await request_reset(shop, (await shop.account()).email)
    shop.clock.advance(timedelta(minutes=minutes))
    if is_good:
        await reset(shop, token)
    else:
        with pytest.raises(InvalidToken):
            await reset(shop, token)


async def test_one_of_twenty_parallel_resets_with_one_token_succeeds(shop: Shop) -> None:
    user = await shop.account()
    token = await request_reset(shop, user.email)
    results = await asyncio.gather(
        *(reset(shop, token, f"{NEW} {number}") for number in range(20)), return_exceptions=True
    )
    winners = [number for number, result in enumerate(results) if result is None]
    assert len(winners) == 1
    assert {type(result) for result in results if result is not None} == {InvalidToken.__subclasses__()[0]}
    assert (await shop.login(user.email, f"{NEW} {winners[0]}")).user.id == user.id


# ASVS 6.3.8: the same statements, hashes and mails whether or not there is an account.
async def test_requesting_a_reset_does_not_reveal_whether_the_account_exists(shop: Shop, hashes: list[str]) -> None:
    known, disabled = await shop.account(), await shop.account()
    await shop.run(shop.auth.members.disable, shop.system, disabled.id, everywhere=True)
    hashes.clear()
    seen = set()
    for email in (known.email, disabled.email, shop.email()):
        mails = len(shop.mailbox.mails)
        with counting() as count:
            await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, email)
        sent = {mail.to for mail in shop.mailbox.mails[mails:]} == {email}
        seen.add((count.data, count.control, len(shop.mailbox.mails) - mails, sent, len(hashes)))
    assert seen == {(2, 2, 1, True, 0)}


async def test_an_address_without_an_account_is_informed_by_mail(shop: Shop) -> None:
    email = shop.email()
    await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, email)
    assert shop.mailbox.last(email).subject == "A shop: No account with this address"


async def test_a_disabled_user_cannot_reset_the_password(shop: Shop) -> None:
    user = await shop.account()
    token = await request_reset(shop, user.email)
    await shop.run(shop.auth.members.disable, shop.system, user.id, everywhere=True)
    with pytest.raises(InvalidToken):
        await reset(shop, token)


async def test_a_refused_password_does_not_use_up_the_reset_token(shop: Shop) -> None:
    user = await shop.account()
    token = await request_reset(shop, user.email)
    with pytest.raises(WeakPassword) as refused:
        await reset(shop, token, "password")
    assert refused.value.field == ("new_password",)
    await reset(shop, token)


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "x" * 100_000])
async def test_a_malformed_reset_token_is_refused_without_hashing(shop: Shop, token: str, hashes: list[str]) -> None:
    with pytest.raises(InvalidToken):
        await reset(shop, token)
    assert hashes == []


async def test_a_reset_request_requires_a_valid_address(shop: Shop) -> None:
    with pytest.raises(InvalidInput):
        await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, "nonsense")


async def test_the_reset_token_is_stored_hashed(shop: Shop, owner: Any) -> None:
    user = await shop.account()
    token = await request_reset(shop, user.email)
    rows = await owner.fetch("select t::text from password_reset_tokens t where user_id = $1", user.id)
    assert len(rows) == 1
    assert token not in rows[0][0]


# ASVS 14.2.1
async def test_no_mail_contains_a_secret_in_a_link(shop: Shop) -> None:
    user = await shop.account()
    await request_reset(shop, user.email)
    assert all("http" not in mail.text for mail in shop.mailbox.mails)


# ASVS 6.3.7
async def test_a_reset_emits_an_event(shop: Shop, owner: Any) -> None:
    user = await shop.account()
    await reset(shop, await request_reset(shop, user.email))
    payload = await owner.fetchval(
        "select payload from outbox_events where topic = $1 and aggregate_id = $2", PasswordChanged.topic, user.id
    )
    assert payload == {"user_id": str(user.id), "email": user.email, "was_reset": True}


# ASVS 6.1.1: requests of other mails for a user do not use up their resets.
async def test_many_registrations_do_not_void_reset_tokens(shop: Shop) -> None:
    user = await shop.account()
    for number in range(8):
        origin = Origin(f"198.51.100.{number}")
        with suppress(RateLimited):
            new = NewAccount(email=user.email, password=PASSWORD)
            await shop.auth.register(shop.db, shop.guest, origin, new)
    await reset(shop, await request_reset(shop, user.email))
    assert (await shop.login(user.email, NEW)).user.id == user.id


# ASVS 6.1.1: however often others ask, there is always a good token in the mailbox.
async def test_many_reset_requests_leave_the_last_token_valid(shop: Shop) -> None:
    user = await shop.account()
    for _ in range(40):
        with suppress(RateLimited):
            await shop.auth.passwords.request_reset(shop.db, shop.guest, ELSEWHERE, user.email)
        shop.clock.advance(timedelta(minutes=2))
    await reset(shop, shop.mailbox.last(user.email).token)
    assert (await shop.login(user.email, NEW)).user.id == user.id
