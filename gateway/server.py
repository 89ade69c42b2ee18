"""The server process: it binds, serves, and on SIGTERM or SIGINT finishes requests in flight and closes its parts."""

import asyncio
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import structlog
import uvicorn
from starlette.routing import Route

from domains.kernel.database import Database
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.bootstrap import Platform, running
from gateway.demo import pictures
from gateway.documents.typesetter import Typesetter
from gateway.http.carrier_webhook_routes import CarrierWebhookRoutes
from gateway.http.file_routes.coupon_routes import CouponRoutes
from gateway.http.file_routes.document_routes import DocumentRoutes
from gateway.http.file_routes.feed_routes import FeedRoutes
from gateway.http.file_routes.label_routes import LabelRoutes
from gateway.http.file_routes.ledger_routes import LedgerRoutes
from gateway.http.file_routes.order_routes import OrderRoutes
from gateway.http.file_routes.packing_routes import PackingRoutes
from gateway.http.file_routes.return_routes import ReturnRoutes
from gateway.http.file_routes.settlement_routes import SettlementRoutes
from gateway.http.file_routes.stock_routes import StockRoutes
from gateway.http.file_routes.tax_routes import TaxRoutes
from gateway.http.file_routes.uploads import Uploads
from gateway.http.notifications.report_routes import ReportRoutes
from gateway.http.notifications.unsubscribe_routes import UnsubscribeRoutes
from gateway.http.server import freeze_heap, server_config
from gateway.http.settings import HttpSettings
from gateway.http.webhook_routes import WebhookRoutes
from gateway.infra.server_lock import ServerLock
from gateway.monitoring.live import LiveMetrics
from gateway.providers.mock.page import MockPaymentPage
from gateway.providers.notifications.installation import report_sources
from gateway.rate_limits.rate_limits import RateLimits
from gateway.services import Services
from gateway.settings import Settings

log = structlog.get_logger("gateway")
SEND_BUFFER: Final = 131_072  # octets; the kernel doubles it
OTHER_FILES: Final = 512  # for the database, mail, uploads and spare connections
STOPS = (signal.SIGTERM, signal.SIGINT)
# Elsewhere SO_REUSEPORT is absent, or gives all connections to one socket.
DISTRIBUTES_CONNECTIONS: Final = sys.platform == "linux"


class PortTaken(Exception):
    """The address of the server is in use; the message says which and what to do."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(f"{host}:{port} cannot be used ({error.strerror}). Choose another: PORT={port + 1}")


class Server(uvicorn.Server):
    """uvicorn without its signal handlers, which would end the process before the database is closed."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving and call `on_started`."""
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting connections, and end when the open ones have been answered.

        Clients that the kernel has connected already are accepted first: closing the socket would reset them.
        """
        waiting = [each.dup() for each in sockets or []]
        for server in self.servers:
            server.close()
        for connection in _accepted(waiting):
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        kind: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return kind(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`."""
        yield


async def serve(
    settings: Settings, url: str, listening: socket.socket, on_started: Callable[[], None] = lambda: None
) -> None:
    """Serve on a bound socket until a signal; a second signal does not wait for requests in flight.

    Raises DatabaseUnavailable when the database does not answer, and ServersShareNothing when another server uses it
    and one of both has no Redis.
    """
    allow_open_files(settings.max_connections + settings.max_live_connections + OTHER_FILES)
    lock = ServerLock(url, is_shared=settings.redis_url is not None)
    async with lock.held(settings.http.shutdown_timeout), running(settings, url) as platform:
        freeze_heap()
        config = server_config(application(platform), settings.http, platform.metrics.count_limit, lifespan="off")
        server = Server(config, on_started)
        _stop_on_signals(server)
        await server.serve(sockets=[listening])


