"""How uvicorn serves the application: no `server` header, bounded waits, requests in flight finished on shutdown."""

import gc

import uvicorn

from gateway.http.settings import HttpSettings
from gateway.http.wire import protocol


def server_config(app: object, settings: HttpSettings, **options: object) -> uvicorn.Config:
    """The configuration of a server for one process. On SIGTERM it stops accepting and drains."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type] # any ASGI application
        http=protocol(settings),
        ws="none",
        server_header=False,
        proxy_headers=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=settings.shutdown_timeout,
        **options,  # type: ignore[arg-type] # uvicorn's own options
    )


def settle_heap() -> None:
    """Take what the start has made (types, schema, plans of modules) out of the garbage collector's rounds.

    Requests then pay for their own garbage alone, and rarely; call it once everything is wired. The middle
    generation is looked through after a hundred thousand objects, for which the event loop waits some milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 5, 200)
