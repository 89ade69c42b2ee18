"""Shipping labels: one transaction records a purchase or a void, another one the carrier's answer.

A job completes what stops in between: it looks a purchase up by its key, and never buys a second time.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import asyncpg

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt, KeyedAttempt
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import Money
from domains.shipping import data
from domains.shipping.carriers import sql
from domains.shipping.carriers.carriers import Carriers
from domains.shipping.carriers.errors import (
    CarrierInactive,
    CarrierNotFound,
    CarrierNotReachable,
    CarrierSellsNoLabels,
    LabelNotFound,
    LabelNotVoidable,
    LabelRefused,
    LabelVoidRefused,
    TrackingNumberTaken,
)
from domains.shipping.carriers.label_events import LabelPurchased, LabelVoided
from domains.shipping.carriers.models import LabelStatus, NewLabel, ShippingLabel
from domains.shipping.carriers.opened import OpenedCarrier, bounded
from domains.shipping.carriers.parcels import CheckedLabel, require_label
from domains.shipping.carriers.requests import LabelRequest, Parcel, ParcelAddress
from domains.shipping.carriers.results import BoughtLabel, CarrierOutcome, Purchase, Voiding
from domains.shipping.shipments.errors import LabelOfShipment

UNKNOWN_PURCHASE: Final = Purchase(CarrierOutcome.UNKNOWN)
UNKNOWN_VOIDING: Final = Voiding(CarrierOutcome.UNKNOWN)
NOT_RECEIVED: Final = Purchase(CarrierOutcome.REFUSED, reason="The carrier has not received the purchase.")
# After this time no request that began a purchase or a void is still running.
ABANDONED_AFTER: Final = timedelta(minutes=2)
BATCH: Final = 100
MAX_REASON: Final = 500


class Labels:
    """Buys labels of carriers and voids them."""

    def __init__(self, carriers: Carriers, company: CompanyService, clock: Clock) -> None:
        self._carriers = carriers
        self._company = company
        self._clock = clock

    async def find(self, db: Reader, label_id: UUID) -> ShippingLabel:
        """A label. Raises LabelNotFound. One statement."""
        label = await data.shipping_label.find_unique(db, id=label_id)
        if label is None:
            raise LabelNotFound
        return label

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[ShippingLabel]:
        """The labels of these ids, in no order. One statement."""
        return await data.shipping_label.find_many(db, where={"id": {"in": list(ids)}})

    async def of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[ShippingLabel]:
        """The labels of orders, oldest first. One statement."""
        where: data.ShippingLabelWhere = {"order_id": {"in": list(order_ids)}}
        return await data.shipping_label.find_many(db, where=where, order_by=[{"created_at": "asc"}, {"id": "asc"}])

    async def checked(self, db: Reader, new: NewLabel) -> CheckedLabel:
        """A label to buy, checked without a carrier's word on it.

        Raises, for all fields at once, CarrierNotFound, CarrierInactive, CarrierSellsNoLabels, and as
        `require_label`. No statement for carriers and a company that were read just now.
        """
        currency, takes_typed = (await self._company.current(db)).currency, False
        with collect_errors() as each:
            with each:
                carrier = await self._selling(db, new.carrier_id)
                takes_typed = carrier.adapter is not None and carrier.adapter.takes_typed_labels
            with each:
                checked = require_label(new, currency, takes_typed_labels=takes_typed)
        return checked

    async def begin(
        self,
        tx: Tx,
        new: NewLabel,
        request: LabelRequest,
        *,
        order_id: UUID,
        address_id: UUID,
        is_return: bool = False,
    ) -> ShippingLabel:
        """Record that a label is bought for an order; `purchase` then buys it. With the same reference it stays.

        The parcel goes to the order's address, or comes from there with a return. Raises TrackingNumberTaken. Two
        statements, one more for typed labels.
        """
        known = await data.shipping_label.find_unique(tx, id=request.reference, lock=True)
        if known is not None:
            return known
        parcel, typed = request.parcel, request.typed
        place = request.destination if is_return else request.origin
        if typed is not None:
            key: data.ShippingLabelWhere = {
                "carrier_id": new.carrier_id,
                "tracking_number": typed.tracking_number,
            }
            if await data.shipping_label.find_first(tx, where=key) is not None:
                raise TrackingNumberTaken
        return await data.shipping_label.create(
            tx,
            {
                "id": request.reference,
                "order_id": order_id,
                "carrier_id": new.carrier_id,
                "service": request.service,
                "weight": parcel.weight,
                "length": parcel.length,
                "width": parcel.width,
                "height": parcel.height,
                "origin": {name: text for name, text in asdict(place).items() if text is not None},
                "destination_id": address_id,
                "is_return": is_return,
            },
        )

    async def purchase(
        self, attempt: Attempt, actor: Actor, label: ShippingLabel, request: LabelRequest
    ) -> ShippingLabel:
        """Buy a label that `begin` has recorded, outside any transaction, and record the answer.

        While the carrier has not answered the label is PENDING, and a job asks again. One that was bought before
        stays. Raises LabelRefused, TrackingNumberTaken. Emits LabelPurchased. Two statements record the answer.
        """
        if label.status is LabelStatus.PENDING:
            carrier = (await self._carriers.opened(attempt.db.reader(actor.company_id))).get(label.carrier_id)
            reach("shipping.label_requested")
            purchase = UNKNOWN_PURCHASE
            if carrier is not None and carrier.carrier is not None:
                purchase = await bounded(carrier.carrier.buy(request), UNKNOWN_PURCHASE)
            reach("shipping.label_bought")
            label = await self._record(attempt, actor, label.id, purchase)
        if label.status is LabelStatus.FAILED:
            raise LabelRefused(label.failure_reason)
        return label

    async def request_void(self, tx: Tx, label_id: UUID, *, is_repeated: bool = False) -> ShippingLabel:
        """Record that a label is to be voided; `void` then does. One that is voided stays when this is a repetition.

        Raises LabelNotFound, LabelNotVoidable, LabelOfShipment. Three statements.
        """
        label = await data.shipping_label.find_unique(tx, id=label_id, lock=True)
        if label is None:
            raise LabelNotFound
        if is_repeated and label.status is LabelStatus.VOIDED:
            return label
        if label.status is not LabelStatus.PURCHASED:
            raise LabelNotVoidable(label.status)
        if await data.shipment.find_unique(tx, label_id=label_id) is not None:
            raise LabelOfShipment
        changes: data.ShippingLabelUpdate = {"void_requested_at": self._clock.now(), "failure_reason": None}
        return await data.shipping_label.update(tx, id=label_id, data=changes)

    async def void(self, attempt: Attempt, actor: Actor, label_id: UUID) -> ShippingLabel:
        """Void a label at its carrier, which refunds its cost: transaction, request, transaction.

        While the carrier has not answered the label is PURCHASED with `void_requested_at`, and a job asks again.
        Raises LabelNotFound, LabelNotVoidable, LabelOfShipment, CarrierNotReachable, LabelVoidRefused. Emits
        LabelVoided.
        """
        is_repeated = isinstance(attempt, KeyedAttempt) and attempt.is_claimed
        carriers = await self._carriers.opened(attempt.db.reader(actor.company_id))
        label = await attempt.run(lambda tx: self.request_void(tx, label_id, is_repeated=is_repeated), actor)
        if label.status is LabelStatus.VOIDED:
            return label
        carrier = carriers.get(label.carrier_id)
        if carrier is None or carrier.carrier is None:
            raise CarrierNotReachable
        reach("shipping.void_requested")
        voiding = await bounded(carrier.carrier.void(label_id), UNKNOWN_VOIDING)
        reach("shipping.label_voided")
        label = await attempt.run(lambda tx: self._record_voiding(tx, label_id, voiding), actor)
        if voiding.outcome is CarrierOutcome.REFUSED and label.status is not LabelStatus.VOIDED:
            raise LabelVoidRefused(label.failure_reason)
        return label

    async def document(self, db: Reader, label: ShippingLabel, address: ParcelAddress) -> bytes | None:
        """The label as PDF, with the address of its order; None for one that is not bought, or made elsewhere.

        None also for one of an erased buyer, whom a carrier that draws its own labels still names. Raises
        CarrierNotReachable. No statement for carriers that are cached.
        """
        if label.status is not LabelStatus.PURCHASED or label.tracking_number is None or label.anonymized_at:
            return None
        carrier = (await self._carriers.opened(db)).get(label.carrier_id)
        if carrier is None or carrier.carrier is None:
            raise CarrierNotReachable
        unanswered: bytes | None = b""
        document = await bounded(carrier.carrier.document(*_bought(label, address)), unanswered)
        if document == b"":
            raise CarrierNotReachable
        return document

    async def finish_due(self, db: Database, actor: Actor) -> int:
        """Ask carriers for the outcome of purchases and voids that were interrupted; how many there were.

        A purchase that the carrier has not received is closed there, so that it is refused when it arrives late, and
        is FAILED. A failure does not stop the others; all are raised together at the end as an ExceptionGroup, each
        with a note that names the label. Emits LabelPurchased, LabelVoided.
        """
        reader, before = db.reader(actor.company_id), self._clock.now() - ABANDONED_AFTER
        due = await sql.unfinished(reader, before=before, limit=BATCH)
        carriers = await self._carriers.opened(reader) if due else {}
        failures: list[Exception] = []
        for label in due:
            try:
                await self._finish(Attempt(db), actor, label, carriers.get(label.carrier_id))
            except Exception as error:  # noqa: BLE001 - all of them are raised when the others are done
                raise_if_cancelled()
                error.add_note(f"shipping label {label.id}")
                failures.append(error)
        if failures:
            raise ExceptionGroup("Some shipping labels could not be finished.", failures)
        return len(due)

    async def _finish(
        self, attempt: Attempt, actor: Actor, label: ShippingLabel, carrier: OpenedCarrier | None
    ) -> None:
        at = None if carrier is None else carrier.carrier
        if label.status is LabelStatus.PURCHASED:
            voiding = UNKNOWN_VOIDING if at is None else await bounded(at.void(label.id), UNKNOWN_VOIDING)
            await attempt.run(lambda tx: self._record_voiding(tx, label.id, voiding), actor)
            return
        purchase = UNKNOWN_PURCHASE if at is None else await bounded(at.find(label.id), UNKNOWN_PURCHASE)
        if purchase is None and at is not None:
            closed = await bounded(at.void(label.id), UNKNOWN_VOIDING)
            purchase = NOT_RECEIVED if closed.outcome is CarrierOutcome.APPROVED else UNKNOWN_PURCHASE
        await self._record(attempt, actor, label.id, purchase or UNKNOWN_PURCHASE, raises=False)

    async def _selling(self, db: Reader, carrier_id: UUID) -> OpenedCarrier:
        """The carrier of a new label."""
        opened = (await self._carriers.opened(db)).get(carrier_id)
        if opened is None:
            raise CarrierNotFound(field=("carrier_id",))
        if opened.adapter is not None and not opened.adapter.sells_labels:
            raise CarrierSellsNoLabels(opened.row.name)
        if not opened.is_open:
            raise CarrierInactive(opened.row.name)
        return opened

    async def _record(
        self, attempt: Attempt, actor: Actor, label_id: UUID, purchase: Purchase, *, raises: bool = True
    ) -> ShippingLabel:
        """The label after an answer to its purchase; FAILED when its tracking number is that of another one."""
        try:
            return await attempt.run(lambda tx: self._record_purchase(tx, label_id, purchase), actor)
        except asyncpg.UniqueViolationError:
            taken = TrackingNumberTaken()
            failed = Purchase(CarrierOutcome.REFUSED, reason=taken.message)
            label = await attempt.run(lambda tx: self._record_purchase(tx, label_id, failed), actor)
            if raises:
                raise taken from None
            return label

    async def _record_purchase(self, tx: Tx, label_id: UUID, purchase: Purchase) -> ShippingLabel:
        """Record an answer, unless another one was first. Two statements."""
        label = await data.shipping_label.find_unique(tx, id=label_id, lock=True)
        if label is None:
            raise LabelNotFound
        if label.status is not LabelStatus.PENDING:
            return label
        now, bought = self._clock.now(), purchase.label
        changes: data.ShippingLabelUpdate = {}
        if purchase.outcome is CarrierOutcome.REFUSED:
            changes = {"status": LabelStatus.FAILED, "failure_reason": _reason(label, purchase.reason)}
        elif purchase.outcome is CarrierOutcome.APPROVED and bought is not None:
            changes = {
                "status": LabelStatus.VOIDED if purchase.is_voided else LabelStatus.PURCHASED,
                "tracking_number": bought.tracking_number,
                "cost": bought.cost.amount,
                "currency": bought.cost.currency,
                "purchased_at": now,
                "voided_at": now if purchase.is_voided else None,
            }
            _emit_purchase(tx, label, bought)
        return await data.shipping_label.update(tx, id=label_id, data={**changes, "updated_at": now})

    async def _record_voiding(self, tx: Tx, label_id: UUID, voiding: Voiding) -> ShippingLabel:
        """Record an answer to a void, unless another one was first. Two statements."""
        label = await data.shipping_label.find_unique(tx, id=label_id, lock=True)
        if label is None:
            raise LabelNotFound
        if label.status is not LabelStatus.PURCHASED or label.void_requested_at is None:
            return label
        now = self._clock.now()
        changes: data.ShippingLabelUpdate = {"updated_at": now}
        if voiding.outcome is CarrierOutcome.APPROVED:
            changes = {"status": LabelStatus.VOIDED, "voided_at": now, "updated_at": now}
            tx.emit(
                LabelVoided(
                    label_id=label.id,
                    order_id=label.order_id,
                    carrier_id=label.carrier_id,
                    tracking_number=label.tracking_number or "",
                )
            )
        elif voiding.outcome is CarrierOutcome.REFUSED:
            changes = {"void_requested_at": None, "failure_reason": _reason(label, voiding.reason), "updated_at": now}
        return await data.shipping_label.update(tx, id=label_id, data=changes)


def _bought(label: ShippingLabel, address: ParcelAddress) -> tuple[LabelRequest, BoughtLabel]:
    """A stored label as it was requested and bought."""
    parcel = Parcel(label.weight, label.length, label.width, label.height)
    cost = Money(label.cost or Decimal(0), label.currency or "")
    place = ParcelAddress(**label.origin)
    ends = (address, place) if label.is_return else (place, address)
    request = LabelRequest(label.id, label.service, *ends, parcel, cost.currency)
    return request, BoughtLabel(label.tracking_number or "", cost)


def _emit_purchase(tx: Tx, label: ShippingLabel, bought: BoughtLabel) -> None:
    tx.emit(
        LabelPurchased(
            label_id=label.id,
            order_id=label.order_id,
            carrier_id=label.carrier_id,
            tracking_number=bought.tracking_number,
            cost=f"{bought.cost.shown():f}",
            currency=bought.cost.currency,
        )
    )


def _reason(label: ShippingLabel, text: str | None) -> str | None:
    """What a carrier says, which can name the buyer: nothing of it is stored after an erasure."""
    return text[:MAX_REASON] if text and label.anonymized_at is None else None
