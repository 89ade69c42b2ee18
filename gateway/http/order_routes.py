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
from gateway.http.bearer import actor_of
from gateway.http.files import csv_file
from gateway.http.settings import HttpSettings

EXPORT = requires(PermissionResource.ORDERS, PermissionAction.EXPORT)
ASKED: Final = ("createdFrom", "createdBefore", "status", "isPaid")
TRUTHS: Final = {"true": True, "false": False}


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
        """Orders as CSV, a row for each line, page after page as they are read.

        All of them, or with `?createdFrom=`, `?createdBefore=` (moments with their offset, or times and days of the
        shop's), `?status=` (once or several times) and `?isPaid=` those that the list of the same filter shows.
        """
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        reader = self._db.reader(actor.company_id)
        wanted = asked(request.query_params, await self._orders.export.time_zone(reader))
        return await csv_file("orders.csv", self._orders.export.csv(reader, wanted))


def asked(given: QueryParams, time_zone: str) -> OrderFilter:
    """The filter in an address. Raises InvalidInput: whoever misspells one must not get all orders for it."""
    unknown = next((name for name in given if name not in ASKED), None)
    if unknown is not None:
        raise InvalidInput(f"Orders are exported by {', '.join(ASKED)}, not by {unknown[:50]}.")
    statuses = [_status(text) for text in given.getlist("status")]
    return OrderFilter(
        created_from=_moment(given, "createdFrom", time_zone),
        created_before=_moment(given, "createdBefore", time_zone),
        statuses=tuple(statuses) or None,
        is_paid=_truth(given, "isPaid"),
    )


def _moment(given: QueryParams, name: str, time_zone: str) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    moment = parse_moment(text)
    if moment is None:
        raise InvalidInput("This is a moment such as 2026-11-21T09:30:00Z, or the day 2026-11-21.", field=(name,))
    return moment.in_zone(time_zone) if isinstance(moment, LocalTime) else moment


def _status(text: str) -> OrderStatus:
    try:
        return OrderStatus(text)
    except ValueError:
        raise InvalidInput(f"A status is one of {', '.join(OrderStatus)}.", field=("status",)) from None


def _truth(given: QueryParams, name: str) -> bool | None:
    text = given.get(name)
    if text is not None and text not in TRUTHS:
        raise InvalidInput("This is either true or false.", field=(name,))
    return None if text is None else TRUTHS[text]
