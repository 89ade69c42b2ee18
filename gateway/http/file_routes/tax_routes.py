"""Tax rates over HTTP: `GET /export/tax-rates.csv` and `POST /import/tax-rates`, which need a permission."""

from dataclasses import asdict
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.tax.service import TaxService
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import CSV, csv_file
from gateway.http.file_routes.uploads import Uploads
from gateway.http.settings import HttpSettings

EXPORT: Final = requires(PermissionResource.SETTINGS, PermissionAction.EXPORT)
IMPORT: Final = requires(PermissionResource.SETTINGS, PermissionAction.IMPORT)
IN_PARTS: Final = "Import several files, or use `commerce taxes import`."


class TaxRoutes:
    """The routes of the export and the import. An interrupted upload imports nothing."""

    def __init__(
        self, api: ApiGateway, tax: TaxService, db: Database, settings: HttpSettings, uploads: Uploads
    ) -> None:
        self._api = api
        self._tax = tax
        self._db = db
        self._settings = settings
        self._uploads = uploads

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [
            Route("/export/tax-rates.csv", self.export_rates, methods=["GET"]),
            Route("/import/tax-rates", self.import_rates, methods=["POST"]),
        ]

    async def export_rates(self, request: Request) -> Response:
        """All tax rates as CSV, streamed page by page."""
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        return await csv_file("tax-rates.csv", self._tax.export.csv(self._db.reader(actor.company_id)))

    async def import_rates(self, request: Request) -> Response:
        """Import the tax rates in the body, all or none of them.

        200 with the numbers of `created`, `updated` and `unchanged` rates; 400 with an error for each wrong line; 408
        for an upload that is too slow; 429 for too many uploads at once.
        """
        actor = await actor_of(request, self._api, IMPORT, self._settings)
        async with self._uploads.received(request, CSV, IN_PARTS) as file:
            if file is None:
                return Response(status_code=400)
            async with self._uploads.turn:
                imported = await self._tax.imports.run(self._db, actor, file)
        return Response(orjson.dumps(asdict(imported)), media_type="application/json")
