"""Stock over HTTP: `GET /export/stock.csv`, which needs a permission."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.inventory.service import InventoryService
from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import csv_file
from gateway.http.settings import HttpSettings

EXPORT = requires(PermissionResource.INVENTORY, PermissionAction.EXPORT)


class StockRoutes:
    """The route of the export."""

    def __init__(self, api: ApiGateway, inventory: InventoryService, db: Database, settings: HttpSettings) -> None:
        self._api = api
        self._inventory = inventory
        self._db = db
        self._settings = settings

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [Route("/export/stock.csv", self.export_stock, methods=["GET"])]

    async def export_stock(self, request: Request) -> Response:
        """The stock of every SKU as CSV, streamed page by page."""
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        chunks = self._inventory.export.read(self._db.reader(actor.company_id), actor)
        return await csv_file("stock.csv", chunks)
