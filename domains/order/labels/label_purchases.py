"""Shipping labels of orders: bought for the frozen shipping address of an order that is to be shipped."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.inventory.warehouses.places import WarehousePlace, known_places, known_places_of
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.validation import collect_errors
from domains.order import data, sql, transitions
from domains.order.errors import OrderNotShippable
from domains.order.models import OrderAddress, OrderStatus
from domains.shipping.carriers.models import NewLabel, ShippingLabel
from domains.shipping.carriers.requests import LabelRequest, ParcelAddress
from domains.shipping.service import ShippingService

NO_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
MAX_FILE_NAME: Final = 64
SHIPPABLE: Final = {OrderStatus.CONFIRMED, OrderStatus.PAID, OrderStatus.PROCESSING, OrderStatus.SHIPPED}


@dataclass(frozen=True, slots=True)
class LabelDocument:
    """The PDF of a label, with the name of its file."""

    name: str
    content: bytes


class LabelPurchases:
    """Buys labels for orders, and shows them with the address of their order."""

    def __init__(self, shipping: ShippingService) -> None:
        self._shipping = shipping

    async def buy(self, db: Database | Attempt, actor: Actor, order_id: UUID, new: NewLabel) -> ShippingLabel:
        """Buy a label for an order that is accepted, paid, in process or shipped. For staff with ORDERS:UPDATE.

        The order is locked until the label is recorded, so that it is not cancelled meanwhile; one that is cancelled
        later keeps its label, which staff void. An order may have several labels. The label has the id of the
        attempt, which is the key of its purchase: a repetition buys nothing. While the carrier has not answered the
        label is PENDING. Raises OrderNotFound, OrderNotShippable, OriginUnknown, LabelRefused, and as
        `Labels.checked` and `Labels.begin`. Four statements record it. Emits LabelPurchased.
        """
        attempt, labels = Attempt.wrap(db), self._shipping.labels

        async def begin(tx: Tx) -> tuple[ShippingLabel, LabelRequest]:
            warehouse = None
            with collect_errors() as each:
                with each:
                    address, warehouse = await self._ends(tx, actor, order_id)
                with each:
                    origin = await self._shipping.origins.at(tx, warehouse)
                with each:
                    checked = await labels.checked(tx, new)
            request = LabelRequest(
                attempt.id,
                checked.service,
                origin,
                parcel_address(address),
                checked.parcel,
                checked.currency,
                checked.typed,
            )
            label = await labels.begin(tx, new, request, order_id=order_id, address_id=address.id)
            return label, request

        label, request = await attempt.run(begin, actor)
        return await labels.purchase(attempt, actor, label, request)

    async def document(self, db: Reader, label_id: UUID) -> LabelDocument | None:
        """The PDF of a label; None for one that was not bought, was voided, or is made elsewhere.

        None also when the data of its buyer were erased. For staff with ORDERS:READ. Raises LabelNotFound,
        CarrierNotReachable. Two statements, and one for carriers that are not cached.
        """
        label = await self._shipping.labels.find(db, label_id)
        address = await data.order_address.find_unique(db, id=label.destination_id)
        if address is None:
            return None
        content = await self._shipping.labels.document(db, label, parcel_address(address))
        return None if content is None else LabelDocument(file_name(label.tracking_number or ""), content)

    async def _ends(self, tx: Tx, actor: Actor, order_id: UUID) -> tuple[OrderAddress, WarehousePlace | None]:
        """The shipping address of an order, which is locked, and the place of the default warehouse.

        Raises OrderNotFound, OrderNotShippable. Two statements.
        """
        order = await transitions.lock(tx, actor, order_id, None)
        if order.status not in SHIPPABLE:
            raise OrderNotShippable(order.status)
        if order.shipping_address_id is None:
            raise OrderNotShippable(order.status, has_address=False)
        address, places = await fetch_parts(tx, [sql.address(tx, order.shipping_address_id), known_places(tx)])
        return sql.address_of(address), known_places_of(places).default


def file_name(tracking_number: str) -> str:
    """The name of a label's file, which becomes a header: a carrier's number may have any characters."""
    return f"label-{NO_FILE_NAME.sub('-', tracking_number)[:MAX_FILE_NAME]}.pdf"


def parcel_address(address: OrderAddress) -> ParcelAddress:
    """The address of an order as carriers get it."""
    return ParcelAddress(
        country=address.country,
        province=address.province,
        postal_code=address.postal_code,
        city=address.city,
        line_1=address.address_line_1,
        line_2=address.address_line_2,
        name=address.full_name,
        company=address.company_name,
        phone=address.phone,
    )
