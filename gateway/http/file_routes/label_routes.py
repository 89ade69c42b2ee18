"""Shipping labels over HTTP: `GET /shipping-labels/{id}.pdf`, which needs a permission."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.labels.label_purchases import LabelDocument, LabelPurchases
from gateway.api import ApiGateway
from gateway.graphql.core.guards import requires
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.timed_routes import timed_route
from gateway.http.settings import HttpSettings

READ: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)
PDF: Final = "application/pdf"


class LabelRoutes:
    """The route of the label as PDF, drawn from the frozen address of its order."""

    def __init__(self, api: ApiGateway, labels: LabelPurchases, db: Database, settings: HttpSettings) -> None:
        self._api = api
        self._labels = labels
        self._db = db
        self._settings = settings

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [timed_route("/shipping-labels/{label_id:uuid}.pdf", self.show, self._settings)]

    async def show(self, request: Request) -> Response:
        """The PDF, the same bytes each time; it has personal data and is not to be cached.

        404 for an unknown label, for one that was not bought, was voided, or is made elsewhere, and for one whose
        buyer was erased.
        """
        actor = await actor_of(request, self._api, READ, self._settings)
        document = await self._labels.document(self._db.reader(actor.company_id), request.path_params["label_id"])
        if document is None:
            raise HTTPException(404)
        return label_answer(document)


def label_answer(document: LabelDocument) -> Response:
    """The answer with the PDF of a label, which is not to be cached."""
    headers = {"content-disposition": f'inline; filename="{document.name}"', "cache-control": "no-store"}
    return Response(document.content, media_type=PDF, headers=headers)
