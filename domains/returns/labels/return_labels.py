"""Labels of returns: bought from carriers for parcels from the order's shipping address to a warehouse."""

from typing import Final
from uuid import UUID

from domains.inventory.warehouses.places import WarehousePlace
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.events import Envelope
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction
from domains.kernel.validation import collect_errors
from domains.order.labels.label_purchases import LabelDocument, parcel_address
from domains.order.models import Order, OrderAddress
from domains.order.policy import may_reach
from domains.order.service import OrderService
from domains.returns import data
from domains.returns.errors import ReturnRequestNotFound
from domains.returns.labels.errors import ReturnLabelExists, ReturnWithoutAddress
from domains.returns.models import ReturnAuthorization, ReturnRequest, ReturnStatus
from domains.returns.processing import locked_returns
from domains.shipping.carriers.label_events import LabelPurchased, LabelVoided
from domains.shipping.carriers.models import LabelStatus, NewLabel, ShippingLabel
from domains.shipping.carriers.requests import LabelRequest
from domains.shipping.service import ShippingService

USED: Final = {LabelStatus.PENDING, LabelStatus.PURCHASED}
PLACE: Final = ("country", "province", "postal_code", "city", "address_line_1", "address_line_2")


class ReturnLabels:
    """Buys labels for returns, and tells authorizations their carriers and tracking numbers.

    An authorization has at most one label that is used. What a carrier says later of a purchase or a void follows by
    events.
    """

    topics = (LabelPurchased.topic, LabelVoided.topic)

    def __init__(self, orders: OrderService, shipping: ShippingService) -> None:
        self._orders = orders
        self._shipping = shipping

    async def buy(self, db: Database | Attempt, actor: Actor, request_id: UUID, new: NewLabel) -> ReturnRequest:
        """Buy a label for an APPROVED return, whose parcel goes to the address of its authorization. For staff.

        The label has the id of the attempt, which is the key of its purchase: a repetition buys nothing. While the
        carrier has not answered the label is PENDING, and the authorization has no tracking number. Raises
        ReturnRequestNotFound, ReturnNotAllowed, ReturnLabelExists, and of all fields at once ReturnWithoutAddress,
        OriginUnknown and as `Labels.checked`; then TrackingNumberTaken and LabelRefused. Eleven statements at most
        record it, before the carrier is asked. Emits LabelPurchased.
        """
        attempt = Attempt.wrap(db)

        async def begin(tx: Tx) -> tuple[ShippingLabel, LabelRequest]:
            return await self._begin(tx, actor, attempt.id, request_id, new)

        async def finish(tx: Tx) -> ReturnRequest:
            locked = await locked_returns.lock(tx, actor, request_id)
            await self._take_over(tx, await locked_returns.authorization_of(tx, request_id), label.id)
            return locked.request

        label, request = await attempt.run(begin, actor)
        label = await self._shipping.labels.purchase(attempt, actor, label, request)
        reach("return.label_bought")
        return await attempt.run(finish, actor)

    async def follow(self, tx: Tx, envelope: Envelope) -> None:
        """Tell the authorization of a label what became of it. Idempotent.

        One statement for labels of shipments, otherwise eight at most.
        """
        label_id = UUID(envelope.payload["label_id"])
        known = await data.return_authorization.find_unique(tx, label_id=label_id)
        if known is not None:
            await locked_returns.lock(tx, Actor.system(known.company_id), known.return_request_id)
            current = await locked_returns.authorization_of(tx, known.return_request_id)
            await self._take_over(tx, current, label_id)

    async def document(
        self, db: Reader, actor: Actor, request_id: UUID, *, token: str | None = None
    ) -> LabelDocument | None:
        """The label of a return as PDF, for its buyer, a guest with the order's token, or staff with ORDERS:READ.

        None without a label, for one that is not bought, for one that is made elsewhere, and after the erasure of the
        buyer. Raises ReturnRequestNotFound, CarrierNotReachable. Five statements, and one for carriers that are not
        cached.
        """
        request = await data.return_request.find_unique(db, id=request_id)
        orders = [] if request is None else await self._orders.orders_by_id(db, [request.order_id])
        if not any(may_reach(actor, order, token, PermissionAction.READ) for order in orders):
            raise ReturnRequestNotFound
        place = await data.return_authorization.find_unique(db, return_request_id=request_id)
        if place is None or place.label_id is None:
            return None
        return await self._orders.label_purchases.document(db, place.label_id)

    async def _begin(
        self, tx: Tx, actor: Actor, label_id: UUID, request_id: UUID, new: NewLabel
    ) -> tuple[ShippingLabel, LabelRequest]:
        locked = await locked_returns.lock(tx, actor, request_id)
        place = await data.return_authorization.find_unique(tx, return_request_id=request_id)
        is_repeated = place is not None and place.label_id == label_id
        if not is_repeated:
            locked.require({ReturnStatus.APPROVED}, "Only an approved return that was not sent yet gets a label.")
        if place is None:
            raise ReturnRequestNotFound
        if not is_repeated:
            await self._require_no_label(tx, place)
        request, address = await self._request(tx, locked.order, place, label_id, new)
        label = await self._shipping.labels.begin(
            tx, new, request, order_id=locked.order.id, address_id=address.id, is_return=True
        )
        if not is_repeated:
            await data.return_authorization.update(tx, id=place.id, data={"label_id": label_id})
        return label, request

    async def _require_no_label(self, tx: Tx, place: ReturnAuthorization) -> None:
        if place.label_id is None:
            return
        label = await self._shipping.labels.find(tx, place.label_id)
        if label.status in USED:
            raise ReturnLabelExists

    async def _request(
        self, tx: Tx, order: Order, place: ReturnAuthorization, label_id: UUID, new: NewLabel
    ) -> tuple[LabelRequest, OrderAddress]:
        """The request to the carrier, and the address from which the parcel comes. Raises as `buy`."""
        with collect_errors() as each:
            with each:
                address = await self._address(tx, order)
            with each:
                destination = await self._shipping.origins.at(tx, _place(place))
            with each:
                checked = await self._shipping.labels.checked(tx, new)
        origin = parcel_address(address)
        request = LabelRequest(
            label_id, checked.service, origin, destination, checked.parcel, checked.currency, checked.typed
        )
        return request, address

    async def _address(self, tx: Tx, order: Order) -> OrderAddress:
        ids = [] if order.shipping_address_id is None else [order.shipping_address_id]
        for address in await self._orders.addresses_by_id(tx, ids) if ids else ():
            return address
        raise ReturnWithoutAddress

    async def _take_over(self, tx: Tx, place: ReturnAuthorization, label_id: UUID) -> None:
        """Give an authorization what its label says; nothing when it has another label by now."""
        if place.label_id != label_id:
            return
        label = await self._shipping.labels.find(tx, label_id)
        columns: data.ReturnAuthorizationUpdate = {}
        if label.status is LabelStatus.VOIDED:
            columns = {"label_id": None, "carrier_id": None, "carrier_name": None, "tracking_number": None}
        elif label.status is LabelStatus.PURCHASED and label.tracking_number != place.tracking_number:
            carrier = await self._shipping.carriers.find(tx, label.carrier_id)
            columns = {
                "carrier_id": carrier.id,
                "carrier_name": carrier.name,
                "tracking_number": label.tracking_number,
            }
        if columns:
            await data.return_authorization.update(tx, id=place.id, data=columns)


def _place(authorization: ReturnAuthorization) -> WarehousePlace | None:
    """The place of an authorization; None when only the name of the warehouse was known."""
    known = {name: authorization.return_address.get(name) for name in PLACE}
    country = known.pop("country")
    return None if country is None else WarehousePlace(country=country, **known)
