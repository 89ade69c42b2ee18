"""How uvicorn serves the application: no `server` header, bounded waits, requests in flight finished on shutdown."""

import uvicorn

from gateway.http.settings import HttpSettings


def server_config(
    app: object, settings: HttpSettings, *, host: str = "127.0.0.1", port: int = 8000, **options: object
) -> uvicorn.Config:
    """The configuration of a server for one process. On SIGTERM it stops accepting and drains."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type] # any ASGI application
        host=host,
        port=port,
        server_header=False,
        proxy_headers=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=settings.keep_alive_timeout,
        timeout_graceful_shutdown=settings.shutdown_timeout,
        **options,  # type: ignore[arg-type] # uvicorn's own options
    )
