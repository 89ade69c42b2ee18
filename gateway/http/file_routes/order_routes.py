"""Orders over HTTP: `GET /export/orders.csv`, which needs a permission."""

from datetime import datetime
from typing import Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.kernel.errors import InvalidInput
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.calendar import LocalTime, parse_moment
from domains.order.models import OrderFilter, OrderStatus
from domains.order.service import OrderService
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import csv_file
from gateway.http.settings import HttpSettings

EXPORT = requires(PermissionResource.ORDERS, PermissionAction.EXPORT)
PARAMETERS: Final = ("createdFrom", "createdBefore", "status", "isPaid")
BOOLEANS: Final = {"true": True, "false": False}


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
        """Orders as CSV, a row for each line, streamed page by page.

        By default all orders; filters are `?createdFrom=`, `?createdBefore=` (instants with an offset, or times and
        days in the company's time zone), `?status=` (repeatable) and `?isPaid=`.
        """
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        reader = self._db.reader(actor.company_id)
        filters = filter_of(request.query_params, await self._orders.export.time_zone(reader))
        return await csv_file("orders.csv", self._orders.export.csv(reader, filters))


def filter_of(params: QueryParams, time_zone: str) -> OrderFilter:
    """The filter in a query string. Raises InvalidInput, also for an unknown parameter, such as a misspelt one."""
    unknown = next((name for name in params if name not in PARAMETERS), None)
    if unknown is not None:
        raise InvalidInput(f"There is no filter {unknown[:50]}. The filters of orders are {', '.join(PARAMETERS)}.")
    statuses = [_status(text) for text in params.getlist("status")]
    return OrderFilter(
        created_from=_moment(params, "createdFrom", time_zone),
        created_before=_moment(params, "createdBefore", time_zone),
        statuses=tuple(statuses) or None,
        is_paid=_boolean(params, "isPaid"),
    )


def _moment(params: QueryParams, name: str, time_zone: str) -> datetime | None:
    text = params.get(name)
    if text is None:
        return None
    moment = parse_moment(text)
    if moment is None:
        raise InvalidInput(
            "Give an instant such as 2026-11-21T09:30:00Z, or a day such as 2026-11-21.", field=(name,)
        )
    return moment.in_zone(time_zone) if isinstance(moment, LocalTime) else moment


def _status(text: str) -> OrderStatus:
    try:
        return OrderStatus(text)
    except ValueError:
        raise InvalidInput(
            f"A status is one of {', '.join(OrderStatus)}, not {text[:50]}.", field=("status",)
        ) from None


def _boolean(params: QueryParams, name: str) -> bool | None:
    text = params.get(name)
    if text is not None and text not in BOOLEANS:
        raise InvalidInput("Give true or false.", field=(name,))
    return None if text is None else BOOLEANS[text]
