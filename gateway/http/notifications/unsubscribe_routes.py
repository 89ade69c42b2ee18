"""One click that ends e-mails (RFC 8058): `GET` and `POST /unsubscribe/{opaque}`."""

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.notification.service import NotificationService
from domains.notification.suppressions.unsubscribe_links import PATH, Unsubscription
from domains.notification.templates.library import language_of
from gateway.http.body import ClientDisconnected, read
from gateway.http.notifications.unsubscribe_page import Shop, done_page, question_page, unknown_page
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings

MAX_BODY: Final = 4_096


class UnsubscribeRoutes:
    """The routes. Whoever has a link may use it, without a login or cookies; requests are limited as writes are.

    A GET only shows a button, because mail servers open links to check them.
    """

    def __init__(
        self, notification: NotificationService, companies: CompanyService, db: Database, settings: HttpSettings
    ) -> None:
        self._notification = notification
        self._companies = companies
        self._db = db
        self._settings = replace(settings, max_body=min(settings.max_body, MAX_BODY))

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        path = f"{PATH}{{opaque}}"
        return [Route(path, self.ask, methods=["GET"]), Route(path, self.unsubscribe, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """200 with a button; 404 for a link that was not made here."""
        link = self._notification.unsubscribe_links.read(request.path_params["opaque"])
        if link is None:
            return unknown_page()
        return question_page(await self._shop(link), link.categories)

    async def unsubscribe(self, request: Request) -> Response:
        """200 once the address is unsubscribed, also when it was; 404 for a link that was not made here."""
        try:
            await read(request.receive, Headers.of(request.scope), self._settings)
        except ClientDisconnected:
            return Response(status_code=400)
        link = self._notification.unsubscribe_links.read(request.path_params["opaque"])
        if link is None:
            return unknown_page()
        actor = Actor.system(link.company_id)
        await self._db.run(lambda tx: self._notification.suppressions.unsubscribe(tx, link), actor)
        return done_page(await self._shop(link), link.categories)

    async def _shop(self, link: Unsubscription) -> Shop:
        """The shop of a link, in the language of its e-mail, or else of the company."""
        reader = self._db.reader(link.company_id)
        settings = await self._notification.settings.current(reader)
        return Shop(
            name=(await self._companies.current(reader)).name,
            storefront_url=settings.storefront_url,
            language=language_of(link.language, settings.default_language),
        )
