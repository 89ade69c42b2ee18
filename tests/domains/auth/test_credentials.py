"""Changing password and address: the current password is required, and the mailboxes are notified."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.auth import data
from domains.auth.errors import (
    EmailTaken,
    InvalidCode,
    InvalidCredentials,
    InvalidToken,
    PasswordChangedMeanwhile,
    WeakPassword,
    WrongPassword,
)
from domains.auth.events import EmailChanged, PasswordChanged
from domains.kernel.actor import Actor
from domains.kernel.errors import InvalidInput, RateLimited, Unauthenticated
from domains.kernel.monitoring.statement_counts import counting
from tests.domains.auth.conftest import HOME, PASSWORD, Shop

NEW = "a new horse battery staple"
PAYLOAD = "select payload from outbox_events where topic = $1 and aggregate_id = $2"


async def change_password(
    shop: Shop, actor: Actor, current: str = PASSWORD, new: str = NEW, *, end_others: bool = True
) -> int:
    passwords = shop.auth.passwords
    return await passwords.change(shop.db, actor, HOME, current, new, end_others=end_others)


async def request_change(shop: Shop, actor: Actor, address: str, password: str = PASSWORD) -> str:
    await shop.auth.email_change.request(shop.db, actor, HOME, address, password)
    return shop.mailbox.last(address.lower()).code


async def confirm(shop: Shop, actor: Actor, code: str) -> str:
    return (await shop.auth.email_change.confirm(shop.db, actor, HOME, code)).email


async def load_user(shop: Shop, actor: Actor) -> data.UserRow:
    assert actor.user_id is not None
    row = await data.user.find_unique(shop.db.reader(None), id=actor.user_id)
    assert row is not None
    return row


# ASVS 6.2.3
async def test_changing_the_password_requires_the_current_password(shop: Shop) -> None:
    actor = await shop.actor()
    with pytest.raises(WrongPassword) as refused:
        await change_password(shop, actor, "wrong horse battery staple")
    assert refused.value.field == ("current_password",)
    await change_password(shop, actor)
    email = (await load_user(shop, actor)).email
    with pytest.raises(InvalidCredentials):
        await shop.login(email, PASSWORD)
    assert (await shop.login(email, NEW)).user.id == actor.user_id


# ASVS 7.4.3
@pytest.mark.parametrize(("end_others", "ended"), [(True, 2), (False, 0)])
async def test_changing_the_password_can_end_the_other_sessions(shop: Shop, end_others: bool, ended: int) -> None:
    user = await shop.account()
    actor = await shop.logged_in(user.email)
    others = [await shop.login(user.email) for _ in range(2)]
    assert await change_password(shop, actor, end_others=end_others) == ended
    outcomes = []
    for other in others:
        try:
            await shop.refresh(other.refresh_token)
            outcomes.append("in")
        except InvalidToken:
            outcomes.append("out")
    assert outcomes == (["out"] * 2 if end_others else ["in"] * 2)
    assert len((await load_user(shop, actor)).password_hash or "") > 0


async def test_a_new_password_must_follow_the_password_policy(shop: Shop) -> None:
    actor = await shop.actor()
    with pytest.raises(WeakPassword) as refused:
        await change_password(shop, actor, new="password")
    assert refused.value.field == ("new_password",)


async def test_changing_the_password_voids_open_reset_tokens(shop: Shop) -> None:
    actor = await shop.actor()
    email = (await load_user(shop, actor)).email
    await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, email)
    token = shop.mailbox.last(email).token
    await change_password(shop, actor)
    with pytest.raises(InvalidToken):
        await shop.auth.passwords.reset(shop.db, shop.guest, HOME, token, "one more horse staple")


async def test_one_of_two_parallel_password_changes_succeeds(shop: Shop, make_shop: Callable[..., Shop]) -> None:
    actor = await shop.actor()
    results = await asyncio.gather(
        *(change_password(make_shop(), actor, new=f"{NEW} {number}") for number in range(5)), return_exceptions=True
    )
    assert sum(isinstance(result, int) for result in results) == 1
    assert {type(result) for result in results} <= {int, PasswordChangedMeanwhile, WrongPassword}


# ASVS 6.3.7
async def test_a_password_change_emits_an_event(shop: Shop, owner: Any) -> None:
    actor = await shop.actor()
    await change_password(shop, actor)
    payload = await owner.fetchval(PAYLOAD, PasswordChanged.topic, actor.user_id)
    assert payload == {
        "user_id": str(actor.user_id),
        "email": (await load_user(shop, actor)).email,
        "was_reset": False,
    }


async def test_a_new_address_takes_effect_when_its_code_is_confirmed(shop: Shop, owner: Any) -> None:
    actor, address = await shop.actor(), shop.email()
    old = (await load_user(shop, actor)).email
    code = await request_change(shop, actor, address.upper())
    assert (await load_user(shop, actor)).pending_email == address
    assert await confirm(shop, actor, code) == address
    row = await load_user(shop, actor)
    assert (row.email, row.pending_email, row.email_verified) == (address, None, True)
    assert row.search_text == f"ada lovelace {address}"
    assert (await shop.login(address)).user.id == actor.user_id
    with pytest.raises(InvalidCredentials):
        await shop.login(old)
    payload = await owner.fetchval(PAYLOAD, EmailChanged.topic, actor.user_id)
    assert payload == {"user_id": str(actor.user_id), "old_email": old, "new_email": address}


# ASVS 7.5.1
async def test_changing_the_address_requires_the_password(shop: Shop) -> None:
    actor, address = await shop.actor(), shop.email()
    with pytest.raises(WrongPassword):
        await request_change(shop, actor, address, "wrong horse battery staple")
    assert shop.mailbox.mails == []
    assert (await load_user(shop, actor)).pending_email is None


async def test_a_new_address_ends_other_sessions_and_voids_tokens_of_the_old_mailbox(shop: Shop) -> None:
    user = await shop.account()
    actor, other = await shop.logged_in(user.email), await shop.login(user.email)
    await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, user.email)
    token = shop.mailbox.last(user.email).token
    await confirm(shop, actor, await request_change(shop, actor, shop.email()))
    with pytest.raises(Unauthenticated):
        await shop.actor_of(other.access_token)
    with pytest.raises(InvalidToken):
        await shop.auth.passwords.reset(shop.db, shop.guest, HOME, token, NEW)


# ASVS 6.3.8: the same work for a free and a registered address; only its mailbox is informed.
async def test_requesting_a_new_address_does_not_reveal_whether_it_is_registered(
    shop: Shop, hashes: list[str]
) -> None:
    actor, taken = await shop.actor(), (await shop.account()).email
    seen = set()
    for address in (shop.email(), taken):
        hashes.clear()
        mails = len(shop.mailbox.mails)
        with counting() as count:
            await shop.auth.email_change.request(shop.db, actor, HOME, address, PASSWORD)
        sent = {mail.to for mail in shop.mailbox.mails[mails:]} == {address}
        seen.add((len(hashes), count.data, count.control, len(shop.mailbox.mails) - mails, sent))
    assert seen == {(1, 5, 2, 1, True)}
    assert shop.mailbox.last(taken).subject == "A shop: You already have an account"


async def test_an_address_registered_in_the_meantime_is_refused(shop: Shop) -> None:
    actor, address = await shop.actor(), shop.email()
    old = (await load_user(shop, actor)).email
    code = await request_change(shop, actor, address)
    await shop.account(email=address)
    with pytest.raises(EmailTaken):
        await confirm(shop, actor, code)
    assert (await load_user(shop, actor)).email == old


async def test_a_verification_code_is_bound_to_its_address(shop: Shop) -> None:
    actor = await shop.actor()
    first = await request_change(shop, actor, shop.email())
    second = await request_change(shop, actor, shop.email())
    if first != second:
        with pytest.raises(InvalidCode):
            await confirm(shop, actor, first)
    assert (await confirm(shop, actor, second)).endswith("@example.com")


async def test_the_verification_code_of_another_user_is_refused(shop: Shop) -> None:
    victim, thief = await shop.actor(), await shop.actor()
    code = await request_change(shop, victim, shop.email())
    await request_change(shop, thief, shop.email())
    if code != shop.mailbox.mails[-1].code:  # chance may give both the same
        with pytest.raises(InvalidCode):
            await confirm(shop, thief, code)
    assert (await load_user(shop, victim)).pending_email is not None


async def test_a_code_for_a_new_address_is_valid_for_ten_minutes_and_five_attempts(
    shop: Shop, make_shop: Callable[..., Shop]
) -> None:
    actor = await shop.actor()
    code = await request_change(shop, actor, shop.email())
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await confirm(make_shop(), actor, wrong)
    with pytest.raises(InvalidCode):
        await confirm(make_shop(), actor, code)
    late = await request_change(shop, actor, shop.email())
    shop.clock.advance(timedelta(minutes=10))
    with pytest.raises(InvalidCode):
        await confirm(shop, actor, late)


async def test_attempts_at_a_verification_code_are_rate_limited(shop: Shop) -> None:
    actor = await shop.actor()
    code = await request_change(shop, actor, shop.email())
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    seen = []
    for _ in range(6):
        with pytest.raises((InvalidCode, RateLimited)) as refused:
            await confirm(shop, actor, wrong)
        seen.append(refused.value.code)
    assert seen == ["INVALID_CODE"] * 4 + ["ACCOUNT_LOCKED"] * 2


async def test_without_a_request_every_code_is_refused(shop: Shop) -> None:
    with pytest.raises(InvalidCode):
        await confirm(shop, await shop.actor(), "000000")


async def test_the_users_current_address_is_refused_as_new_address(shop: Shop) -> None:
    actor = await shop.actor()
    with pytest.raises(InvalidInput) as refused:
        await request_change(shop, actor, (await load_user(shop, actor)).email)
    assert refused.value.field == ("new_email",)


async def test_a_guest_cannot_change_credentials(shop: Shop) -> None:
    ghost = Actor(shop.guest.kind, shop.company_id, user_id=UUID(int=9))
    for actor in (shop.guest, ghost):
        with pytest.raises(Unauthenticated):
            await change_password(shop, actor)
