"""Webhooks of carriers over HTTP: `POST /carriers/{company}/{code}/webhook`."""

from dataclasses import replace
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.payment.errors import WebhookMalformed, WebhookSignatureInvalid
from domains.shipping.carriers.errors import CarrierNotFound
from domains.shipping.carriers.trackers import Tracking
from gateway.companies import Companies, UnknownCompany
from gateway.graphql.core.errors import RequestRefused
from gateway.http.body import ClientDisconnected, read
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings

log = structlog.get_logger("gateway.webhooks")
PATH: Final = "/carriers/{company}/{code}/webhook"
MAX_BODY: Final = 262_144
CODE_LENGTH: Final = 32


class CarrierWebhookRoutes:
    """The route, which verifies the events of a carrier and moves the parcels of its labels on.

    The company is that of the slug in the address, active or not, so that the secret is known before anything of the
    body is read. The address is not secret, and nothing is written for a body without a valid signature.
    """

    def __init__(self, companies: Companies, tracking: Tracking, db: Database, settings: HttpSettings) -> None:
        self._companies = companies
        self._tracking = tracking
        self._db = db
        self._settings = replace(settings, max_body=min(settings.max_body, MAX_BODY))

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [Route(PATH, self.receive, methods=["POST"])]

    async def receive(self, request: Request) -> Response:
        """200 for valid events, also for known and older ones, and for parcels without a label here.

        400 without details for an invalid signature or body; 404 for an unknown company or carrier, which do not
        differ; 413 and 408 for a body that is too large or too slow; 503 when the signature cannot be verified now.
        """
        headers = Headers.of(request.scope)
        try:
            body = await read(request.receive, headers, self._settings)
        except ClientDisconnected:
            return Response(status_code=400)
        code = request.path_params["code"][: CODE_LENGTH + 1].lower()
        try:
            company = await self._companies.find(request.path_params["company"], include_inactive=True)
            await self._tracking.receive(self._db, Actor.system(company.id), code, body, headers.values)
        except (UnknownCompany, CarrierNotFound):
            raise HTTPException(404) from None
        except (WebhookSignatureInvalid, WebhookMalformed) as error:
            _log_refusal(request, code, error)
            raise RequestRefused("BAD_REQUEST", "The webhook is not valid.") from None
        except OSError as error:
            _log_refusal(request, code, error)
            raise RequestRefused("UNAVAILABLE", "The webhook cannot be verified now.", status=503) from None
        return Response(status_code=200)


def _log_refusal(request: Request, code: str, error: Exception) -> None:
    """Log why a webhook was refused, by the class of the error: its message may repeat what the sender wrote."""
    company = request.path_params["company"][:63]
    log.warning("webhook of a carrier refused", company=company, carrier=code, reason=type(error).__name__)
