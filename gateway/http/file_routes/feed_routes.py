"""Product files over HTTP: `POST /import/products` and `GET /export/products.csv`; both need permissions."""

from dataclasses import asdict
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.feed.models import DuplicateSkus, ImportOptions, ImportReport, default_stock_of
from domains.feed.service import FeedService
from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.api import ApiGateway
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import CSV, csv_file
from gateway.http.file_routes.uploads import Uploads
from gateway.http.settings import HttpSettings
from gateway.spelling import camel

IN_PARTS = "Import it in parts, or with `commerce import`."
IMPORT = requires(PermissionResource.PRODUCTS, PermissionAction.IMPORT)
EXPORT = requires(PermissionResource.PRODUCTS, PermissionAction.EXPORT)
BOOLEANS = {"true": True, "false": False}
PARAMETERS = ("strict", "dryRun", "duplicateSkus", "defaultStock")


class FeedRoutes:
    """The two routes. An upload is stored on disk until it is complete; an interrupted one imports nothing."""

    def __init__(
        self, api: ApiGateway, feed: FeedService, db: Database, settings: HttpSettings, uploads: Uploads
    ) -> None:
        self._api = api
        self._feed = feed
        self._db = db
        self._settings = settings
        self._uploads = uploads

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [
            Route("/import/products", self.import_products, methods=["POST"]),
            Route("/export/products.csv", self.export_products, methods=["GET"]),
        ]

    async def import_products(self, request: Request) -> Response:
        """Import the CSV in the body; `?strict=true` imports all rows or none, `?dryRun=true` only reports.

        `?duplicateSkus=suffix` makes SKUs that several variants share unique; `?defaultStock=10` is the stock of SKUs
        that were never stocked and have no quantity in the file, `?defaultStock=untracked` makes new ones untracked.
        200 with the report, also with invalid rows; 422 with the report when `strict` refuses them; 400 for an
        unreadable file; 408 for an upload that is too slow; 429 for too many uploads at once.
        """
        actor = await actor_of(request, self._api, IMPORT, self._settings)
        options = _options(request)
        async with self._uploads.received(request, CSV, IN_PARTS) as file:
            if file is None:
                return Response(status_code=400)
            async with self._uploads.turn:
                report = await self._feed.import_products(self._db, actor, file, options)
        status = 422 if options.strict and not report.applied and not options.dry_run else 200
        return Response(orjson.dumps(report_json(report)), status, media_type="application/json")

    async def export_products(self, request: Request) -> Response:
        """All products as CSV, streamed page by page."""
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        chunks = self._feed.export_products(self._db.reader(actor.company_id))
        return await csv_file("products.csv", chunks)


def report_json(report: ImportReport) -> dict[str, Any]:
    """A report as JSON with the names of the API; `seconds` is the duration of the import."""
    values = {camel(name): value for name, value in asdict(report).items()}
    return {**values, "seconds": round(report.seconds, 3), "rowsPerSecond": report.rows_per_second}


def _options(request: Request) -> ImportOptions:
    """The options in the query string. Raises RequestRefused for unknown ones, such as a misspelt `dryRun`."""
    unknown = next((name for name in request.query_params if name not in PARAMETERS), None)
    if unknown is not None:
        raise RequestRefused(
            "BAD_REQUEST", f"The parameters of an import are {', '.join(PARAMETERS)}, not {unknown[:50]}."
        )
    duplicates = request.query_params.get("duplicateSkus", DuplicateSkus.REFUSE).lower()
    if duplicates not in set(DuplicateSkus):
        raise RequestRefused("BAD_REQUEST", f"`duplicateSkus` must be one of {', '.join(DuplicateSkus)}.")
    try:
        default_stock, is_untracked = default_stock_of(request.query_params.get("defaultStock"))
    except ValueError as error:
        raise RequestRefused("BAD_REQUEST", f"`defaultStock` {error}.") from None
    return ImportOptions(
        strict=_boolean(request, "strict"),
        dry_run=_boolean(request, "dryRun"),
        duplicate_skus=DuplicateSkus(duplicates),
        default_stock=default_stock,
        default_untracked=is_untracked,
    )


def _boolean(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false").lower()
    if text not in BOOLEANS:
        raise RequestRefused("BAD_REQUEST", f"`{name}` must be true or false.")
    return BOOLEANS[text]
