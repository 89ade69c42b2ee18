"""Unique codes of coupons over HTTP: `GET /export/coupon-codes.csv`, which needs a permission."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.promotion.coupons.coupons import Coupons
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import csv_file, id_in
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
        coupon_id = id_in(request.query_params, PARAMETER, "a coupon")
        return await csv_file(
            "coupon-codes.csv", self._coupons.codes.csv(self._db.reader(actor.company_id), coupon_id)
        )
