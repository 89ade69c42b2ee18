"""The parcels of the demo: from two warehouses, packed, on their way, waiting, back, lost, and an order on hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final, TypeAlias
from uuid import UUID

from domains.inventory.allocation.reallocation import ReallocatedLine
from domains.kernel.database import Tx
from domains.order.fulfilment.packed_units import ParcelUnits
from domains.order.fulfilment.parcels import NewParcel
from domains.shipping.shipments.details import ParcelDetails
from domains.shipping.shipments.models import Shipment
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus
from gateway.demo.shipping import CARRIER
from gateway.demo.shop import CUSTOMER, GUEST, DemoShop, Sale
from gateway.demo.warehouses import FROM, TO

HUB: Final = "Crewe"
FAR_HUB: Final = "Osnabrück"
NEAR: Final = {"SHOAL-SOUP-BOWL-KELP": 2}  # staff choose the first warehouse for it
FAR: Final = {"FIELD-NOTEBOOK-PLAIN": 2}  # the nearest one sends it
PACKED: Final = {"WATER-GLASS-SET-OF-FOUR": 1, "PAPER-MOON-LAMPSHADE-35-CM": 1}
HELD: Final = {"FELT-GROW-BAG-40-L": 3}
HOLD_REASON: Final = "The address is incomplete"
NOTES: Final = (("The house number is missing; the customer was asked.", True), ("We have written to you.", False))


Event: TypeAlias = tuple[TrackingStatus, float, str | None]
"""A status, the days since then, and the place."""


@dataclass(frozen=True, slots=True)
class Journey:
    """The way of a parcel of one order: units, days since the order, and events with the days since then."""

    buyer: int
    units: Mapping[str, int]
    days: float
    events: Sequence[Event]


S = TrackingStatus
JOURNEYS: Final = (
    Journey(
        GUEST - 1,
        {"HARBOUR-MUG-250-ML-KELP": 2},
        3,
        [(S.PICKED_UP, 2.3, "Stoke"), (S.IN_TRANSIT, 1.6, HUB), (S.OUT_FOR_DELIVERY, 0.2, "Stoke")],
    ),
    Journey(
        CUSTOMER,
        {"LETTER-PAPER-50-SHEETS": 2},
        4,
        [(S.PICKED_UP, 3.3, "Stoke"), (S.IN_TRANSIT, 2.4, HUB), (S.AVAILABLE_FOR_PICKUP, 0.5, "Post office, Stoke")],
    ),
    Journey(
        3,
        {"TERRACOTTA-POT-25-CM": 1},
        8,
        [(S.IN_TRANSIT, 6.8, HUB), (S.EXCEPTION, 5, "Stoke"), (S.RETURN_TO_SENDER, 3.5, "Stoke")],
    ),
    Journey(5, {"SHOAL-DINNER-PLATE-RUST": 2}, 8.5, [(S.IN_TRANSIT, 7.2, HUB), (S.LOST, 1.5, None)]),
)
TO_BREMEN: Final = ((S.PICKED_UP, 4.2, "Bremen"), (S.IN_TRANSIT, 3.6, FAR_HUB), (S.DELIVERED, 1.8, "Bremen"))
FROM_STOKE: Final = (
    *((S.PICKED_UP, 3.1, "Stoke"), (S.IN_TRANSIT, 2.6, HUB), (S.IN_TRANSIT, 1.4, "Rotterdam")),
    *((S.EXCEPTION, 0.9, FAR_HUB), (S.IN_TRANSIT, 0.3, FAR_HUB)),
)


class DemoParcels:
    """Sends orders in parcels, which the MOCK carrier has."""

    def __init__(self, shop: DemoShop, carrier_id: UUID | None, warehouses: Mapping[str, UUID]) -> None:
        self._shop = shop
        self._carrier_id = carrier_id
        self._warehouses = warehouses
        self._sent = 0

    async def create(self) -> None:
        """Send each order, and let things happen to its parcels."""
        await self._in_two_parcels()
        for journey in JOURNEYS:
            sale = await self._shop.sell(journey.days, journey.buyer, journey.units)
            parcel = await self._send(journey.days - 0.5, sale)
            await self._track(parcel, journey.events)
        sale = await self._shop.sell(1, GUEST, PACKED)
        await self._send(0.6, sale, lines=_of(sale, list(PACKED)[:1]), is_dispatched=False)
        await self._hold()

    async def _in_two_parcels(self) -> None:
        """An order that goes to Germany: the part from there was delivered, and the other one is under way."""
        shop, services = self._shop, self._shop.services
        sale = await shop.sell(5, CUSTOMER, {**NEAR, **FAR}, "DE")
        moved = [
            ReallocatedLine(sku, quantity, self._warehouses[TO], self._warehouses[FROM])
            for sku, quantity in NEAR.items()
        ]
        with shop.ago(4.9):
            await shop.staff_run(
                lambda tx: services.order.reallocations.reallocate(tx, shop.staff, sale.order_id, moved)
            )
        await shop.process(4.8, sale)
        await self._track(await self._send(4.5, sale, lines=_of(sale, FAR)), TO_BREMEN)
        await self._track(await self._send(3.5, sale), FROM_STOKE)

    async def _hold(self) -> None:
        """An order on hold, with a note for staff and one that the buyer sees."""
        shop, order = self._shop, self._shop.services.order
        sale = await shop.sell(2, CUSTOMER, HELD)

        async def hold(tx: Tx) -> None:
            await order.holds.place(tx, shop.staff, sale.order_id, HOLD_REASON)
            for note, is_internal in NOTES:
                await order.notes.add(tx, shop.staff, sale.order_id, note, is_internal=is_internal)

        with shop.ago(1.8):
            await shop.staff_run(hold)

    async def _send(
        self, days: float, sale: Sale, *, lines: Sequence[ParcelUnits] | None = None, is_dispatched: bool = True
    ) -> Shipment:
        """Pack these or all other units of an order, and dispatch them."""
        shop = self._shop
        self._sent += 1
        details = ParcelDetails(
            carrier_id=self._carrier_id,
            tracking_number=f"DEMO{self._sent:06}",
            weight=Decimal("1.2"),
            cost=Decimal("4.35"),
        )
        new = NewParcel(order_id=sale.order_id, lines=lines, details=details, is_dispatched=is_dispatched)
        with shop.ago(days):
            return await shop.staff_run(lambda tx: shop.services.order.parcels.create(tx, shop.staff, new))

    async def _track(self, parcel: Shipment, events: Sequence[Event]) -> None:
        """Enter what the carrier says of a parcel, each at its time."""
        shop, following = self._shop, self._shop.services.order.shipment_tracking.following
        for status, days, place in events:
            new = NewTrackingEvent(status=status, location=place)
            with shop.ago(days):
                await shop.staff_run(partial(following.add, actor=shop.staff, shipment_id=parcel.id, new=new))


def _of(sale: Sale, skus: Sequence[str] | Mapping[str, int]) -> list[ParcelUnits]:
    """All units of these lines of an order."""
    return [ParcelUnits(sale.lines[sku].id, sale.lines[sku].quantity) for sku in skus]


async def add_parcels(shop: DemoShop, warehouses: Mapping[str, UUID]) -> None:
    """Send orders in parcels of the demo's carrier."""
    reader = shop.db.reader(shop.staff.company_id)
    carrier = await shop.services.shipping.carriers.opened_by_code(reader, CARRIER.lower())
    await DemoParcels(shop, carrier.row.id if carrier else None, warehouses).create()
