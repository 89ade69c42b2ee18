"""Reports about notifications over HTTP: `POST /notifications/{company}/email-reports` and `…/twilio`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.notification.suppressions.reports import Report, Reports
from domains.payment.errors import WebhookMalformed, WebhookSignatureInvalid
from gateway.companies import Companies, UnknownCompany
from gateway.graphql.core.errors import RequestRefused
from gateway.http.body import ClientDisconnected, read
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings
from gateway.providers.notifications.report_formats import ReportSources, email_reports, twilio_reports

log = structlog.get_logger("gateway.webhooks")
MAX_BODY: Final = 262_144
Read: TypeAlias = Callable[[str, bytes, Headers], Sequence[Report]]


class ReportRoutes:
    """The routes, which verify reports and record them for the company of the address.

    Nothing is stored of a body without a valid signature. A report about a message of another company finds nothing.
    """

    def __init__(
        self, companies: Companies, reports: Reports, db: Database, sources: ReportSources, settings: HttpSettings
    ) -> None:
        self._companies = companies
        self._reports = reports
        self._db = db
        self._sources = sources
        self._settings = replace(settings, max_body=min(settings.max_body, MAX_BODY))

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [
            Route("/notifications/{company}/email-reports", self.receive_email_reports, methods=["POST"]),
            Route("/notifications/{company}/twilio", self.receive_twilio, methods=["POST"]),
        ]

    async def receive_email_reports(self, request: Request) -> Response:
        """200 for a signed body, also of known events and unknown messages; otherwise as `receive_twilio`."""
        secret = self._sources.email_secret
        if secret is None:
            raise HTTPException(404)
        now = self._db.clock.now()
        return await self._receive(request, lambda _, body, headers: email_reports(body, headers.values, secret, now))

    async def receive_twilio(self, request: Request) -> Response:
        """200 for a report of Twilio, also of known ones and of unknown messages.

        400 without details for an invalid signature or body; 404 for an unknown company, and where no such reports
        are taken; 413 and 408 for a body that is too large or too slow.
        """
        account = self._sources.twilio
        if account is None or account.callback_url is None:
            raise HTTPException(404)
        return await self._receive(
            request, lambda company, body, headers: twilio_reports(body, headers.values, account, company)
        )

    async def _receive(self, request: Request, reports_in: Read) -> Response:
        headers = Headers.of(request.scope)
        try:
            body = await read(request.receive, headers, self._settings)
        except ClientDisconnected:
            return Response(status_code=400)
        slug = request.path_params["company"]
        try:
            company = await self._companies.find(slug, include_inactive=True)
            reports = reports_in(company.slug, body, headers)
        except UnknownCompany:
            raise HTTPException(404) from None
        except (WebhookSignatureInvalid, WebhookMalformed) as error:
            log.warning("report refused", company=slug[:63], reason=type(error).__name__)
            raise RequestRefused("BAD_REQUEST", "The report is not valid.") from None
        for report in reports:
            await self._record(company.id, report)
        return Response(status_code=200)

    async def _record(self, company_id: UUID, report: Report) -> None:
        """Record a report in a transaction of its own: those before it stay when the process dies."""

        async def record(tx: Tx) -> bool:
            return await self._reports.record(tx, report)

        await self._db.run(record, Actor.system(company_id))
