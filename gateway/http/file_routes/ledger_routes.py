"""The ledger over HTTP: reports and the journal as CSV at `/export/ledger/…`, which need a permission."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final, TypeAlias

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database, Reader
from domains.kernel.errors import InvalidInput
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.ledger.reports.periods import ReportInterval, ReportRange, require_order
from domains.ledger.service import LedgerService
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.files import csv_file
from gateway.http.settings import HttpSettings

EXPORT: Final = requires(PermissionResource.ANALYTICS, PermissionAction.EXPORT)
DAYS: Final = ("firstDay", "lastDay")
PERIODS: Final = (*DAYS, "interval")
DAY_LENGTH: Final = len("2026-11-21")
File: TypeAlias = Callable[[Reader, QueryParams], AsyncIterator[bytes]]


class LedgerRoutes:
    """The routes of the exports, each a report of the same name as in the API."""

    def __init__(self, api: ApiGateway, ledger: LedgerService, db: Database, settings: HttpSettings) -> None:
        self._api = api
        self._files = ledger.report_files
        self._db = db
        self._settings = settings

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [
            Route(f"/export/ledger/{name}.csv", self._endpoint(name, file), methods=["GET"])
            for name, file in self._by_name().items()
        ]

    def _by_name(self) -> Mapping[str, File]:
        """Reports take `?firstDay=`, `?lastDay=`, `?interval=`, the journal only days, the trial balance `?on=`."""
        files = self._files
        return {
            "revenue": lambda db, params: files.revenue(db, range_of(params)),
            "taxes": lambda db, params: files.taxes(db, range_of(params)),
            "outstanding": lambda db, params: files.outstanding(db, range_of(params)),
            "trial-balance": lambda db, params: files.trial_balance(db, day_of(params)),
            "journal": lambda db, params: files.journal(db, *days_of(params)),
        }

    def _endpoint(self, name: str, file: File) -> Callable[[Request], Awaitable[Response]]:
        return partial(self._export, name, file)

    async def _export(self, name: str, file: File, request: Request) -> Response:
        actor = await actor_of(request, self._api, EXPORT, self._settings)
        return await csv_file(f"ledger-{name}.csv", file(self._db.reader(actor.company_id), request.query_params))


def range_of(params: QueryParams) -> ReportRange:
    """The days and periods of a report in a query string; months by default.

    Raises InvalidInput, also for an unknown parameter, RangeInverted and OutOfRange.
    """
    first_day, last_day = days_of(params, PERIODS)
    text = params.get("interval", ReportInterval.MONTH.value)
    if text not in {interval.value for interval in ReportInterval}:
        raise InvalidInput(f"An interval is one of {', '.join(ReportInterval)}.", field=("interval",))
    return ReportRange.of(first_day, last_day, ReportInterval(text))


def days_of(params: QueryParams, known: Sequence[str] = DAYS) -> tuple[date, date]:
    """The first and the last day in a query string. Raises InvalidInput and RangeInverted."""
    _require_known(params, known)
    first_day, last_day = (_day(params, name) for name in DAYS)
    require_order(first_day, last_day)
    return first_day, last_day


def day_of(params: QueryParams) -> date:
    """The day of a trial balance in a query string. Raises InvalidInput."""
    _require_known(params, ("on",))
    return _day(params, "on")


def _require_known(params: QueryParams, known: Sequence[str]) -> None:
    unknown = next((name for name in params if name not in known), None)
    if unknown is not None:
        raise InvalidInput(f"There is no parameter {unknown[:50]}. The parameters are {', '.join(known)}.")


def _day(params: QueryParams, name: str) -> date:
    text = params.get(name, "")
    try:
        if len(text) == DAY_LENGTH:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidInput("Give a day such as 2026-11-21.", field=(name,))
