"""Issuance of gift cards: their codes, their expiry, and what is written and sent for them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from domains.auth.emails.addresses import normalize_email
from domains.auth.sessions.tokens import digest
from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.errors import OutOfRange, TooMany
from domains.kernel.ids import new_id
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors, prefix_errors
from domains.kernel.values.secret import Secret
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.amounts import require_positive
from domains.payment.audit import log
from domains.payment.gift_cards import codes, postings, validity
from domains.payment.gift_cards.emails import GiftCardEmails
from domains.payment.gift_cards.errors import GiftCardCodeTaken
from domains.payment.gift_cards.events import GiftCardIssued
from domains.payment.gift_cards.models import (
    DefaultExpiry,
    GiftCard,
    GiftCardOrigin,
    IssuedGiftCard,
    NewGiftCard,
    subject_of,
)
from domains.payment.models import PaymentAuditEvent, PaymentSettings
from domains.payment.settings import PaymentSettingsTable

MAX_ISSUED = 100


class Issuance:
    """Issues gift cards, each with an entry of the ledger that a card has once."""

    def __init__(
        self,
        ledger: LedgerService,
        company: CompanyService,
        settings: PaymentSettingsTable,
        emails: GiftCardEmails,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._company = company
        self._settings = settings
        self._emails = emails

    async def issue(self, tx: Tx, new: Sequence[NewGiftCard]) -> list[IssuedGiftCard]:
        """Issue cards, at most 100, in the company's currency; the codes are sent to those with an address.

        Two statements, and one for settings that are not cached; the last one of `tx` writes ledger, log and events.
        Raises TooMany, GiftCardCodeTaken, and for all cards at once OutOfRange, TooManyDecimals, InvalidInput,
        TooLong, GiftCardCodeWeak, CardNumberRefused, GiftCardValidityTooShort and GiftCardExpiryForbidden. Emits
        GiftCardIssued and GiftCardEmailRequested.
        """
        if len(new) > MAX_ISSUED:
            raise TooMany(f"At most {MAX_ISSUED} gift cards are issued at once.", field=("cards",))
        if not new:
            return []
        currency, company = await self._company.currency(tx), await self._company.current(tx)
        settings, now = await self._settings.current(tx), self._clock.now()
        given = [each.code or codes.new_code() for each in new]
        rows: list[data.GiftCardCreate] = []
        with collect_errors() as errors:
            for index, (each, code) in enumerate(zip(new, given, strict=True)):
                with errors, prefix_errors(("cards", str(index))), collect_errors() as of_card:
                    expires_at: datetime | None = None
                    with of_card:
                        expires_at = require_expiry(each, now, company, settings)
                    with of_card:
                        rows.append(_row(tx, each, code, currency, expires_at))
        cards = await _insert(tx, rows)
        await self._ledger.post(tx, *[postings.issue_of(card) for card in cards])
        issued = [subject_of(card, card.initial_amount) for card in cards]
        log.record_all(tx, PaymentAuditEvent.GIFT_CARD_ISSUED, issued)
        for card in cards:
            tx.emit(GiftCardIssued.of(card))
        with_codes = [IssuedGiftCard(card, code) for card, code in zip(cards, given, strict=True)]
        self._emails.request(tx, with_codes, company.time_zone)
        return with_codes


def require_expiry(new: NewGiftCard, now: datetime, company: Company, settings: PaymentSettings) -> datetime | None:
    """When a new card expires. Raises as `require_future`."""
    country = settings.gift_card_country
    if isinstance(new.expires_at, DefaultExpiry):
        months = settings.gift_card_validity_months
        return validity.expiry_of(months, country, company.time_zone, now)
    require_future(new.expires_at, now, new.origin, now, company, settings)
    return new.expires_at


def require_future(
    expires_at: datetime | None,
    now: datetime,
    origin: GiftCardOrigin,
    issued_at: datetime,
    company: Company,
    settings: PaymentSettings,
) -> None:
    """Raise OutOfRange for an expiry that is not later than now, and for a card that is sold as `require_lawful`."""
    if expires_at is None:
        return
    if expires_at <= now:
        raise OutOfRange("A gift card expires in the future.", field=("expires_at",))
    if origin is not GiftCardOrigin.PROMOTION:
        validity.require_lawful(expires_at, issued_at, settings.gift_card_country, company.time_zone)


def _row(tx: Tx, new: NewGiftCard, code: Secret, currency: str, expires_at: datetime | None) -> data.GiftCardCreate:
    """The row of a card; raises what is wrong with its fields, all at once."""
    with collect_errors() as each:
        with each:
            form = codes.require_strong(code)
        with each:
            amount = require_positive(new.amount, currency)
        with each:
            address = new.recipient_email
            email = None if address is None else normalize_email(address, field=("recipient_email",))
        with each:
            note = optional_text(new.note, field=("note",), max_length=LINE_LENGTH)
    return {
        "id": new_id(),
        "code_hash": digest(form),
        "last_characters": form[-codes.SHOWN :],
        "origin": new.origin,
        "currency": currency,
        "initial_amount": amount,
        "expires_at": expires_at,
        "recipient_email": email,
        "note": note,
        "order_item_id": new.order_item_id,
        "issued_by": None if new.origin is GiftCardOrigin.ORDER else tx.actor.user_id,
    }


async def _insert(tx: Tx, rows: Sequence[data.GiftCardCreate]) -> list[GiftCard]:
    """The cards in the order of the rows. One statement. Raises GiftCardCodeTaken."""
    args: list[object] = []
    statement = f"{data.gift_card.insertion(tx, rows).sql(args)} returning {data.gift_card.columns()}"
    try:
        found = [data.gift_card.from_record(record) for record in await tx.fetch(statement, *args)]
    except asyncpg.UniqueViolationError as error:
        raise GiftCardCodeTaken from error
    cards: dict[UUID, GiftCard] = {card.id: card for card in found}
    return [cards[row["id"]] for row in rows]
