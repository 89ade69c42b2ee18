"""Product files over HTTP: `POST /import/products` and `GET /export/products.csv`; both need permissions."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO, Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from domains.feed.models import DuplicateSkus, ImportOptions, ImportReport, default_stock_of
from domains.feed.service import FeedService
from domains.kernel.database import Database
from domains.kernel.errors import RateLimited
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.api import ApiGateway
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import CSV, csv_file
from gateway.http.negotiation import media_type
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings
from gateway.spelling import camel

MAX_BYTES_IN_MEMORY = 1_048_576
# Imports run one after another in the database, and each waiting one occupies a connection.
MAX_CONCURRENT_IMPORTS = 2
MAX_UPLOADS = 4  # concurrent, from the first byte to the report; each may store a file of the maximum size
RETRY_SECONDS = 10
GRACE_SECONDS = 60
MIN_BYTES_PER_SECOND = 65_536  # the average of an upload after the grace period
IMPORT = requires(PermissionResource.PRODUCTS, PermissionAction.IMPORT)
EXPORT = requires(PermissionResource.PRODUCTS, PermissionAction.EXPORT)
BOOLEANS = {"true": True, "false": False}
PARAMETERS = ("strict", "dryRun", "duplicateSkus", "defaultStock")


class FeedRoutes:
    """The two routes. An upload is stored on disk until it is complete; an interrupted one imports nothing."""

    def __init__(self, api: ApiGateway, feed: FeedService, db: Database, settings: HttpSettings) -> None:
        self._api = api
        self._feed = feed
        self._db = db
        self._settings = settings
        self._turn = asyncio.Semaphore(MAX_CONCURRENT_IMPORTS)
        self._uploads = 0

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
        _check_headers(request, self._settings.max_import)
        with self._upload_slot(), tempfile.SpooledTemporaryFile(MAX_BYTES_IN_MEMORY) as file:
            try:
                await self._receive(request, file)
            except ClientDisconnect:
                return Response(status_code=400)
            async with self._turn:
                report = await self._feed.import_products(self._db, actor, file, options)
        status = 422 if options.strict and not report.applied and not options.dry_run else 200
        return Response(orjson.dumps(report_json(report)), status, media_type="application/json")

    async def export_products(self, request: Request) -> Response:
        """All products as CSV, streamed page by page."""
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        chunks = self._feed.export_products(self._db.reader(actor.company_id))
        return await csv_file("products.csv", chunks)

    @contextmanager
    def _upload_slot(self) -> Iterator[None]:
        if self._uploads == MAX_UPLOADS:
            raise RateLimited(
                f"{MAX_UPLOADS} files are being imported already. Try again.", retry_after=RETRY_SECONDS
            )
        self._uploads += 1
        try:
            yield
        finally:
            self._uploads -= 1

    async def _receive(self, request: Request, file: IO[bytes]) -> None:
        """Write the body to the file. Raises RequestRefused when it is too large, too slow or incomplete."""
        max_size, pause = self._settings.max_import, self._settings.body_timeout
        chunks = aiter(request.stream())
        started, size = time.monotonic(), 0
        while True:
            left = started + max(GRACE_SECONDS, size / MIN_BYTES_PER_SECOND) - time.monotonic()
            try:
                chunk = await asyncio.wait_for(anext(chunks), min(pause, left))
            except StopAsyncIteration:
                return
            except TimeoutError:
                message = (
                    f"The file must arrive at {MIN_BYTES_PER_SECOND:,} bytes per second, "
                    f"without a pause of {pause:g} seconds."
                )
                raise RequestRefused("TIMEOUT", message, status=408) from None
            size += len(chunk)
            if size > max_size:
                raise _too_large(max_size)
            file.write(chunk)


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


def _check_headers(request: Request, max_size: int) -> None:
    headers = Headers.of(request.scope)
    given = media_type(headers.get("content-type") or "")
    if given.name != CSV:
        raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", f"The Content-Type must be {CSV}.", status=415)
    if given.parameters.get("charset", "utf-8") not in {"utf-8", "utf8"}:
        raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", "The file must be encoded in UTF-8.", status=415)
    if (headers.get("content-encoding") or "identity").strip().lower() != "identity":
        raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", "The file must not be compressed.", status=415)
    declared = headers.get("content-length") or ""
    if declared.isdigit() and (len(declared) > 18 or int(declared) > max_size):
        raise _too_large(max_size)


def _too_large(max_size: int) -> RequestRefused:
    message = f"The file is larger than {max_size:,} bytes. Import it in parts, or with `commerce import`."
    return RequestRefused("PAYLOAD_TOO_LARGE", message, status=413, limit="import", maximum=max_size)
