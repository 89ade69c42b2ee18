"""Webhooks of payment providers over HTTP: `POST /webhooks/{company}/{provider}`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final
from uuid import UUID

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.payment.errors import ProviderNotConfigured, WebhookMalformed, WebhookSignatureInvalid
from domains.payment.webhooks.webhooks import PaymentWebhooks
from gateway.companies import Companies, UnknownCompany
from gateway.graphql.core.errors import RequestRefused
from gateway.http.body import ClientDisconnected, read
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings

log = structlog.get_logger("gateway.webhooks")
PATH: Final = "/webhooks/{company}/{provider}"
MAX_BODY: Final = 262_144
NAME_LENGTH: Final = 32


class WebhookRoutes:
    """The route, which verifies and stores an event; `received` is called with the ids of its company and its own.

    The company is that of the slug in the address, active or not, so that the secret is known before anything of the
    body is read. The address is not secret, and nothing is stored of a body without a valid signature.
    """

    def __init__(
        self,
        companies: Companies,
        webhooks: PaymentWebhooks,
        db: Database,
        received: Callable[[UUID, UUID], None],
        settings: HttpSettings,
    ) -> None:
        self._companies = companies
        self._webhooks = webhooks
        self._db = db
        self._received = received
        self._settings = replace(settings, max_body=min(settings.max_body, MAX_BODY))

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [Route(PATH, self.receive, methods=["POST"])]

    async def receive(self, request: Request) -> Response:
        """200 for an event, also for a known one; what it changes is processed after the answer.

        400 without details for an invalid signature or body; 404 for an unknown company or provider, and for one
        without an account, which do not differ; 413 and 408 for a body that is too large or too slow; 503 when the
        signature cannot be verified now. Providers repeat what is not answered with 200.
        """
        headers = Headers.of(request.scope)
        try:
            body = await read(request.receive, headers, self._settings)
        except ClientDisconnected:
            return Response(status_code=400)
        provider = request.path_params["provider"][:NAME_LENGTH].upper()
        try:
            company = await self._companies.find(request.path_params["company"], include_inactive=True)
            actor = Actor.system(company.id)
            webhook_id = await self._webhooks.receive(self._db, actor, provider, body, headers.values)
        except (UnknownCompany, ProviderNotConfigured):
            raise HTTPException(404) from None
        except (WebhookSignatureInvalid, WebhookMalformed) as error:
            _log_refusal(request, provider, error)
            raise RequestRefused("BAD_REQUEST", "The webhook is not valid.") from None
        except OSError as error:
            _log_refusal(request, provider, error)
            raise RequestRefused("UNAVAILABLE", "The webhook cannot be verified now.", status=503) from None
        if webhook_id is not None:
            self._received(company.id, webhook_id)
        return Response(status_code=200)


def _log_refusal(request: Request, provider: str, error: Exception) -> None:
    """Log why a webhook was refused, by the class of the error: its message may repeat what the sender wrote."""
    log.warning(
        "webhook refused", company=request.path_params["company"][:63], provider=provider, reason=type(error).__name__
    )
