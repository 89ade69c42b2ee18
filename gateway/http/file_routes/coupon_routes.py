"""Unique codes of coupons over HTTP: `GET /export/coupon-codes.csv`, which needs a permission."""

from typing import Final
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.kernel.errors import InvalidInput
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.promotion.coupons.coupons import Coupons
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import csv_file
from gateway.http.settings import HttpSettings

EXPORT: Final = requires(PermissionResource.PROMOTIONS, PermissionAction.EXPORT)
PARAMETER: Final = "couponId"


class CouponRoutes:
    """The route of the export."""

    def __init__(self, api: ApiGateway, coupons: Coupons, db: Database, settings: HttpSettings) -> None:
        self._api = api
        self._coupons = coupons
        self._db = db
        self._settings = settings

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [Route("/export/coupon-codes.csv", self.export_codes, methods=["GET"])]

    async def export_codes(self, request: Request) -> Response:
        """Unique codes as CSV, streamed page by page: those of `?couponId=`, or of all coupons."""
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        coupon_id = coupon_of(request.query_params)
        return await csv_file(
            "coupon-codes.csv", self._coupons.codes.csv(self._db.reader(actor.company_id), coupon_id)
        )


def coupon_of(params: QueryParams) -> UUID | None:
    """The coupon in a query string. Raises InvalidInput, also for an unknown parameter."""
    unknown = next((name for name in params if name != PARAMETER), None)
    if unknown is not None:
        raise InvalidInput(f"There is no parameter {unknown[:50]}. The parameter is {PARAMETER}.")
    text = params.get(PARAMETER)
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput("Give the id of a coupon.", field=(PARAMETER,)) from None
