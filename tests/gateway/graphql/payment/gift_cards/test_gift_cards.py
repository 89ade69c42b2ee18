"""Gift cards over HTTP: who issues and sees them, codes that are shown once, and the statements of the list."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.payment.gift_cards.rate_limit import WRONG_GIFT_CARD_CODES
from tests.domains.actors import administrator, member
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.payment.gift_cards.operations import (
    ADJUST,
    CARDS,
    CHECK,
    CREATE,
    DISABLE,
    ENABLE,
    NODE,
    ONE,
    UPDATE,
    cards,
    change,
)
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
STORED: Final = "select g::text from gift_cards g where company_id = $1 order by 1"
OWN: Final = "Welc-omea-nna2-026x-9f3k"


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
def boss(shop: Storefront) -> Actor:
    return administrator(shop.company_id)


def clerk(shop: Storefront, *grants: tuple[PermissionResource, PermissionAction]) -> Actor:
    return member(shop.company_id, "CLERK", 10, frozenset(Grant(resource, action) for resource, action in grants))


async def issue(site: Site, boss: Actor, amount: str = "50", **given: Any) -> tuple[str, str]:
    """The id and the code of a new card."""
    (issued,) = (await site.do(CREATE, boss, **cards({"amount": amount, **given})))["giftCards"]
    return issued["giftCard"]["id"], issued["code"]


async def test_cards_are_issued_with_codes_that_are_shown_once(
    shop: Storefront, site: Site, boss: Actor, owner: Any
) -> None:
    expires = (site.clock.now() + timedelta(days=400)).isoformat()
    given = cards(
        {"amount": "50", "isSold": True, "recipientEmail": "ada@example.com", "expiresAt": expires},
        {"amount": "12.34", "code": OWN, "note": "for the press"},
    )
    (first, second) = (await site.do(CREATE, boss, **given))["giftCards"]
    assert first["giftCard"] == {
        "id": first["giftCard"]["id"],
        "lastCharacters": first["code"][-4:],
        "status": "ACTIVE",
        "origin": "SOLD",
        "initialAmount": {"amount": "50.00", "currency": "EUR"},
        "balance": {"amount": "50.00", "currency": "EUR"},
        "expiresAt": first["giftCard"]["expiresAt"],
        "disabledAt": None,
        "disabledReason": None,
        "recipientEmail": "ada@example.com",
        "note": None,
        "orderItemId": None,
        "createdAt": first["giftCard"]["createdAt"],
        "updatedAt": first["giftCard"]["updatedAt"],
    }
    shown = second["giftCard"]
    assert (second["code"], shown["lastCharacters"], shown["origin"]) == (OWN, "9F3K", "PROMOTION")
    (mail,) = site.mailbox.mails
    assert (mail.to, first["code"] in mail.text) == ("ada@example.com", True)
    again = (await site.do(CREATE, boss, **given))["giftCards"]
    assert [each["code"] for each in again] == [None, None]
    assert [each["giftCard"] for each in again] == [first["giftCard"], second["giftCard"]]
    kept = await owner.fetch("select k::text from idempotency_keys k where company_id = $1", shop.company_id)
    assert not any(first["code"] in row[0] or OWN in row[0] for row in kept)
    assert len(site.mailbox.mails) == 1


async def test_a_hundred_cards_take_as_many_statements_as_one(shop: Storefront, site: Site, boss: Actor) -> None:
    await issue(site, boss)  # settings are remembered from now on
    for number in (1, 100):
        await site.do(CREATE, boss, **cards(*[{"amount": "5"}] * number))
        assert site.count.data == 6  # the key, the currency, the cards, all other writes, balances, statuses


async def test_parallel_requests_with_one_key_issue_one_card(
    shop: Storefront, site: Site, boss: Actor, owner: Any
) -> None:
    given = cards({"amount": "50"})
    answers = await asyncio.gather(*(site.do(CREATE, boss, **given) for _ in range(5)))
    ids = {answer["giftCards"][0]["giftCard"]["id"] for answer in answers}
    codes = [answer["giftCards"][0]["code"] for answer in answers]
    assert (len(ids), sum(code is not None for code in codes)) == (1, 1)
    assert len(await owner.fetch(STORED, shop.company_id)) == 1


async def test_wrong_cards_are_refused_at_their_fields(shop: Storefront, site: Site, boss: Actor, owner: Any) -> None:
    given = cards(
        {"amount": "0", "code": "SUMMER"},
        {"amount": "5"},
        {"amount": "0.001", "recipientEmail": "nobody", "expiresAt": "2020-01-01T00:00:00Z"},
    )
    errors = (await site.value(CREATE, boss, input=given))["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [
        ("OUT_OF_RANGE", ["input", "cards", "0", "amount"]),
        ("GIFT_CARD_CODE_WEAK", ["input", "cards", "0", "code"]),
        ("TOO_MANY_DECIMALS", ["input", "cards", "2", "amount"]),
        ("OUT_OF_RANGE", ["input", "cards", "2", "expiresAt"]),
        ("INVALID", ["input", "cards", "2", "recipientEmail"]),
    ]
    many = await site.refused(CREATE, boss, **cards(*[{"amount": "1"}] * 101))
    assert (many["code"], many["path"]) == ("TOO_MANY", ["input", "cards"])
    await issue(site, boss, code=OWN)
    taken = await site.refused(CREATE, boss, **cards({"amount": "1", "code": OWN.upper()}))
    assert (taken["code"], taken["path"]) == ("GIFT_CARD_CODE_TAKEN", ["input", "cards"])
    assert len(await owner.fetch(STORED, shop.company_id)) == 1
    assert site.mailbox.mails == []


async def test_a_balance_is_adjusted_once_for_each_key(shop: Storefront, site: Site, boss: Actor) -> None:
    card_id, _ = await issue(site, boss)
    given = change("-20.00", id=card_id, reason="A mistake")
    answers = await asyncio.gather(*(site.do(ADJUST, boss, **given) for _ in range(3)))
    assert answers[0]["giftCard"] == {
        "id": card_id,
        "balance": {"amount": "30.00"},
        "transactions": [
            {"kind": "GIFT_CARD_ADJUSTMENT", "amount": {"amount": "-20.00"}, "reason": "A mistake", "orderId": None},
            {"kind": "GIFT_CARD_ISSUE", "amount": {"amount": "50.00"}, "reason": None, "orderId": None},
        ],
    }
    assert all(answer == answers[0] for answer in answers)
    low = await site.refused(ADJUST, boss, **change("-30.01", id=card_id))
    assert (low["code"], low["path"]) == ("BALANCE_TOO_LOW", ["input", "amount"])


async def test_a_card_is_changed_disabled_and_enabled(shop: Storefront, site: Site, boss: Actor) -> None:
    card_id, _ = await issue(site, boss)
    assert (await site.do(UPDATE, boss, id=card_id, note="lost"))["giftCard"]["note"] == "lost"
    disabled = (await site.do(DISABLE, boss, id=card_id, reason="stolen"))["giftCard"]
    assert (disabled["status"], disabled["disabledReason"]) == ("DISABLED", "stolen")
    assert (await site.do(ENABLE, boss, id=card_id))["giftCard"]["status"] == "ACTIVE"
    later = (site.clock.now() + timedelta(days=1)).isoformat()
    await site.do(UPDATE, boss, id=card_id, expiresAt=later)
    site.clock.advance(timedelta(days=1))
    (shown,) = (await site.value(CARDS, boss))["nodes"]
    assert shown["status"] == "EXPIRED"
    past = await site.refused(UPDATE, boss, id=card_id, expiresAt=site.clock.now().replace(year=2020).isoformat())
    assert (past["code"], past["path"]) == ("OUT_OF_RANGE", ["input", "expiresAt"])


async def test_the_list_takes_four_statements_however_long(shop: Storefront, site: Site, boss: Actor) -> None:
    made = (await site.do(CREATE, boss, **cards(*[{"amount": str(number)} for number in range(1, 31)])))["giftCards"]
    listed = await site.value(CARDS, boss, first=30)
    assert site.count.data == 5  # the page, its count, the cards for their status, balances, transactions
    assert (listed["totalCount"], len(listed["nodes"])) == (30, 30)
    assert {each["id"] for each in listed["nodes"]} == {each["giftCard"]["id"] for each in made}


async def test_cards_are_found_by_code_end_and_state(shop: Storefront, site: Site, boss: Actor) -> None:
    soon = (site.clock.now() + timedelta(days=1)).isoformat()
    first, code = await issue(site, boss, isSold=True, recipientEmail="ada@example.com")
    second, _ = await issue(site, boss, expiresAt=soon)
    third, _ = await issue(site, boss)
    await site.do(DISABLE, boss, id=third)
    site.clock.advance(timedelta(days=1))

    async def found(search: str | None = None, **conditions: Any) -> set[str]:
        listed = await site.value(CARDS, boss, filter=conditions, search=search, first=20)
        return {each["id"] for each in listed["nodes"]}

    assert await found(giftCardCode=code.lower()) == {first}
    assert await found(giftCardCode="no code!") == set()
    assert await found(search=code[-4:].lower()) >= {first}
    assert await found(search="ABC") == set()
    assert await found(search=" ") == {first, second, third}
    assert await found(ids=[first, second]) == {first, second}
    assert await found(origins=["SOLD"]) == {first}
    assert await found(isDisabled=True) == {third}
    assert await found(isDisabled=False) == {first, second}
    assert await found(isExpired=True) == {second}
    assert await found(isExpired=False) == {first, third}
    assert await found(recipientEmail="Ada@example.com ") == {first}
    assert await found(orderItemId=str(new_id())) == set()
    assert await found(expiresBefore=(site.clock.now() + timedelta(seconds=1)).isoformat()) == {second}
    assert await found(expiresFrom=(site.clock.now() + timedelta(seconds=1)).isoformat()) == set()
    assert await found(createdBefore=soon) == {first, second, third}
    listed = await site.ask(CARDS, boss, filter={"createdFrom": soon, "createdBefore": "2020-01-01T00:00:00Z"})
    assert listed["errors"][0]["extensions"]["code"] == "RANGE_INVERTED"


async def test_a_code_is_not_sent_in_a_url(shop: Storefront, site: Site, boss: Actor) -> None:
    query = '{ giftCards(filter: {giftCardCode: "0123456789"}) { nodes { id } } }'
    response = await site.send("GET", params={"query": query})
    assert response.json()["errors"][0]["extensions"]["code"] == "SECRET_IN_URL"


async def test_anybody_with_the_code_sees_the_balance(shop: Storefront, site: Site, boss: Actor) -> None:
    _, code = await issue(site, boss, "12.50")
    shown = (await site.do(CHECK, None, code=f" {code.lower().replace('-', ' ')}"))["giftCard"]
    assert shown == {
        "lastCharacters": code[-4:],
        "status": "ACTIVE",
        "balance": {"amount": "12.50", "currency": "EUR"},
        "expiresAt": None,
    }


async def test_guesses_are_limited_by_network_address(shop: Storefront, site: Site, boss: Actor) -> None:
    _, code = await issue(site, boss)
    for _ in range(WRONG_GIFT_CARD_CODES.limit):
        await site.do(CHECK, None, code=code)
        assert (await site.refused(CHECK, None, code="0123-4567-89AB-CDEF-GHJK"))["code"] == "NOT_FOUND"
    assert (await site.refused(CHECK, None, code="0123"))["code"] == "RATE_LIMITED"
    assert (await site.refused(CHECK, None, code=code))["code"] == "RATE_LIMITED"
    site.clock.advance(WRONG_GIFT_CARD_CODES.period)
    await site.do(CHECK, None, code=code)


async def test_staff_with_orders_read_see_cards_and_those_who_manage_change_them(
    shop: Storefront, site: Site, boss: Actor, other_company: Any, owner: Any
) -> None:
    card_id, code = await issue(site, boss)
    reads: list[tuple[str, dict[str, Any]]] = [(CARDS, {}), (ONE, {"id": card_id})]
    writes: list[tuple[str, dict[str, Any]]] = [
        (CREATE, cards({"amount": "5"})),
        (UPDATE, {"id": card_id, "note": "theirs"}),
        (DISABLE, {"id": card_id}),
        (ENABLE, {"id": card_id}),
        (ADJUST, change("1", id=card_id)),
    ]
    before = await owner.fetch(STORED, shop.company_id)
    guest, ada = Actor.anonymous(shop.company_id), await shop.customer()
    wrong = clerk(shop, (R.ANALYTICS, A.MANAGE), (R.PROMOTIONS, A.MANAGE), (R.ORDERS, A.UPDATE))
    reader = clerk(shop, (R.ORDERS, A.READ))
    for who, refusal in ((guest, "UNAUTHENTICATED"), (ada, "FORBIDDEN"), (wrong, "FORBIDDEN")):
        for text, variables in reads:
            assert await site.denied(text, who, **variables) == refusal
        assert await site.value(NODE, who, id=card_id) is None
    for who, refusal in ((guest, "UNAUTHENTICATED"), (ada, "FORBIDDEN"), (wrong, "FORBIDDEN"), (reader, "FORBIDDEN")):
        for text, given in writes:
            assert await site.denied(text, who, input=given) == refusal
    theirs = administrator(other_company)
    for text, given in writes[1:]:
        assert (await site.refused(text, theirs, **given))["code"] == "NOT_FOUND"
    assert (await site.refused(CHECK, theirs, code=code))["code"] == "NOT_FOUND"
    assert (await site.value(ONE, theirs, id=card_id), (await site.value(CARDS, theirs))["nodes"]) == (None, [])
    assert await site.value(NODE, theirs, id=card_id) is None
    assert await owner.fetch(STORED, shop.company_id) == before
    assert (await site.value(CARDS, reader))["nodes"][0]["id"] == card_id
    assert (await site.value(NODE, reader, id=card_id))["__typename"] == "GiftCard"
    assert (await site.ask(ONE, reader, id=card_id))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