def application(platform: Platform) -> Any:
    """The ASGI application of a running platform."""
    api, settings = platform.api(), platform.settings.http
    files = file_routes(api, platform.services, platform.database, settings)
    webhooks = WebhookRoutes(
        platform.companies, platform.services.payment.webhooks, platform.database, platform.webhooks.put, settings
    )
    carriers = CarrierWebhookRoutes(
        platform.companies, platform.services.shipping.tracking, platform.database, settings
    )
    reports = ReportRoutes(
        platform.companies,
        platform.services.notification.reports,
        platform.database,
        report_sources(platform.settings),
        settings,
    )
    links = UnsubscribeRoutes(platform.services.notification, platform.services.company, platform.database, settings)
    page = MockPaymentPage(platform.mock_payments).routes() if platform.settings.takes_test_cards else []
    routes = [
        *files,
        *webhooks.routes(),
        *carriers.routes(),
        *reports.routes(),
        *links.routes(),
        *page,
        pictures.ROUTE,
    ]
    checks = {
        "database": platform.check_database,
        "schema": platform.check_schema,
        "background": platform.background.check,
    }
    metrics = platform.metrics if platform.settings.metrics_port else None
    limits = RateLimits(platform.settings.rate_limits, platform.cache)
    return create_app(
        api,
        settings,
        checks=checks,
        routes=routes,
        metrics=metrics,
        limits=limits,
        answers=platform.answers,
        live_metrics=LiveMetrics(platform.metrics, platform.database.clock) if metrics else None,
    )


def file_routes(api: ApiGateway, services: Services, db: Database, settings: HttpSettings) -> list[Route]:
    """The routes of imports and exports."""
    uploads = Uploads(settings)
    feed = FeedRoutes(api, services.feed, db, settings, uploads)
    settlements = SettlementRoutes(api, services.payment.settlements, db, settings, uploads)
    stock = StockRoutes(api, services.inventory, db, settings)
    orders = OrderRoutes(api, services.order, db, settings)
    ledger = LedgerRoutes(api, services.ledger, db, settings)
    taxes = TaxRoutes(api, services.tax, db, settings, uploads)
    coupons = CouponRoutes(api, services.promotion.coupons, db, settings)
    labels = LabelRoutes(api, services.order.label_purchases, db, settings)
    returns = ReturnRoutes(api, services.returns.labels, db, settings)
    typesetter = Typesetter()
    documents = DocumentRoutes(api, services.order, db, settings, typesetter)
    packing = PackingRoutes(api, services.order, db, settings, typesetter)
    parts = (feed, stock, orders, labels, returns, documents, packing, coupons, ledger, settlements, taxes)
    return [route for part in parts for route in part.routes()]


def bind(
    host: str, port: int, write_timeout: float = HttpSettings().write_timeout, *, is_shared: bool = False
) -> socket.socket:
    """A socket bound to the address, which does not listen yet. Raises PortTaken.

    Its connections have small send buffers, and the kernel ends a connection whose client reads nothing. A shared one
    may listen beside others for which `share` was called.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        share(listening)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(write_timeout * 1_000))
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(host, port, error) from error
    listening.set_inheritable(False)
    return listening


def listen_on(bound: socket.socket) -> None:
    """Start listening. Raises PortTaken when another process that bound the same address listens already."""
    try:
        bound.listen()
    except OSError as error:
        host, port = bound.getsockname()[:2]
        raise PortTaken(host, port, error) from error


def share(listening: socket.socket) -> None:
    """Let further sockets of this user listen on the same address; the kernel distributes connections among them."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def _accepted(listening: Sequence[socket.socket]) -> Sequence[socket.socket]:
    """Accept the connections that wait on listening sockets, and close these."""
    accepted = []
    for each in listening:
        with each, suppress(BlockingIOError):
            each.setblocking(False)
            while True:
                accepted.append(each.accept()[0])
                accepted[-1].setblocking(False)
    return accepted


def allow_open_files(needed: int) -> None:
    """Raise the process's limit of open files to the needed number, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < needed:
        log.warning(
            "few open files",
            needed=needed,
            allowed=allowed,
            advice="raise the limit, or lower MAX_CONNECTIONS and MAX_LIVE_CONNECTIONS",
        )


def _stop_on_signals(server: uvicorn.Server) -> None:
    def stop(name: str) -> None:
        server.force_exit = server.should_exit
        server.should_exit = True
        log.info("stopping", signal=name)  # last: it fails when the reader of the log is gone

    loop = asyncio.get_running_loop()
    for each in STOPS:
        loop.add_signal_handler(each, stop, each.name)
