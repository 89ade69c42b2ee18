"""Orders over HTTP: `GET /export/orders.csv`, for a bearer who may."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.service import OrderService
from gateway.api import ApiGateway
from gateway.graphql.guards import requires
from gateway.http.bearer import actor_of
from gateway.http.files import csv_file
from gateway.http.settings import HttpSettings

EXPORT = requires(PermissionResource.ORDERS, PermissionAction.EXPORT)


class OrderRoutes:
    """The route of the export."""

    def __init__(self, api: ApiGateway, orders: OrderService, db: Database, settings: HttpSettings) -> None:
        self._api = api
        self._orders = orders
        self._db = db
        self._settings = settings

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [Route("/export/orders.csv", self.export_orders, methods=["GET"])]

    async def export_orders(self, request: Request) -> Response:
        """All orders as CSV, a row for each line, page after page as they are read."""
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        return await csv_file("orders.csv", self._orders.export(self._db.reader(actor.company_id)))
