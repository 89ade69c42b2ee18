"""Stock over HTTP: `GET /export/stock.csv` and `GET /export/stock-takes.csv`, which need a permission."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.inventory.service import InventoryService
from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import csv_file, id_in
from gateway.http.settings import HttpSettings

EXPORT = requires(PermissionResource.INVENTORY, PermissionAction.EXPORT)
READ = requires(PermissionResource.INVENTORY, PermissionAction.READ)
STOCK_TAKE = "stockTakeId"


class StockRoutes:
    """The routes of the exports."""

    def __init__(self, api: ApiGateway, inventory: InventoryService, db: Database, settings: HttpSettings) -> None:
        self._api = api
        self._inventory = inventory
        self._db = db
        self._settings = settings

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [
            Route("/export/stock.csv", self.export_stock, methods=["GET"]),
            Route("/export/stock-takes.csv", self.export_stock_takes, methods=["GET"]),
        ]

    async def export_stock(self, request: Request) -> Response:
        """The stock of every SKU as CSV, streamed page by page."""
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        chunks = self._inventory.export.read(self._db.reader(actor.company_id), actor)
        return await csv_file("stock.csv", chunks)

    async def export_stock_takes(self, request: Request) -> Response:
        """The results of the stock take `?stockTakeId=`, or of all of them, as CSV, streamed page by page.

        404 for an unknown stock take.
        """
        actor = await actor_of(request, self._api, READ, self._settings)
        stock_take_id = id_in(request.query_params, STOCK_TAKE, "a stock take")
        chunks = self._inventory.stock_takes.export.csv(self._db.reader(actor.company_id), stock_take_id)
        return await csv_file("stock-takes.csv", chunks)
