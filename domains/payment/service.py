"""PaymentService: payments of orders, and the parts of the payment domain.

Each operation at a provider has three steps, so that it can be resumed after any of them: a transaction records
the intention (`create`, `request_capture`, `request_cancellation`), the provider is called outside any transaction
(`operations`), and a transaction records the answer (`record`). `reconciliation` finds unfinished operations.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.ports import Encryption
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part, PartRows, Statement
from domains.kernel.settings import SettingsCache
from domains.kernel.values.money import Money
from domains.ledger.service import LedgerService
from domains.payment import data, sql
from domains.payment.accounts.accounts import PaymentAccounts
from domains.payment.amounts import require_positive
from domains.payment.audit import log
from domains.payment.cards import CardDetails, is_card_number
from domains.payment.errors import (
    AmountNotTaken,
    CaptureRequested,
    CaptureTooLarge,
    CardNotAccepted,
    CardNumberRefused,
    PaymentNotCancellable,
    PaymentNotCapturable,
    PaymentNotFound,
    PaymentNotVoidable,
)
from domains.payment.events import LOST_AUTHORIZATIONS, RESULTS
from domains.payment.gift_cards.emails import GiftCardEmails
from domains.payment.gift_cards.expiry import Expiry
from domains.payment.gift_cards.gift_cards import GiftCards
from domains.payment.gift_cards.issuance import Issuance
from domains.payment.gift_cards.listing import GiftCardListing
from domains.payment.gift_cards.returns import GiftCardReturns
from domains.payment.lifecycle import OPEN, STATUS_AFTER
from domains.payment.listing.lists import PaymentLists
from domains.payment.manual.manual_payments import ManualPayments
from domains.payment.methods import PaymentMethods
from domains.payment.models import (
    Amounts,
    Balance,
    CaptureMethod,
    CaptureMode,
    Payment,
    PaymentAuditEvent,
    PaymentMethod,
    PaymentStatus,
    RecordedPayment,
)
from domains.payment.personal_data import PaymentDetails
from domains.payment.providers.operations import Operations
from domains.payment.providers.provider import PaymentProvider
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import MethodToken, PaymentInstrument
from domains.payment.providers.results import ProviderPayment
from domains.payment.reconciliation import Reconciliation
from domains.payment.refunds import Refunds
from domains.payment.reversals import Reversals
from domains.payment.saved_methods.forgotten_methods import ForgottenMethods
from domains.payment.saved_methods.saved_methods import SavedMethods
from domains.payment.saved_methods.setups import MethodSetups
from domains.payment.settings import PaymentSettingsTable
from domains.payment.settlements.settlements import Settlements
from domains.payment.store_credit.personal_data import StoreCreditOwners
from domains.payment.store_credit.store_credits import StoreCredits
from domains.payment.tenders.tenders import Tenders
from domains.payment.transactions import Transactions
from domains.payment.webhooks.listing import EventListing
from domains.payment.webhooks.webhooks import PaymentWebhooks

METHODS: Final[Mapping[CaptureMode, CaptureMethod]] = {
    CaptureMode.AUTOMATIC: CaptureMethod.AUTOMATIC,
    CaptureMode.MANUAL: CaptureMethod.MANUAL,
    CaptureMode.ON_SHIPMENT: CaptureMethod.MANUAL,
}
"""Whether the provider captures a new payment with its authorization, or by another request."""


class PaymentService:
    """Payments of orders through the provider that the company's settings name."""

    def __init__(
        self,
        providers: Providers,
        cache: SettingsCache,
        company: CompanyService,
        ledger: LedgerService,
        encryption: Encryption,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self.settings = PaymentSettingsTable(providers, cache)
        self.return_urls = providers.return_urls
        self.methods = PaymentMethods(self.settings)
        self.accounts = PaymentAccounts(providers, clock)
        self.operations = Operations(self.accounts)
        self.transactions = Transactions(ledger, clock)
        self._reversals = Reversals(self.transactions)
        self.refunds = Refunds(self.accounts, self.transactions, clock)
        self.manual_payments = ManualPayments(self.transactions, clock)
        self.reconciliation = Reconciliation(self.operations, clock)
        self.webhooks = PaymentWebhooks(self.accounts, clock)
        self.event_listing = EventListing(providers, self.accounts, self.webhooks, clock)
        self.details = PaymentDetails()
        self.saved_methods = SavedMethods(self.accounts, providers, clock)
        self.method_setups = MethodSetups(self.saved_methods, self.accounts, self.settings, providers, clock)
        self.forgotten_methods = ForgottenMethods(self.accounts, providers, clock)
        self.lists = PaymentLists(providers)
        self.gift_cards = GiftCards(ledger, company, self.settings, clock)
        self.issuance = Issuance(ledger, company, self.settings, GiftCardEmails(encryption), clock)
        self.gift_card_listing = GiftCardListing(ledger, clock)
        self.gift_card_expiry = Expiry(ledger, clock)
        self.gift_card_returns = GiftCardReturns(ledger, clock)
        self.store_credits = StoreCredits(ledger, company)
        self.store_credit_owners = StoreCreditOwners(ledger)
        self.tenders = Tenders(ledger, clock)
        self.settlements = Settlements(company, ledger)

    async def payments_of(self, db: Reader, order_ids: Collection[UUID]) -> list[Payment]:
        """The payments of orders, oldest first. One statement."""
        where: data.PaymentWhere = {"order_id": {"in": list(order_ids)}}
        return await data.payment.find_many(db, where=where, order_by=[{"created_at": "asc"}, {"id": "asc"}])

    async def payments_by_id(self, db: Reader, ids: Collection[UUID]) -> list[Payment]:
        """The payments with these ids, in no order. One statement."""
        return await data.payment.find_many(db, where={"id": {"in": list(ids)}})

    async def balance_of(self, db: Reader, order_id: UUID) -> Balance:
        """The balance of an order's payments. One statement."""
        return (await self.balances_of(db, [order_id]))[order_id]

    async def balances_of(self, db: Reader, order_ids: Collection[UUID]) -> dict[UUID, Balance]:
        """The balance of each order's payments, zero for an order without a captured one. One statement."""
        balances = await sql.balances(db, order_ids)
        return {order_id: balances.get(order_id, sql.ZERO_BALANCE) for order_id in order_ids}

    async def orders_of_card(self, db: Reader, fingerprints: Collection[str], since: datetime) -> list[UUID]:
        """The orders that a card has paid, or may still pay, since that time. One statement."""
        where: data.PaymentWhere = {
            "card_fingerprint": {"in": list(fingerprints)},
            "status": {"in": [*OPEN, PaymentStatus.SUCCEEDED]},
            "created_at": {"gte": since},
        }
        return [payment.order_id for payment in await data.payment.find_many(db, where=where)]

    async def accepting(self, db: Reader, instrument: PaymentInstrument, name: str | None) -> PaymentProvider:
        """The provider that takes a new payment with this instrument; the company's, or the named one.

        Raises CardNotAccepted for a card and a provider with an account, CardNumberRefused for a card number in place
        of a token, ProviderNotOffered, ProviderNotConfigured, ProviderDisabled. No statement when settings and
        account are cached.
        """
        settings = await self.settings.current(db)
        provider = await self.accounts.chosen(db, settings.payment_provider, name)
        if isinstance(instrument, CardDetails) and not provider.accepts_cards:
            raise CardNotAccepted(provider.name)
        if isinstance(instrument, MethodToken) and is_card_number(instrument.token.reveal()):
            raise CardNumberRefused(field=("token",))
        return provider

    async def open_payment(self, db: Reader, order_id: UUID) -> Payment | None:
        """The payment of an order that may still take money; an order has one at most. One statement."""
        where: data.PaymentWhere = {"order_id": order_id, "status": {"in": list(OPEN)}}
        return next(iter(await data.payment.find_many(db, where=where, take=1)), None)

    async def create(
        self,
        tx: Tx,
        order_id: UUID,
        amount: Decimal,
        currency: str,
        instrument: PaymentInstrument,
        *,
        payment_id: UUID | None = None,
        provider: str | None = None,
        fingerprint: str | None = None,
        alongside: Sequence[Statement] = (),
    ) -> Payment | None:
        """Create a PENDING payment of an order, before its provider is called.

        The provider is that of the company's settings, or the one that is named, to which the company is connected.

        It is captured at once where the settings say AUTOMATIC, otherwise by `request_capture`. None when a payment
        with this `payment_id` exists (it is the attempt of an idempotent workflow), or when another payment of the
        order is open; the caller then rolls back, because the statements `alongside` and the audit log are written
        nevertheless. Of a card only the last four digits are stored, and the `fingerprint` that recognizes it. Raises
        OutOfRange for an amount that is not positive, TooManyDecimals for one finer than the currency's minor unit,
        and as `accepting`. One statement, and one each for settings and an account that are not cached.
        """
        settings = await self.settings.current(tx)
        accepting = await self.accepting(tx, instrument, provider)
        card = instrument if isinstance(instrument, CardDetails) else None
        now = self._clock.now()
        row: data.PaymentCreate = {
            "id": payment_id or new_id(),
            "order_id": order_id,
            "provider": accepting.name,
            "method": PaymentMethod.CARD.value,
            "status": PaymentStatus.PENDING,
            "capture_method": METHODS[settings.capture_mode],
            "amount": require_positive(amount, currency),
            "currency": currency,
            "card_last_4": card.last4 if card else None,
            "card_fingerprint": fingerprint,
            "created_at": now,
            "updated_at": now,
        }
        return await sql.create(tx, row, [*alongside, log.creation(tx, row)])

    async def record(self, tx: Tx, payment_id: UUID, result: ProviderPayment) -> RecordedPayment:
        """Record a provider's answer by the rules of the lifecycle. Idempotent.

        An answer that comes too late for the payment's status (a decline after the capture) changes no status. The
        provider's transactions are added to the ledger in any case, and the payment's amounts follow from them.
        Raises PaymentNotFound. One statement, two when nothing changed, and those of `Reversals.record`, which are
        executed when a refund or a chargeback is new. Emits PaymentAuthorized, PaymentCaptured, PaymentFailed or
        PaymentCancelled when the payment gets that status, and what `Reversals.record` does.
        """
        (rows,) = await fetch_parts(tx, [self.recording(tx, payment_id, result)])
        return await self.recorded(tx, payment_id, rows)

    def recording(self, tx: Tx, payment_id: UUID, result: ProviderPayment) -> Part:
        """`record` as a part of another domain's statement, whose rows are then given to `recorded`.

        The end of an authorization is stored by the last statement of `tx`.
        """
        if result.authorized_until is not None:
            held: data.PaymentWhere = {"id": payment_id, "status": PaymentStatus.AUTHORIZED}
            changes: data.PaymentUpdate = {
                "authorized_until": result.authorized_until,
                "updated_at": self._clock.now(),
            }
            tx.defer(data.payment.alteration(tx, where=held, data=changes))
        following, applies_to = STATUS_AFTER[result.status]
        return sql.recording(tx, payment_id, result, following, applies_to, now=self._clock.now())

    async def recorded(
        self, tx: Tx, payment_id: UUID, rows: PartRows, *, is_expected: bool = True
    ) -> RecordedPayment:
        """The payment after a recording; raises and emits as `record`.

        A capture that is not expected is to be cancelled: what was refunded of it already becomes no refund of ours.
        """
        found = sql.recorded(rows)
        if found is None:
            payment = await self._payment(tx, payment_id)
            return RecordedPayment(payment, payment.status, Amounts.of(payment))
        recorded = found.recorded
        status = recorded.payment.status
        if not found.is_reversed:
            await self.transactions.postings.captured(tx, recorded.payment, found.added.capture_id, found.before)
        if recorded.previous_status is not status:
            log.record_status(tx, recorded.payment)
        if status in RESULTS and recorded.previous_status is not status:
            tx.emit(RESULTS[status].of(recorded.payment))
        is_held = (
            recorded.previous_status is PaymentStatus.AUTHORIZED and recorded.payment.cancel_requested_at is None
        )
        if is_held and status in LOST_AUTHORIZATIONS:
            tx.emit(LOST_AUTHORIZATIONS[status].of(recorded.payment))
        if found.is_reversed:
            is_counted = is_expected or recorded.previous_status is status
            payment, reversals = await self._reversals.record(
                tx, recorded.payment, found.added, captured=found.before.amount_captured, is_counted=is_counted
            )
            return replace(recorded, payment=payment, reversals=reversals)
        return recorded

    async def request_capture(self, tx: Tx, payment_id: UUID, amount: Decimal | None = None) -> Payment:
        """Record that an authorized payment is to be captured; the caller or reconciliation then does.

        `amount` is in the payment's currency, by default all that is authorized; what is not captured is released.
        The same request again changes nothing, also after the capture; another amount is refused. Raises
        PaymentNotFound, PaymentNotCapturable, CaptureRequested, CaptureTooLarge, AmountNotTaken, OutOfRange,
        TooManyDecimals. Two statements at most, and one for a part with an account that is not cached.
        """
        payment = await self._payment(tx, payment_id, lock=True)
        captured = payment.amount if amount is None else require_positive(amount, payment.currency)
        if captured > payment.amount:
            raise CaptureTooLarge(captured, payment.amount, payment.currency)
        is_captured = payment.status is PaymentStatus.SUCCEEDED and payment.capture_amount == captured
        if payment.cancel_requested_at is not None or not (is_captured or payment.status is PaymentStatus.AUTHORIZED):
            raise PaymentNotCapturable(payment.status)
        if payment.capture_amount is None:
            if captured < payment.amount:
                await self._require_taken(tx, payment, captured)
            now = self._clock.now()
            changes: data.PaymentUpdate = {"capture_requested_at": now, "capture_amount": captured, "updated_at": now}
            subject = log.Subject.payment(payment, captured)
            entry = log.insertion(tx, PaymentAuditEvent.CAPTURE_REQUESTED, subject)
            return await data.payment.update(tx, id=payment_id, data=changes, alongside=[entry])
        if payment.capture_amount != captured:
            raise CaptureRequested(payment.capture_amount, payment.currency)
        return payment

    async def _require_taken(self, db: Reader, payment: Payment, amount: Decimal) -> None:
        """Raise AmountNotTaken for an amount that is too fine for the provider, which would refuse it later."""
        provider = await self.accounts.opened(db, payment.provider)
        if not provider.takes(Money(amount, payment.currency)):
            raise AmountNotTaken(payment.currency)

    async def request_capture_on_shipment(self, tx: Tx, payment: Payment, most: Decimal) -> None:
        """Request the capture of a payment of an order that is shipped, unless the company's staff alone capture.

        It takes what is authorized, at `most` what is left to pay of the order, and nothing if that is nothing. No
        statement unless it is authorized; two, and one for settings that are not cached.
        """
        is_held = payment.status is PaymentStatus.AUTHORIZED and payment.cancel_requested_at is None
        if not is_held or payment.capture_amount is not None or not most:
            return
        if (await self.settings.current(tx)).capture_mode is not CaptureMode.MANUAL:
            await self.request_capture(tx, payment.id, min(most, payment.amount))

    async def request_void(self, tx: Tx, payment_id: UUID) -> Payment:
        """Record that a payment which took no money yet is to be cancelled, as `request_cancellation`. Idempotent.

        Raises PaymentNotFound, PaymentNotVoidable for one that was captured or failed, CaptureRequested for one that
        is being captured. Two statements at most.
        """
        payment = await self._payment(tx, payment_id, lock=True)
        if payment.status is PaymentStatus.CANCELLED or payment.cancel_requested_at is not None:
            return payment
        if payment.status not in OPEN:
            raise PaymentNotVoidable(payment.status)
        if payment.capture_amount is not None:
            raise CaptureRequested(payment.capture_amount, payment.currency)
        return await self._mark_cancelled(tx, payment)

    async def request_cancellation(self, tx: Tx, payment_id: UUID) -> Payment:
        """Record that a payment is to be cancelled; the caller or reconciliation then does. Idempotent.

        A payment that failed or is cancelled stays as it is. After that, nothing of the payment is captured or
        refunded. Raises PaymentNotFound, and PaymentNotCancellable after a refund. Three statements at most.
        """
        payment = await self._payment(tx, payment_id, lock=True)
        if payment.status is not PaymentStatus.SUCCEEDED and payment.status not in OPEN:
            return payment
        if await sql.refunded_or_refunding(tx, [payment_id]):
            raise PaymentNotCancellable
        return await self._mark_cancelled(tx, payment)

    async def request_release(self, tx: Tx, order_id: UUID) -> None:
        """Record that an order's authorized payments are to be cancelled, as `request_cancellation`; the job does."""
        for payment in await self.payments_of(tx, [order_id]):
            if payment.status is PaymentStatus.AUTHORIZED:
                await self.request_cancellation(tx, payment.id)

    async def abandon(self, tx: Tx, payment_id: UUID) -> Payment | None:
        """Mark a payment that waits for its buyer as to be cancelled, so that another one can take its place.

        None when it has another status by now. After that it never pays the order: whatever it takes is returned.
        The caller, or reconciliation, then cancels it at the provider. Idempotent. One statement.
        """
        now = self._clock.now()
        payment = await sql.abandon(tx, payment_id, now=now)
        if payment is not None and payment.cancel_requested_at == now:
            log.record(tx, PaymentAuditEvent.CANCELLATION_REQUESTED, log.Subject.payment(payment))
        return payment

    async def _mark_cancelled(self, tx: Tx, payment: Payment) -> Payment:
        """A locked payment with a requested cancellation; the time of the first request stays. One statement."""
        now, requested_at = self._clock.now(), payment.cancel_requested_at
        subject = log.Subject.payment(payment)
        entries = [] if requested_at else [log.insertion(tx, PaymentAuditEvent.CANCELLATION_REQUESTED, subject)]
        changes: data.PaymentUpdate = {"cancel_requested_at": requested_at or now, "updated_at": now}
        return await data.payment.update(tx, id=payment.id, data=changes, alongside=entries)

    async def _payment(self, tx: Tx, payment_id: UUID, *, lock: bool = False) -> Payment:
        payment = await data.payment.find_unique(tx, id=payment_id, lock=lock)
        if payment is None:
            raise PaymentNotFound
        return payment
