"""Gift cards: issued with a code that is shown once, adjusted, disabled, changed."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import InvalidInput, OutOfRange, TooMany
from domains.kernel.ids import new_id
from domains.kernel.text.validation import Required
from domains.kernel.validation import ValidationErrors
from domains.kernel.values.secret import Secret
from domains.ledger.errors import BalanceTooLow
from domains.payment.gift_cards.errors import (
    GiftCardCodeTaken,
    GiftCardCodeUnknown,
    GiftCardDisabled,
    GiftCardEmpty,
    GiftCardExpired,
    GiftCardNotFound,
)
from domains.payment.gift_cards.models import GiftCard, GiftCardOrigin, NewGiftCard
from tests.domains.notification.mailbox import Mailbox
from tests.domains.payment.gift_cards.issuer import Issuer

OWN = "WELC-OMEA-NNA2-026X-9F3K"


@pytest.fixture(autouse=True)
async def _unbroken(issuer: Issuer) -> Any:
    yield
    assert await issuer.broken() == []


@pytest.mark.parametrize(
    ("origin", "account"),
    [(GiftCardOrigin.PROMOTION, "6200"), (GiftCardOrigin.SOLD, "1050"), (GiftCardOrigin.ORDER, "2110")],
)
async def test_an_issued_card_is_a_liability(issuer: Issuer, origin: GiftCardOrigin, account: str) -> None:
    card = await issuer.card("50.00", origin=origin)
    assert await issuer.balance(card) == Decimal(50)
    assert await issuer.ledger() == [
        ("GIFT_CARD_ISSUE", account, "DEBIT", Decimal(50)),
        ("GIFT_CARD_ISSUE", "2100", "CREDIT", Decimal(50)),
    ]
    assert card.issued_by == (None if origin is GiftCardOrigin.ORDER else issuer.actor.user_id)
    assert await issuer.audit() == [("GIFT_CARD_ISSUED", Decimal(50), True)]
    assert await issuer.topics() == ["gift_card.issued"]


async def test_a_card_is_found_by_its_code_which_is_stored_nowhere(issuer: Issuer, owner: Any) -> None:
    issued = await issuer.issue()
    code = issued.code.reveal()
    assert issued.card.last_characters == code[-4:]
    found = await issuer.payments.gift_cards.by_code(issuer.reader, code.lower().replace("-", " "))
    assert found == issued.card
    plain = [code, code.replace("-", "")]
    for table in ("gift_cards", "payment_audit_logs", "outbox_events", "ledger_entries", "notifications"):
        stored = "\n".join(row[0] for row in await owner.fetch(f"select t::text from {table} t"))  # noqa: S608 - a name
        assert not any(each in stored for each in plain)
    assert code not in repr(issued)


async def test_the_code_is_sent_to_its_recipient_once(issuer: Issuer, mailbox: Mailbox, clock: FixedClock) -> None:
    expires = clock.now().replace(year=clock.now().year + 5)
    issued = await issuer.issue("25.00", recipient_email="Ada@Example.com", expires_at=expires)
    await issuer.issue("25.00")
    (mail,) = mailbox.mails
    assert (mail.to, issued.card.recipient_email) == ("ada@example.com", "ada@example.com")
    assert issued.code.reveal() in mail.text
    assert f"\n€25.00, valid until {expires:%B} {expires.day}, {expires.year}\n" in mail.text


async def test_cards_are_issued_together_or_not_at_all(issuer: Issuer, owner: Any, company: UUID) -> None:
    await issuer.issue_all(*[NewGiftCard(amount=Decimal(number)) for number in range(1, 101)])
    with pytest.raises(TooMany):
        await issuer.issue_all(*[NewGiftCard(amount=Decimal(1))] * 101)
    with pytest.raises(OutOfRange):
        await issuer.issue_all(NewGiftCard(amount=Decimal(1)), NewGiftCard(amount=Decimal(0)))
    assert await issuer.issue_all() == []
    total = "select count(*), sum(balance) from ledger_balances where company_id = $1"
    assert tuple(await owner.fetchrow(total, company)) == (100, Decimal(5050))


async def test_a_code_of_ones_own_is_taken_once(issuer: Issuer) -> None:
    issued = await issuer.issue(code=Secret(OWN))
    assert (issued.code.reveal(), issued.card.last_characters) == (OWN, "9F3K")
    with pytest.raises(GiftCardCodeTaken):
        await issuer.issue(code=Secret(OWN.lower().replace("0", "o")))


async def test_all_that_is_wrong_with_a_card_is_said_at_once(issuer: Issuer) -> None:
    with pytest.raises(ValidationErrors) as refused:
        await issuer.issue("0.001", code=Secret("SHORT"), recipient_email="nobody", note="x" * 1001)
    fields = [error.field for error in refused.value.errors]
    names = ("code", "amount", "recipient_email", "note")
    assert fields == [("cards", "0", name) for name in names]


async def test_a_card_of_another_company_is_not_found(
    issuer: Issuer, other_company: UUID, database: Database
) -> None:
    issued = await issuer.issue()
    foreign = Actor.system(other_company)
    cards, reader = issuer.payments.gift_cards, database.reader(other_company)
    assert await cards.by_code(reader, issued.code.reveal()) is None
    assert await cards.by_id(reader, [issued.card.id]) == []
    assert await cards.balances(reader, [issued.card.id]) == {issued.card.id: Decimal(0)}
    changes: list[Callable[[Tx], Awaitable[GiftCard]]] = [
        lambda tx: cards.disable(tx, issued.card.id),
        lambda tx: cards.enable(tx, issued.card.id),
        lambda tx: cards.update(tx, issued.card.id, {"note": "x"}),
        lambda tx: cards.adjust(tx, issued.card.id, Decimal(1), "x"),
    ]
    for work in changes:
        with pytest.raises(GiftCardNotFound):
            await database.run(work, foreign)
    assert await issuer.stored(issued.card) == issued.card


async def test_staff_adjust_a_balance_for_a_reason(issuer: Issuer) -> None:
    card = await issuer.card("50.00")
    adjust = issuer.payments.gift_cards.adjust
    await issuer.do(lambda tx: adjust(tx, card.id, Decimal(5), "a bonus"))
    await issuer.do(lambda tx: adjust(tx, card.id, Decimal("-55.00"), "a mistake"))
    assert await issuer.balance(card) == Decimal(0)
    with pytest.raises(BalanceTooLow):
        await issuer.do(lambda tx: adjust(tx, card.id, Decimal("-0.01"), "more"))
    for amount, reason, error in (("0", "x", OutOfRange), ("0.001", "x", InvalidInput), ("1", " ", Required)):
        with pytest.raises(error):
            await issuer.do(partial(adjust, card_id=card.id, amount=Decimal(amount), reason=reason))
    assert (await issuer.ledger())[2:] == [
        ("GIFT_CARD_ADJUSTMENT", "6200", "DEBIT", Decimal(5)),
        ("GIFT_CARD_ADJUSTMENT", "2100", "CREDIT", Decimal(5)),
        ("GIFT_CARD_ADJUSTMENT", "6200", "CREDIT", Decimal(55)),
        ("GIFT_CARD_ADJUSTMENT", "2100", "DEBIT", Decimal(55)),
    ]
    assert (await issuer.audit())[1:] == [
        ("GIFT_CARD_ADJUSTED", Decimal(5), True),
        ("GIFT_CARD_ADJUSTED", Decimal(-55), True),
    ]


async def test_a_balance_has_a_highest_amount(issuer: Issuer) -> None:
    card, adjust = await issuer.card("999999999999999.98"), issuer.payments.gift_cards.adjust
    await issuer.do(lambda tx: adjust(tx, card.id, Decimal("0.01"), "a bonus"))
    with pytest.raises(OutOfRange):
        await issuer.do(lambda tx: adjust(tx, card.id, Decimal("0.01"), "more"))
    assert await issuer.balance(card) == Decimal("999999999999999.99")


async def test_of_parallel_deductions_only_those_succeed_for_which_there_is_money(issuer: Issuer) -> None:
    card = await issuer.card("30.00")

    async def deduct(tx: Tx) -> GiftCard:
        return await issuer.payments.gift_cards.adjust(tx, card.id, Decimal(-10), "a fee")

    outcomes = await asyncio.gather(*[issuer.do(deduct) for _ in range(5)], return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BalanceTooLow"] * 2 + ["GiftCardRow"] * 3
    assert await issuer.balance(card) == Decimal(0)


async def test_a_card_is_disabled_and_enabled_once(issuer: Issuer, clock: FixedClock) -> None:
    card = await issuer.card()
    cards = issuer.payments.gift_cards
    for _ in range(2):
        disabled = await issuer.do(lambda tx: cards.disable(tx, card.id, "stolen"))
        assert (disabled.disabled_at, disabled.disabled_reason) == (clock.now(), "stolen")
    for _ in range(2):
        enabled = await issuer.do(lambda tx: cards.enable(tx, card.id))
        assert (enabled.disabled_at, enabled.disabled_reason) == (None, None)
    assert await issuer.topics() == ["gift_card.issued", "gift_card.disabled", "gift_card.enabled"]
    assert await issuer.balance(card) == Decimal(50)


async def test_a_note_and_an_expiry_are_changed(issuer: Issuer, clock: FixedClock) -> None:
    card, cards = await issuer.card(), issuer.payments.gift_cards
    later = clock.now().replace(year=clock.now().year + 1)
    changed = await issuer.do(lambda tx: cards.update(tx, card.id, {"note": " for Ada ", "expires_at": later}))
    assert (changed.note, changed.expires_at) == ("for Ada", later)
    same = await issuer.do(lambda tx: cards.update(tx, card.id, {"note": "for Ada", "expires_at": later}))
    assert same == changed
    assert await issuer.topics() == ["gift_card.issued", "gift_card.updated"]
    with pytest.raises(OutOfRange):
        await issuer.do(lambda tx: cards.update(tx, card.id, {"expires_at": clock.now()}))


async def test_why_a_card_cannot_be_spent(issuer: Issuer, clock: FixedClock) -> None:
    cards, now = issuer.payments.gift_cards, clock.now()
    good, disabled, empty = await issuer.issue(), await issuer.issue(), await issuer.issue("1.00")
    expired = await issuer.issue(expires_at=now.replace(year=now.year + 1))
    await issuer.do(lambda tx: cards.disable(tx, disabled.card.id))
    await issuer.do(lambda tx: cards.adjust(tx, empty.card.id, Decimal(-1), "a mistake"))
    clock.at = now.replace(year=now.year + 1)
    assert await cards.usable(issuer.reader, good.code.reveal()) == (good.card, Decimal(50))
    for issued, error in ((disabled, GiftCardDisabled), (empty, GiftCardEmpty), (expired, GiftCardExpired)):
        with pytest.raises(error) as refused:
            await cards.usable(issuer.reader, issued.code.reveal(), field=("codes", "0"))
        assert refused.value.field == ("codes", "0")
    for unknown in ("0123-4567-89AB-CDEF-GHJK", "", "no code!"):
        with pytest.raises(GiftCardCodeUnknown):
            await cards.usable(issuer.reader, unknown)


async def test_an_unknown_card_is_not_found(issuer: Issuer) -> None:
    with pytest.raises(GiftCardNotFound):
        await issuer.do(lambda tx: issuer.payments.gift_cards.disable(tx, new_id()))
