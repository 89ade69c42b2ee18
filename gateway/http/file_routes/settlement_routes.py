"""Settlement reports over HTTP: `POST /import/settlements`, which needs a permission."""

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.kernel.errors import InvalidInput
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.payment.settlements.models import ImportedReport, report_sums
from domains.payment.settlements.settlements import Settlements
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import CSV
from gateway.http.file_routes.uploads import Uploads
from gateway.http.settings import HttpSettings

IMPORT: Final = requires(PermissionResource.ANALYTICS, PermissionAction.MANAGE)
PROVIDER: Final = "provider"
BY_COMMAND: Final = "Download reports of shorter periods, or import it with `commerce settlements import`."


class SettlementRoutes:
    """The route of the import. An interrupted upload imports nothing."""

    def __init__(
        self, api: ApiGateway, settlements: Settlements, db: Database, settings: HttpSettings, uploads: Uploads
    ) -> None:
        self._api = api
        self._settlements = settlements
        self._db = db
        self._settings = settings
        self._uploads = uploads

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [Route("/import/settlements", self.import_report, methods=["POST"])]

    async def import_report(self, request: Request) -> Response:
        """Import the settlement report in the body; `?provider=STRIPE` or `PAYPAL` says whose it is.

        201 with the report; 200 with the earlier one for a file that was imported before; 400 with the line for a
        file that is refused; 408 for an upload that is too slow; 429 for too many uploads at once.
        """
        actor = await actor_of(request, self._api, IMPORT, self._settings)
        provider = _provider(request)
        async with self._uploads.received(request, CSV, BY_COMMAND) as file:
            if file is None:
                return Response(status_code=400)
            async with self._uploads.turn:
                imported = await self._settlements.imports.run(self._db, actor, provider, file)
        count = await self._settlements.open_counts(self._db.reader(actor.company_id), [imported.report.id])
        body = report_json(imported, count[imported.report.id])
        return Response(orjson.dumps(body), 201 if imported.is_new else 200, media_type="application/json")


def report_json(imported: ImportedReport, open_differences: int) -> dict[str, Any]:
    """A report as JSON with the names of the API; amounts are texts."""
    report = imported.report
    return {
        "id": str(report.id),
        "isNew": imported.is_new,
        "provider": report.provider,
        "periodFrom": report.period_from,
        "periodTo": report.period_to,
        "currency": report.currency,
        "lineCount": report.line_count,
        "repeatedCount": report.repeated_count,
        **{name: f"{amount:f}" for name, amount in report_sums(report).items()},
        "openDifferenceCount": open_differences,
    }


def _provider(request: Request) -> str:
    """The provider in the query string. Raises InvalidInput without it, and for other parameters."""
    if set(request.query_params) != {PROVIDER}:
        raise InvalidInput("Give `?provider=STRIPE` or `?provider=PAYPAL`, and nothing else.", field=(PROVIDER,))
    return request.query_params[PROVIDER].upper()
