"""Approvals: the units that may be returned, and the authorization by which the buyer sends them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from domains.inventory.errors import WarehouseInactive, WarehouseNotFound
from domains.inventory.models import Warehouse
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.prisma.statements import Statement
from domains.kernel.settings import SettingsTable
from domains.kernel.text.validation import NAME_LENGTH, TEXT_LENGTH, optional_text
from domains.kernel.validation import collect_errors, rename_fields
from domains.returns import changes, data
from domains.returns.errors import MoreThanRequested
from domains.returns.events import ReturnApproved
from domains.returns.models import Approval, ApprovedUnits, ReturnItem, ReturnRequest, ReturnSettings, ReturnStatus
from domains.returns.processing import locked_returns
from domains.returns.processing.locked_returns import LockedReturn, at_line
from domains.shipping.service import ShippingService

ADDRESS: Final = ("name", "address_line_1", "address_line_2", "city", "province", "postal_code", "country")


class Approvals:
    """Approves return requests."""

    def __init__(
        self,
        settings: SettingsTable[ReturnSettings],
        inventory: InventoryService,
        shipping: ShippingService,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._inventory = inventory
        self._shipping = shipping
        self._clock = clock

    async def approve(self, tx: Tx, actor: Actor, request_id: UUID, approval: Approval) -> ReturnRequest:
        """Approve units of a PENDING request; the buyer can send them until the authorization expires.

        An item that `lines` does not name is not approved. Raises ReturnRequestNotFound, ReturnNotAllowed, and of
        all fields at once Required, DuplicateValue, ReturnItemNotFound, OutOfRange, MoreThanRequested,
        WarehouseNotFound, WarehouseInactive, CarrierNotFound, TooLong and InvalidInput. Seven statements at
        most. Emits ReturnApproved.
        """
        locked = await locked_returns.lock(tx, actor, request_id)
        locked.require({ReturnStatus.PENDING}, "Only a PENDING return can be approved.")
        settings = await self._settings.current(tx)
        texts: dict[str, Any] = {}
        with collect_errors() as each:
            with each:
                approved = _approved(approval, locked)
            with each:
                warehouse = await self._warehouse(tx, approval.warehouse_id)
            with each:
                texts["return_instructions"] = optional_text(
                    approval.instructions, field=("instructions",), max_length=TEXT_LENGTH
                )
            with each:
                texts["tracking_number"] = optional_text(
                    approval.tracking_number, field=("tracking_number",), max_length=NAME_LENGTH
                )
            with each:
                texts |= await self._carrier(tx, approval.carrier_id)
        texts["return_instructions"] = texts["return_instructions"] or settings.return_instructions
        return await self._approve(tx, actor, locked.request, locked.items, approved, warehouse, settings, texts)

    async def approve_automatically(
        self, tx: Tx, actor: Actor, request: ReturnRequest, settings: ReturnSettings
    ) -> ReturnRequest:
        """Approve all of a new request when the settings say so and there is a default warehouse."""
        if not settings.returns_auto_approved:
            return request
        warehouse = await self._inventory.warehouses.default(tx)
        if warehouse is None:
            return request
        where: data.ReturnItemWhere = {"return_request_id": request.id}
        items = await data.return_item.find_many(tx, where=where, order_by=[{"id": "asc"}])
        approved = {item.id: item.quantity for item in items}
        texts = {"return_instructions": settings.return_instructions}
        system = Actor.system(actor.company_id)
        return await self._approve(tx, system, request, items, approved, warehouse, settings, texts)

    async def _approve(
        self,
        tx: Tx,
        actor: Actor,
        request: ReturnRequest,
        items: Any,
        approved: Mapping[UUID, int],
        warehouse: Warehouse,
        settings: ReturnSettings,
        texts: Mapping[str, Any],
    ) -> ReturnRequest:
        now = self._clock.now()
        authorization: Any = {
            "return_request_id": request.id,
            "rma_number": request.rma_number,
            "warehouse_id": warehouse.id,
            "return_address": _address(warehouse),
            "expires_at": now + timedelta(days=settings.return_authorization_days),
            **texts,
        }
        alongside: list[Statement] = [data.return_authorization.insertion(tx, [authorization])]
        alongside += [
            data.return_item.alteration(tx, where={"id": item_id}, data={"approved": units})
            for item_id, units in approved.items()
            if units
        ]
        changed = await changes.record(tx, actor, request, {"approved_at": now}, alongside=alongside)
        tx.emit(
            ReturnApproved(
                return_request_id=request.id,
                rma_number=request.rma_number,
                order_id=request.order_id,
                lines=[
                    {"sku": item.product_sku, "quantity": approved[item.id]}
                    for item in items
                    if approved.get(item.id)
                ],
            )
        )
        return changed

    async def _warehouse(self, tx: Tx, warehouse_id: UUID | None) -> Warehouse:
        if warehouse_id is None:
            found = await self._inventory.warehouses.default(tx)
        else:
            found = next(iter(await self._inventory.warehouses.find_many(tx, [warehouse_id])), None)
        if found is None:
            raise WarehouseNotFound(field=("warehouse_id",))
        if not found.is_active:
            raise WarehouseInactive(found.code, field=("warehouse_id",))
        return found

    async def _carrier(self, tx: Tx, carrier_id: UUID | None) -> dict[str, Any]:
        if carrier_id is None:
            return {}
        with rename_fields(lambda _: ("carrier_id",)):
            carrier = await self._shipping.carriers.find(tx, carrier_id)
        return {"carrier_id": carrier.id, "carrier_name": carrier.name}


def _approved(approval: Approval, locked: LockedReturn) -> dict[UUID, int]:
    """The approved units of each item. Raises, of all lines at once, as `approve`."""
    if approval.lines is None:
        return {item.id: item.quantity for item in locked.items}
    approved: dict[UUID, int] = {}
    with collect_errors() as each:
        for position, line, item in locked_returns.by_item(approval.lines, locked.items):
            with each, at_line(position):
                approved[item.id] = _units(line, item)
    if not any(approved.values()):
        raise OutOfRange("Approve at least one unit, or reject the return.", field=("lines",))
    return approved


def _units(line: ApprovedUnits, item: ReturnItem) -> int:
    if line.approved < 0:
        raise OutOfRange("The number of units must not be negative.", field=("approved",))
    if line.approved > item.quantity:
        raise MoreThanRequested(line.approved, item.quantity)
    return line.approved


def _address(warehouse: Warehouse) -> dict[str, str]:
    """What is known of the place of a warehouse."""
    known = asdict(warehouse)
    return {name: known[name] for name in ADDRESS if known[name] is not None}
