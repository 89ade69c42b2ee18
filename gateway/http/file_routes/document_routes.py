"""Documents of orders over HTTP: `GET /invoices/{id}.pdf`."""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.order.service import OrderService
from gateway.api import ApiGateway
from gateway.documents import invoices
from gateway.documents.typesetter import Typesetter
from gateway.graphql.core.guards import PUBLIC
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.timed_routes import timed_route
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings

PDF: Final = "application/pdf"
ORDER_TOKEN: Final = "x-order-token"  # noqa: S105 - the name of a header
NO_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


class DocumentRoutes:
    """The routes of documents, which are set when they are asked for."""

    def __init__(
        self, api: ApiGateway, orders: OrderService, db: Database, settings: HttpSettings, typesetter: Typesetter
    ) -> None:
        self._api = api
        self._orders = orders
        self._db = db
        self._settings = settings
        self._typesetter = typesetter

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [timed_route("/invoices/{invoice_id:uuid}.pdf", self.invoice, self._settings)]

    async def invoice(self, request: Request) -> Response:
        """An invoice or a credit note as PDF, the same bytes each time; it has personal data and is not to be cached.

        For the buyer, staff with ORDERS:READ, and a guest with the order token in `X-Order-Token`; 404 for others.
        """
        actor = await actor_of(request, self._api, PUBLIC, self._settings)
        token = Headers.of(request.scope).get(ORDER_TOKEN)
        invoice = await self._orders.invoices.listing.get(
            self._db.reader(actor.company_id), actor, request.path_params["invoice_id"], token=token
        )
        content = await self._typesetter.pdf(invoices.file_of(invoice))
        return pdf_answer(content, invoice.number)


def pdf_answer(content: bytes, name: str) -> Response:
    """A PDF with the name of its file, which becomes a header."""
    file_name = NO_FILE_NAME.sub("-", name).strip("-.") or "document"
    headers = {"content-disposition": f'inline; filename="{file_name}.pdf"', "cache-control": "no-store"}
    return Response(content, media_type=PDF, headers=headers)
