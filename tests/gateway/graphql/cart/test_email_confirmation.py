"""A guest confirms an address for their cart by a mailed code; then loyalty promotions apply."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.auth.emails.email_verification import MAX_ATTEMPTS
from domains.auth.emails.verification_codes import ATTEMPTS, LIFETIME
from domains.auth.rate_limits.mail_limits import MAX_MAILS
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.promotion.models import DiscountType, PromotionType
from domains.promotion.rules import BuyerIdentity
from tests.domains.promotion.conftest import ORDER
from tests.gateway.graphql.cart.conftest import line
from tests.gateway.graphql.cart.operations import ADD
from tests.gateway.graphql.cart.test_totals import APPLY, TOTALS
from tests.gateway.graphql.order.operations import CREATE, ordering
from tests.gateway.site import Site

SEND = "mutation ($input: CartEmailCodeSendInput!) { cartEmailCodeSend(input: $input) { errors { code path } } }"
CONFIRM = (
    TOTALS
    + """mutation ($input: CartEmailConfirmInput!) { cartEmailConfirm(input: $input) {
  cart { confirmedEmail ...Figures } errors { code path } } }"""
)
CART = "{ cart { confirmedEmail totals { refused { code needsConfirmedEmail } } } }"
GUS = "gus@example.com"
WRONG = [{"code": "INVALID_CODE", "path": ["input", "code"]}]


@pytest.fixture(autouse=True)
async def opened(shop: Site) -> AsyncIterator[None]:
    """What a test was mailed it has read."""
    yield
    shop.mailbox.mails.clear()


@pytest.fixture
async def token(shop: Site, shirt: Any) -> str:
    """A guest's cart with a shirt at 20.00 in it."""
    shop.cart_token = (await shop.data(ADD, input=line(shirt)))["cartItemAdd"]["cartToken"]
    return shop.cart_token


async def send(shop: Site, email: str = GUS) -> Any:
    return (await shop.data(SEND, input={"email": email}))["cartEmailCodeSend"]["errors"]


async def confirm(shop: Site, code: str) -> Any:
    return (await shop.data(CONFIRM, input={"code": code}))["cartEmailConfirm"]


async def mailed_code(shop: Site, email: str = GUS) -> str:
    """The code that was just asked for."""
    assert await send(shop, email) == []
    return shop.mailbox.last(email).code


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def insert_paid_orders(shop: Site, owner: Any, email: str, number: int) -> None:
    """So many paid orders of a guest at an address."""
    for _ in range(number):
        order_id = new_id()
        await owner.execute(ORDER, order_id, shop.company_id)
        async with shop.database.transaction(Actor.system(shop.company_id)) as tx:
            shop.services.account.buyer_history.record_paid(tx, order_id, BuyerIdentity(email=email))


async def test_a_loyal_guest_confirms_the_address_and_gets_the_discount(shop: Site, token: str, owner: Any) -> None:
    await insert_paid_orders(shop, owner, GUS, 2)
    given: Any = {
        "name": "Loyal",
        "code": "LOYAL",
        "type": PromotionType.LOYALTY,
        "required_orders": 2,
        "discount_type": DiscountType.PERCENTAGE,
        "discount_value": Decimal(50),
    }
    system = Actor.system(shop.company_id)
    await shop.database.run(lambda tx: shop.services.promotion.create_promotion(tx, given), system)
    applied = (await shop.data(APPLY, input={"code": "loyal"}))["cartPromotionApply"]
    assert applied["errors"] == []
    assert applied["cart"]["totals"]["total"]["amount"] == "20.00"
    waiting = (await shop.data(CART))["cart"]
    assert waiting["totals"]["refused"] == [{"code": "LOYAL", "needsConfirmedEmail": True}]
    confirmed = await confirm(shop, await mailed_code(shop))
    assert (confirmed["errors"], confirmed["cart"]["confirmedEmail"]) == ([], GUS)
    assert confirmed["cart"]["totals"]["total"]["amount"] == "10.00"
    made = (await shop.data(CREATE, **ordering(cartToken=token)))["orderCreate"]
    assert (made["errors"], made["order"]["total"]["amount"]) == ([], "10.00")


async def test_a_code_is_six_digits_stored_sealed_and_valid_once(shop: Site, token: str, owner: Any) -> None:
    code = await mailed_code(shop)
    kept = await owner.fetchrow("select email, code from cart_email_codes where company_id = $1", shop.company_id)
    assert (len(code), kept["email"], len(kept["code"]), code in kept["code"]) == (6, GUS, 64, False)
    assert (await confirm(shop, f" {code} "))["errors"] == []
    assert (await confirm(shop, code))["errors"] == WRONG


