"""The database that a command works on: that of DATABASE_URL, or the embedded one, started and stopped around it."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.settings import Settings


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The URL of the database. Raises EmbeddedPostgresFailed."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    from gateway.infra.embedded_postgres import EmbeddedPostgres  # noqa: PLC0415 - only where there is no other

    server = EmbeddedPostgres(settings.commerce_home)
    try:
        yield server.start()
    finally:
        server.stop()
