"""Lists for warehouses over HTTP: picking lists, packing lists and packing slips, which need a permission."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database, Reader
from domains.kernel.errors import InvalidInput
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.packing.packing_lists import PickingList
from domains.order.service import OrderService
from gateway.api import ApiGateway
from gateway.documents import packing_documents
from gateway.documents.typesetter import Typesetter
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.document_routes import pdf_answer
from gateway.http.file_routes.files import CSV
from gateway.http.file_routes.timed_routes import timed_route
from gateway.http.settings import HttpSettings

READ: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)


class PackingRoutes:
    """The routes of lists for warehouses."""

    def __init__(
        self, api: ApiGateway, orders: OrderService, db: Database, settings: HttpSettings, typesetter: Typesetter
    ) -> None:
        self._api = api
        self._orders = orders
        self._db = db
        self._settings = settings
        self._typesetter = typesetter

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [
            timed_route("/picking-list.pdf", self.picking_pdf, self._settings),
            timed_route("/picking-list.csv", self.picking_csv, self._settings),
            timed_route("/packing-lists.pdf", self.packing_lists, self._settings),
            timed_route("/packing-slips.pdf", self.packing_slips, self._settings),
            timed_route("/shipments/{shipment_id:uuid}/packing-slip.pdf", self.packing_slip, self._settings),
        ]

    async def picking_pdf(self, request: Request) -> Response:
        """What to pick in `?warehouse=`, as PDF: for the orders of `?order=` (repeatable), or for all sent now."""
        db, found = await self._picked(request)
        file = packing_documents.picking_file(found, await self._orders.invoices.settings.current(db))
        content = await self._typesetter.pdf(file, advice="Choose fewer orders, or take the list as CSV.")
        return pdf_answer(content, f"picking-list-{found.warehouse.code}")

    async def picking_csv(self, request: Request) -> Response:
        """As `picking_pdf`, as CSV."""
        _, found = await self._picked(request)
        headers = {"content-disposition": 'attachment; filename="picking-list.csv"', "cache-control": "no-store"}
        return Response(packing_documents.picking_csv(found), media_type=CSV, headers=headers)

    async def packing_lists(self, request: Request) -> Response:
        """What is left to send of the orders of `?order=` (repeatable, at most 100), a document for each."""
        db = await self._reader(request)
        lists = await self._orders.packing_lists.of_orders(db, _ids(request.query_params, "order"))
        file = packing_documents.packing_file(lists, await self._orders.invoices.settings.current(db))
        return pdf_answer(await self._typesetter.pdf(file), "packing-lists")

    async def packing_slips(self, request: Request) -> Response:
        """The packing slips of the shipments of `?shipment=` (repeatable, at most 100)."""
        db = await self._reader(request)
        return await self._slips(db, _ids(request.query_params, "shipment"))

    async def packing_slip(self, request: Request) -> Response:
        """The packing slip of one shipment."""
        return await self._slips(await self._reader(request), [request.path_params["shipment_id"]])

    async def _slips(self, db: Reader, shipment_ids: Sequence[UUID]) -> Response:
        slips = await self._orders.packing_lists.slips(db, shipment_ids)
        file = packing_documents.slips_file(slips, await self._orders.invoices.settings.current(db))
        return pdf_answer(await self._typesetter.pdf(file), "packing-slips")

    async def _picked(self, request: Request) -> tuple[Reader, PickingList]:
        db, params = await self._reader(request), request.query_params
        warehouses = _ids(params, "warehouse", others=("order",))
        if len(warehouses) != 1:
            raise InvalidInput("Give the id of one warehouse.", field=("warehouse",))
        chosen = _ids(params, "order", others=("warehouse",)) if "order" in params else None
        return db, await self._orders.packing_lists.to_pick(db, warehouses[0], chosen)

    async def _reader(self, request: Request) -> Reader:
        actor = await actor_of(request, self._api, READ, self._settings)
        return self._db.reader(actor.company_id)


def _ids(params: QueryParams, name: str, others: Sequence[str] = ()) -> list[UUID]:
    """The ids in a query string, each once. Raises InvalidInput, also for an unknown parameter and without an id."""
    unknown = next((each for each in params if each not in {name, *others}), None)
    if unknown is not None:
        raise InvalidInput(f"There is no parameter {unknown[:50]}. The parameter is {name}.")
    try:
        found = list(dict.fromkeys(UUID(text) for text in params.getlist(name)))
    except ValueError:
        found = []
    if not found:
        raise InvalidInput(f"Give the id of each {name}.", field=(name,))
    return found
