"""Configuration of uvicorn: no `server` header, timeouts, graceful shutdown."""

import gc
from collections.abc import Callable

import uvicorn

from gateway.http.cached_answers import CachedAnswers
from gateway.http.live.protocol import live_protocol
from gateway.http.settings import HttpSettings
from gateway.http.wire import protocol


def server_config(
    app: object, settings: HttpSettings, on_limit: Callable[[str], None] = lambda _name: None, **options: object
) -> uvicorn.Config:
    """The configuration of the server of one process, which stops accepting and drains on shutdown.

    `on_limit` is called with the name of each limit of a connection that is hit.
    """
    at_once = [app.answer_at_once] if isinstance(app, CachedAnswers) else []
    return uvicorn.Config(
        app,  # type: ignore[arg-type] # any ASGI application
        http=protocol(settings, on_limit, *at_once),
        ws=live_protocol(settings, on_limit),
        ws_per_message_deflate=False,
        ws_ping_interval=settings.ping_interval,
        ws_ping_timeout=settings.ping_interval,
        server_header=False,
        proxy_headers=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=settings.shutdown_timeout,
        **options,  # type: ignore[arg-type] # uvicorn's own options
    )


def freeze_heap() -> None:
    """Exclude the objects of the start (types, schema, modules) from garbage collection; call it after the start.

    Collections then scan objects of requests only. The middle generation is collected after a hundred thousand
    objects, which blocks the event loop for some milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 5, 200)
