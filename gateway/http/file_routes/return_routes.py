"""Labels of returns over HTTP: `GET /returns/{id}/label.pdf`, for those who send the goods."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.kernel.database import Database
from domains.returns.labels.return_labels import ReturnLabels
from gateway.api import ApiGateway
from gateway.graphql.core.guards import PUBLIC
from gateway.http.file_routes.bearer import actor_of
from gateway.http.file_routes.document_routes import ORDER_TOKEN
from gateway.http.file_routes.label_routes import label_answer
from gateway.http.file_routes.timed_routes import timed_route
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings

PATH: Final = "/returns/{return_request_id:uuid}/label.pdf"


class ReturnRoutes:
    """The route of a return's label as PDF."""

    def __init__(self, api: ApiGateway, labels: ReturnLabels, db: Database, settings: HttpSettings) -> None:
        self._api = api
        self._labels = labels
        self._db = db
        self._settings = settings

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        return [timed_route(PATH, self.label, self._settings)]

    async def label(self, request: Request) -> Response:
        """The PDF, the same bytes each time; it has personal data and is not to be cached.

        For the buyer, staff with ORDERS:READ, and a guest with the order token in `X-Order-Token`; 404 for others,
        for a return without a label, or with one that was made elsewhere, and for one whose buyer was erased.
        """
        actor = await actor_of(request, self._api, PUBLIC, self._settings)
        token = Headers.of(request.scope).get(ORDER_TOKEN)
        document = await self._labels.document(
            self._db.reader(actor.company_id), actor, request.path_params["return_request_id"], token=token
        )
        if document is None:
            raise HTTPException(404)
        return label_answer(document)