@pytest.mark.parametrize(("late", "errors"), [(timedelta(seconds=1), []), (timedelta(0), WRONG)])
async def test_a_code_expires_after_ten_minutes(shop: Site, token: str, late: timedelta, errors: Any) -> None:
    code = await mailed_code(shop)
    shop.clock.advance(LIFETIME - late)
    assert (await confirm(shop, code))["errors"] == errors


async def test_five_parallel_wrong_codes_void_the_code(shop: Site, token: str) -> None:
    code = await mailed_code(shop)
    wrong = await asyncio.gather(*(confirm(shop, other_than(code)) for _ in range(ATTEMPTS)))
    assert [each["errors"] for each in wrong] == [WRONG] * ATTEMPTS
    assert (await confirm(shop, code))["errors"] == WRONG
    assert (await confirm(shop, await mailed_code(shop)))["errors"] == []


async def test_one_of_several_parallel_correct_codes_confirms(shop: Site, token: str) -> None:
    code = await mailed_code(shop)
    outcomes = await asyncio.gather(*(confirm(shop, code) for _ in range(ATTEMPTS)))
    assert sorted(len(each["errors"]) for each in outcomes) == [0] + [1] * (ATTEMPTS - 1)


async def test_a_new_code_replaces_the_previous_one(shop: Site, token: str) -> None:
    first = await mailed_code(shop)
    second = await mailed_code(shop, "other@example.com")
    if first != second:
        assert (await confirm(shop, first))["errors"] == WRONG
    assert (await confirm(shop, second))["cart"]["confirmedEmail"] == "other@example.com"


async def test_a_code_is_valid_for_its_cart_only(shop: Site, shirt: Any, token: str) -> None:
    code = await mailed_code(shop)
    shop.cart_token = None
    shop.cart_token = (await shop.data(ADD, input=line(shirt)))["cartItemAdd"]["cartToken"]
    assert (await confirm(shop, code))["errors"] == WRONG
    await mailed_code(shop)
    assert (await shop.data(CART))["cart"]["confirmedEmail"] is None
    shop.cart_token = token
    assert (await confirm(shop, code))["errors"] == []


async def test_requesting_a_code_reveals_nothing_about_the_address(shop: Site, token: str, owner: Any) -> None:
    """Not by the answer, by the work, nor by the mail."""
    account = await shop.account()
    await insert_paid_orders(shop, owner, "known@example.com", 2)
    seen = []
    for email in ("unknown@example.com", "known@example.com", account.email):
        assert await send(shop, email) == []
        seen.append((shop.count.texts, shop.mailbox.last(email).subject))
    assert seen[0] == seen[1] == seen[2]


async def test_mails_to_one_mailbox_are_limited_in_any_spelling(shop: Site, token: str) -> None:
    for number in range(MAX_MAILS):
        assert await send(shop, f"g.us+{number}@gmail.com") == []
    assert [error["code"] for error in await send(shop, "gus@googlemail.com")] == ["RATE_LIMITED"]
    assert await send(shop) == []


async def test_attempts_from_one_network_address_are_limited(shop: Site, token: str) -> None:
    tried = [(await confirm(shop, "123456"))["errors"] for _ in range(MAX_ATTEMPTS)]
    assert tried == [WRONG] * MAX_ATTEMPTS
    assert [error["code"] for error in (await confirm(shop, "123456"))["errors"]] == ["RATE_LIMITED"]
    shop.ip = "198.51.100.4"
    assert (await confirm(shop, await mailed_code(shop)))["errors"] == []


async def test_callers_without_a_guests_cart_cannot_confirm_an_address(shop: Site, shirt: Any) -> None:
    assert [error["code"] for error in await send(shop)] == ["NOT_FOUND"]
    assert [error["code"] for error in (await confirm(shop, "123456"))["errors"]] == ["NOT_FOUND"]
    await shop.data(ADD, "customer", input=line(shirt))
    for mutation, given in ((SEND, {"email": GUS}), (CONFIRM, {"code": "123456"})):
        (payload,) = (await shop.data(mutation, "customer", input=given)).values()
        assert [error["code"] for error in payload["errors"]] == ["EMAIL_FIXED_BY_ACCOUNT"]
    assert [mail for mail in shop.mailbox.mails if mail.to == GUS] == []


async def test_an_invalid_address_is_refused_and_no_mail_is_sent(shop: Site, token: str) -> None:
    assert await send(shop, "gus") == [{"code": "INVALID", "path": ["input", "email"]}]


async def test_the_order_of_a_confirmed_cart_requires_its_address(shop: Site, token: str) -> None:
    await confirm(shop, await mailed_code(shop))
    (error,) = (await shop.data(CREATE, **ordering(email="else@example.com")))["orderCreate"]["errors"]
    assert (error["code"], error["path"]) == ("EMAIL_NOT_CONFIRMED", ["input", "email"])
    assert (await shop.data(CREATE, **ordering(email=" GUS@example.com")))["orderCreate"]["errors"] == []
