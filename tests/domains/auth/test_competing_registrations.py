"""Several registrations of one address do not prevent its owner from registering."""

import asyncio
from contextlib import suppress

import pytest

from domains.auth.errors import InvalidCode, InvalidCredentials
from domains.auth.models import Origin
from domains.kernel.errors import RateLimited
from tests.domains.auth.conftest import ELSEWHERE, HOME, PASSWORD, Shop
from tests.domains.auth.test_registration import OTHER, confirm, invite, register, wrong


# An earlier registration is not lost: each registration has its own ticket and code.
async def test_a_second_registration_does_not_void_an_earlier_one(shop: Shop) -> None:
    email = shop.email()
    mine = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    for number in range(5):
        await register(shop, email, f"{OTHER} {number}", origin=Origin(f"198.51.100.{number}"))
    response = await confirm(shop, email, mine, code)
    assert (response.user.email, response.user.first_name) == (email, "Ada")
    assert (await shop.login(email)).user.id == response.user.id


async def test_confirming_one_registration_voids_the_others_of_the_address(shop: Shop) -> None:
    email = shop.email()
    stolen = (await register(shop, email, OTHER, origin=ELSEWHERE)).ticket
    theirs = shop.mailbox.last(email).code
    mine = (await register(shop, email)).ticket
    await confirm(shop, email, mine, shop.mailbox.last(email).code)
    with pytest.raises(InvalidCode):
        await confirm(shop, email, stolen, theirs)
    await shop.auth.registration.resend(shop.db, shop.guest, ELSEWHERE, email, stolen)
    assert "You already have an account" in shop.mailbox.last(email).subject
    with pytest.raises(InvalidCredentials):
        await shop.login(email, OTHER)


async def test_two_parallel_confirmations_create_one_account(shop: Shop) -> None:
    for _ in range(5):
        email, pairs = shop.email(), []
        for password in (PASSWORD, OTHER):
            ticket = (await register(shop, email, password)).ticket
            pairs.append((ticket, shop.mailbox.last(email).code))
        tries = (confirm(shop, email, ticket, code) for ticket, code in pairs)
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["AuthResponse", "InvalidCode"]


async def test_an_invited_user_who_registers_has_one_account_with_their_own_password(shop: Shop) -> None:
    email = shop.email()
    user = await invite(shop, email)
    ticket = (await register(shop, email)).ticket
    response = await confirm(shop, email, ticket, shop.mailbox.last(email).code)
    assert (response.user.id, response.user.first_name) == (user.id, "Ada")


# A stranger uses up nothing of the owner's: neither their mails nor the tries of their code.
async def test_repeated_registrations_by_others_do_not_prevent_the_owner_from_registering(shop: Shop) -> None:
    email = shop.email()
    for network in range(4):
        for _ in range(20):
            with suppress(RateLimited):
                await register(shop, email, OTHER, origin=Origin(f"198.51.100.{network}"))
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    for network in range(12):
        for _ in range(6):
            with suppress(InvalidCode, RateLimited):
                origin = Origin(f"198.51.100.{network}")
                await shop.auth.registration.confirm(shop.db, shop.guest, origin, email, "0" * 64, wrong(code))
    assert (await confirm(shop, email, ticket, code)).user.email == email


async def test_reset_requests_by_others_do_not_prevent_the_owner_from_resetting(shop: Shop) -> None:
    user = await shop.account()
    for network in range(4):
        for _ in range(10):
            with suppress(RateLimited):
                origin = Origin(f"198.51.100.{network}")
                await shop.auth.passwords.request_reset(shop.db, shop.guest, origin, user.email)
    await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, user.email)
    token = shop.mailbox.last(user.email).token
    await shop.auth.passwords.reset(shop.db, shop.guest, HOME, token, OTHER)
    assert (await shop.login(user.email, OTHER)).user.id == user.id
