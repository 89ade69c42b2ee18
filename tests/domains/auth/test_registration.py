"""Registration: confirmed by the owner of the mailbox, bound to its registrant, the same response for all."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from domains.auth import data
from domains.auth.errors import EmailTaken, InvalidCode, InvalidCredentials, WeakPassword
from domains.auth.models import AuthResponse, NewAccount, Origin, RegistrationResult, User
from domains.kernel.errors import InvalidInput, RateLimited
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.text.validation import TooLong
from domains.role.models import SystemRole
from tests.domains.auth.conftest import ELSEWHERE, HOME, PASSWORD, Shop

OTHER = "another horse battery staple"


async def register(shop: Shop, email: str, password: str = PASSWORD, *, origin: Origin = HOME) -> RegistrationResult:
    new = NewAccount(email=email, password=password, first_name="Ada")
    return await shop.auth.register(shop.db, shop.guest, origin, new)


async def confirm(shop: Shop, email: str, ticket: str, code: str) -> AuthResponse:
    return await shop.auth.registration.confirm(shop.db, shop.guest, HOME, email, ticket, code)


async def pending(shop: Shop, email: str) -> data.RegistrationRow:
    found = await data.registration.find_first(shop.db.reader(None), where={"email": email})
    assert found is not None
    return found


async def row(shop: Shop, email: str) -> data.UserRow:
    found = await data.user.find_unique(shop.db.reader(shop.company_id), email=email)
    assert found is not None
    return found


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_mailed_code_activates_the_account_and_logs_in(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    assert shop.mailbox.last(email).subject == "A shop: Your code: confirm your e-mail address"
    response = await confirm(shop, f" {email.upper()} ", ticket, f" {shop.mailbox.last(email).code} ")
    assert (response.user.email, response.user.email_verified) == (email, True)
    assert (await shop.login(email)).user.id == response.user.id
    stored = await row(shop, email)
    assert stored.password_set_at == shop.clock.now()
    assert stored.search_text == f"ada {email}"


async def test_an_unconfirmed_registration_has_no_user_and_cannot_log_in(shop: Shop) -> None:
    email = shop.email()
    await register(shop, email)
    with pytest.raises(InvalidCredentials):
        await shop.login(email)
    assert await data.user.find_unique(shop.db.reader(None), email=email) is None


# ASVS 6.3.8: the same answer, statements, hashes and mails whether or not there is an account.
async def test_registering_does_not_reveal_whether_the_account_exists(shop: Shop, hashes: list[str]) -> None:
    known, invited, waiting = await shop.account(), shop.email(), shop.email()
    await invite(shop, invited)
    await register(shop, waiting)
    disabled = await shop.account()
    await shop.run(shop.auth.members.disable, shop.system, disabled.id, everywhere=True)
    seen = set()
    for email in (known.email, invited, waiting, disabled.email, shop.email()):
        hashes.clear()
        mails = len(shop.mailbox.mails)
        with counting() as count:
            answer = await register(shop, email)
        sent = {mail.to for mail in shop.mailbox.mails[mails:]}
        shape = (len(answer.ticket), answer.auth, sent == {email}, len(shop.mailbox.mails) - mails)
        seen.add((*shape, len(hashes), count.data, count.control))
    assert seen == {(64, None, True, 1, 1, 2, 2)}  # the last statement stores the request for the mail


async def test_registering_an_existing_account_informs_the_owner_and_changes_nothing(shop: Shop) -> None:
    user = await shop.account()
    await register(shop, user.email, OTHER)
    assert "You already have an account" in shop.mailbox.last(user.email).subject
    assert (await shop.login(user.email)).user.id == user.id
    with pytest.raises(InvalidCredentials):
        await shop.login(user.email, OTHER)


# The owner of an address must not confirm the account of another registrant.
async def test_a_code_confirms_only_its_own_registration(shop: Shop) -> None:
    email = shop.email()
    mine = (await register(shop, email)).ticket
    stolen = (await register(shop, email, OTHER)).ticket
    code = shop.mailbox.last(email).code
    with pytest.raises(InvalidCode):
        await confirm(shop, email, mine, code)
    with pytest.raises(InvalidCredentials):
        await shop.login(email, OTHER)
    mine = (await register(shop, email)).ticket
    with pytest.raises(InvalidCode):
        await confirm(shop, email, stolen, shop.mailbox.last(email).code)
    await confirm(shop, email, mine, shop.mailbox.last(email).code)
    assert (await shop.login(email)).user.email == email


# ASVS 6.4.1
async def test_a_code_is_valid_once(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    await confirm(shop, email, ticket, code)
    with pytest.raises(InvalidCode):
        await confirm(shop, email, ticket, code)


# ASVS 6.5.5
async def test_a_code_expires_after_ten_minutes(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    shop.clock.advance(timedelta(minutes=10))
    with pytest.raises(InvalidCode):
        await confirm(shop, email, ticket, shop.mailbox.last(email).code)


async def test_a_code_is_valid_for_nearly_ten_minutes(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    shop.clock.advance(timedelta(minutes=9, seconds=59))
    assert (await confirm(shop, email, ticket, shop.mailbox.last(email).code)).user.email == email


# ASVS 6.6.3
async def test_five_wrong_codes_void_the_code(shop: Shop, make_shop: Callable[..., Shop]) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    for _ in range(5):
        fresh = make_shop()  # without counted attempts
        with pytest.raises(InvalidCode):
            await confirm(fresh, email, ticket, wrong(code))
    with pytest.raises(InvalidCode):
        await confirm(shop, email, ticket, code)


# ASVS 6.3.1, 6.6.3: codes are guessed as seldom as passwords.
async def test_attempts_at_codes_are_rate_limited(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    seen = []
    for _ in range(6):
        with pytest.raises((InvalidCode, RateLimited)) as refused:
            await confirm(shop, email, ticket, wrong(code))
        seen.append(refused.value.code)
    assert seen == ["INVALID_CODE"] * 4 + ["ACCOUNT_LOCKED"] * 2


async def test_parallel_confirmations_use_a_code_once(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    results = await asyncio.gather(*(confirm(shop, email, ticket, code) for _ in range(20)), return_exceptions=True)
    assert [isinstance(result, AuthResponse) for result in results].count(True) == 1


async def test_parallel_wrong_codes_are_all_counted(shop: Shop, make_shop: Callable[..., Shop]) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    guesses = (confirm(make_shop(), email, ticket, wrong(code)) for _ in range(20))
    results = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(result) for result in results} == {InvalidCode}
    assert (await pending(shop, email)).attempts == 5


async def test_a_wrong_code_without_an_account_costs_the_same(shop: Shop, make_shop: Callable[..., Shop]) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    seen = set()
    for address, digits in ((email, wrong(code)), (shop.email(), code), ("nonsense", code)):
        with counting() as count, pytest.raises(InvalidCode) as refused:
            await confirm(make_shop(), address, ticket, digits)
        seen.add((refused.value.message, count.data, count.control))
    assert seen == {("The code is wrong or has expired. After five wrong codes, request a new one.", 1, 2)}


async def test_neither_code_nor_ticket_is_stored_in_plain_text(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    stored = await pending(shop, email)
    assert code not in stored.code
    assert len(stored.code) == 64
    assert ticket not in repr(stored)


async def test_a_resent_code_replaces_the_first(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    first = shop.mailbox.last(email).code
    await shop.auth.registration.resend(shop.db, shop.guest, HOME, email, ticket)
    second = shop.mailbox.last(email).code
    if first != second:
        with pytest.raises(InvalidCode):
            await confirm(shop, email, ticket, first)
    assert (await confirm(shop, email, ticket, second)).user.email == email


async def test_resending_does_not_reveal_whether_the_account_exists(shop: Shop) -> None:
    waiting, known = shop.email(), await shop.account()
    tickets = {
        waiting: (await register(shop, waiting)).ticket,
        known.email: (await register(shop, known.email)).ticket,
    }
    tickets[shop.email()] = tickets[waiting]
    seen = set()
    for email, ticket in tickets.items():
        mails = len(shop.mailbox.mails)
        with counting() as count:
            await shop.auth.registration.resend(shop.db, shop.guest, HOME, email, ticket)
        seen.add((count.data, count.control, len(shop.mailbox.mails) - mails))
    assert seen == {(2, 2, 1)}  # the last statement stores the request for the mail


async def test_another_registrant_cannot_replace_the_code(shop: Shop) -> None:
    email = shop.email()
    ticket = (await register(shop, email)).ticket
    code = shop.mailbox.last(email).code
    await shop.auth.registration.resend(shop.db, shop.guest, ELSEWHERE, email, "0" * 64)
    assert (await confirm(shop, email, ticket, code)).user.email == email


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"email": "nonsense"}, InvalidInput, "email"),
        ({"email": "a@b@c.example"}, InvalidInput, "email"),
        ({"email": "x" * 300 + "@example.com"}, InvalidInput, "email"),
        ({"email": "nul\0@example.com"}, InvalidInput, "email"),
        ({"email": "\ud800@example.com"}, InvalidInput, "email"),
        ({"password": "short"}, WeakPassword, "password"),
        ({"password": "password1"}, WeakPassword, "password"),
        ({"password": "\ud800" * 20}, InvalidInput, "password"),
        ({"password": "x" * 1_000_000}, TooLong, "password"),
        ({"first_name": "x" * 101}, TooLong, "first_name"),
        ({"last_name": "a\0b"}, InvalidInput, "last_name"),
        ({"phone": "call me"}, InvalidInput, "phone"),
    ],
)
async def test_invalid_input_is_refused_and_writes_nothing(
    shop: Shop, changes: dict[str, Any], error: type[Exception], field: str, hashes: list[str]
) -> None:
    given: dict[str, Any] = {"email": shop.email(), "password": PASSWORD} | changes
    with counting() as count, pytest.raises(error) as refused:
        await shop.auth.register(shop.db, shop.guest, HOME, NewAccount(**given))
    assert getattr(refused.value, "field", None) == (field,)
    assert (hashes, count.control, shop.mailbox.mails) == ([], 0, [])


# ASVS 6.2.11: the shop's own name, as its company is called.
async def test_the_name_of_the_company_is_refused_as_password(shop: Shop) -> None:
    reader = shop.db.reader(shop.company_id)
    slug = await reader.fetch_value("select slug from companies where id = $1", shop.company_id)
    with pytest.raises(WeakPassword):
        await register(shop, shop.email(), f"{slug}!")


async def test_without_required_confirmation_registering_logs_in_at_once(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(require_confirmed_email=False)
    email = shop.email()
    made = await register(shop, email)
    assert made.auth is not None
    assert made.auth.user.email_verified is False
    assert (await shop.login(email)).user.id == made.auth.user.id
    verified = await confirm(shop, email, made.ticket, shop.mailbox.last(email).code)
    assert verified.user.email_verified is True


async def test_a_pending_registration_still_requires_its_code_after_the_setting_changes(
    make_shop: Callable[..., Shop],
) -> None:
    strict, lax = make_shop(), make_shop(require_confirmed_email=False)
    email = strict.email()
    await register(strict, email)
    with pytest.raises(InvalidCredentials):
        await lax.login(email)


async def test_a_later_confirmation_keeps_changes_made_since_registration(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(require_confirmed_email=False)
    email = shop.email()
    made = await register(shop, email)
    code = shop.mailbox.last(email).code
    await shop.run(shop.accounts.profile.update, await shop.logged_in(email), {"first_name": "Augusta"})
    assert (await confirm(shop, email, made.ticket, code)).user.first_name == "Augusta"


async def test_without_required_confirmation_an_existing_account_is_refused(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(require_confirmed_email=False)
    email = shop.email()
    await register(shop, email)
    with pytest.raises(EmailTaken):
        await register(shop, email, OTHER)
    assert (await shop.login(email)).user.email == email


async def invite(shop: Shop, email: str) -> User:
    role = await shop.auth._roles.system_role(shop.db.reader(shop.company_id), SystemRole.ADMIN)
    return await shop.auth.invitations.invite(
        shop.db, shop.system, email=email, first_name="", last_name="", role_id=role.id
    )


@pytest.mark.parametrize("confirmed", [True, False])
async def test_registering_an_invited_address_without_confirmation_is_refused(
    make_shop: Callable[..., Shop], confirmed: bool
) -> None:
    shop = make_shop(require_confirmed_email=confirmed)
    email = shop.email()
    await invite(shop, email)
    if confirmed:
        await register(shop, email)
    else:
        with pytest.raises(EmailTaken):
            await register(shop, email)
    with pytest.raises(InvalidCredentials):
        await shop.login(email)


async def test_one_of_many_parallel_registrations_is_confirmed(shop: Shop, make_shop: Callable[..., Shop]) -> None:
    email = shop.email()
    made = await asyncio.gather(*(register(shop, email, f"{PASSWORD} {number}") for number in range(5)))
    confirmed = []
    for number, registration in enumerate(made):
        fresh = make_shop()  # without counted attempts
        await fresh.auth.registration.resend(fresh.db, fresh.guest, HOME, email, registration.ticket)
        with suppress(InvalidCode, ValueError):
            await confirm(fresh, email, registration.ticket, fresh.mailbox.last(email).code)
            confirmed.append(f"{PASSWORD} {number}")
    assert len(confirmed) == 1
    assert (await shop.login(email, confirmed[0])).user.email == email
