"""Gift cards: issued, found by their code, changed, disabled and adjusted. Their balances are kept by the ledger."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.text.validation import LINE_LENGTH, optional_text, require_text
from domains.kernel.validation import collect_errors
from domains.ledger import chart
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.amounts import require_balance, require_change
from domains.payment.audit import log
from domains.payment.gift_cards import codes, postings
from domains.payment.gift_cards.errors import (
    GiftCardCodeUnknown,
    GiftCardDisabled,
    GiftCardEmpty,
    GiftCardExpired,
    GiftCardNotFound,
)
from domains.payment.gift_cards.events import (
    GiftCardBalanceAdjusted,
    GiftCardEnabled,
    GiftCardUpdated,
    GiftCardWasDisabled,
)
from domains.payment.gift_cards.issuance import require_future
from domains.payment.gift_cards.models import GiftCard, GiftCardChanges, GiftCardStatus, status_of, subject_of
from domains.payment.models import PaymentAuditEvent
from domains.payment.settings import PaymentSettingsTable

REFUSALS: Final = {
    GiftCardStatus.DISABLED: GiftCardDisabled,
    GiftCardStatus.EXPIRED: GiftCardExpired,
    GiftCardStatus.EMPTY: GiftCardEmpty,
}


class GiftCards:
    """The gift cards of a company. A card's row is locked before its balance."""

    def __init__(
        self, ledger: LedgerService, company: CompanyService, settings: PaymentSettingsTable, clock: Clock
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._company = company
        self._settings = settings

    async def by_code(self, db: Reader, code: str) -> GiftCard | None:
        """The card with this code, in any spelling; None when there is none. One statement at most."""
        code_hash = codes.code_hash(code)
        return None if code_hash is None else await data.gift_card.find_unique(db, code_hash=code_hash)

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[GiftCard]:
        """The cards with these ids, in no order. One statement."""
        return await data.gift_card.find_many(db, where={"id": {"in": list(ids)}})

    async def of_order_items(self, db: Reader, order_item_ids: Collection[UUID]) -> list[GiftCard]:
        """The cards that were sold with these lines of orders, oldest first. One statement."""
        where: data.GiftCardWhere = {"order_item_id": {"in": list(order_item_ids)}}
        return await data.gift_card.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def balances(self, db: Reader, ids: Collection[UUID]) -> dict[UUID, Decimal]:
        """The balance of each card, in its currency. One statement."""
        return await self._ledger.balances.of(db, chart.GIFT_CARDS, ids)

    def status(self, card: GiftCard, balance: Decimal) -> GiftCardStatus:
        """Whether a card with this balance can be spent now."""
        return status_of(card, balance, self._clock.now())

    async def usable(self, db: Reader, code: str, *, field: Sequence[str] = ("code",)) -> tuple[GiftCard, Decimal]:
        """The card with this code and its balance, if it can be spent. Two statements at most.

        Raises GiftCardCodeUnknown, GiftCardDisabled, GiftCardExpired, GiftCardEmpty.
        """
        card = await self.by_code(db, code)
        if card is None:
            raise GiftCardCodeUnknown(field=field)
        balance = (await self.balances(db, [card.id]))[card.id]
        if refusal := REFUSALS.get(self.status(card, balance)):
            raise refusal(field=field)
        return card, balance

    async def update(self, tx: Tx, card_id: UUID, changes: GiftCardChanges) -> GiftCard:
        """Change when a card expires, or its note; absent fields do not change. Two statements.

        What a card lost by its expiry does not come back. Raises GiftCardNotFound, OutOfRange for a time in the past,
        GiftCardValidityTooShort, GiftCardExpiryForbidden, TooLong. Emits GiftCardUpdated when anything changes.
        """
        card = await self._lock(tx, card_id)
        values: data.GiftCardUpdate = {}
        with collect_errors() as each:
            if "expires_at" in changes and changes["expires_at"] != card.expires_at:
                with each:
                    company, settings = await self._company.current(tx), await self._settings.current(tx)
                    expires_at = changes["expires_at"]
                    require_future(expires_at, self._clock.now(), card.origin, card.created_at, company, settings)
                    values |= {"expires_at": expires_at, "swept_at": None}
            if "note" in changes:
                with each:
                    note = optional_text(changes["note"], field=("note",), max_length=LINE_LENGTH)
                    if note != card.note:
                        values["note"] = note
        if not values:
            return card
        changed = sorted({"expires_at", "note"} & values.keys())
        log.record(tx, PaymentAuditEvent.GIFT_CARD_UPDATED, subject_of(card))
        tx.emit(GiftCardUpdated(gift_card_id=card_id, changed=changed))
        return await data.gift_card.update(tx, id=card_id, data=values)

    async def disable(self, tx: Tx, card_id: UUID, reason: str | None = None) -> GiftCard:
        """Keep a card from being spent; it keeps its balance, and refunds to it. Idempotent. Two statements.

        Raises GiftCardNotFound, TooLong. Emits GiftCardWasDisabled.
        """
        why = optional_text(reason, field=("reason",), max_length=LINE_LENGTH)
        card = await self._lock(tx, card_id)
        if card.disabled_at is not None:
            return card
        log.record(tx, PaymentAuditEvent.GIFT_CARD_DISABLED, subject_of(card))
        tx.emit(GiftCardWasDisabled(gift_card_id=card_id))
        values: data.GiftCardUpdate = {"disabled_at": self._clock.now(), "disabled_reason": why}
        return await data.gift_card.update(tx, id=card_id, data=values)

    async def enable(self, tx: Tx, card_id: UUID) -> GiftCard:
        """Let a disabled card be spent again. Idempotent. Two statements.

        Raises GiftCardNotFound. Emits GiftCardEnabled.
        """
        card = await self._lock(tx, card_id)
        if card.disabled_at is None:
            return card
        log.record(tx, PaymentAuditEvent.GIFT_CARD_ENABLED, subject_of(card))
        tx.emit(GiftCardEnabled(gift_card_id=card_id))
        values: data.GiftCardUpdate = {"disabled_at": None, "disabled_reason": None}
        return await data.gift_card.update(tx, id=card_id, data=values)

    async def adjust(self, tx: Tx, card_id: UUID, amount: Decimal, reason: str) -> GiftCard:
        """Add an amount to the balance of a card, or take it off when it is negative; an expense of the company.

        Two statements. Raises GiftCardNotFound, GiftCardExpired, BalanceTooLow, OutOfRange for zero and for a
        balance of 10^15, TooManyDecimals, Required and TooLong for the reason. Emits GiftCardBalanceAdjusted.
        """
        card = await self._lock(tx, card_id)
        if card.expires_at is not None and card.expires_at <= self._clock.now():
            raise GiftCardExpired(field=("id",))
        with collect_errors() as each:
            with each:
                exact = require_change(amount, card.currency)
            with each:
                why = require_text(reason, field=("reason",), max_length=LINE_LENGTH)
        balance = (await self._ledger.balances.lock(tx, chart.GIFT_CARDS, [card_id]))[card_id]
        require_balance(balance + exact)
        (entry_id,) = log.record_all(tx, PaymentAuditEvent.GIFT_CARD_ADJUSTED, [subject_of(card, exact)])
        entry = postings.adjustment_of(card, exact, entry_id, reason=why, performed_by=tx.actor.user_id)
        await self._ledger.post(tx, entry)
        tx.emit(GiftCardBalanceAdjusted(gift_card_id=card_id, amount=exact, currency=card.currency))
        return card

    async def _lock(self, tx: Tx, card_id: UUID) -> GiftCard:
        card = await data.gift_card.find_unique(tx, id=card_id, lock=True)
        if card is None:
            raise GiftCardNotFound
        return card
