"""Uploaded files: the bounds of their number, size and time, for all routes that import one."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import IO

from starlette.requests import ClientDisconnect, Request

from domains.kernel.errors import RateLimited
from gateway.graphql.core.errors import RequestRefused
from gateway.http.negotiation import media_type
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings

MAX_BYTES_IN_MEMORY = 1_048_576
# Imports run one after another in the database, and each waiting one occupies a connection.
MAX_CONCURRENT_IMPORTS = 2
MAX_UPLOADS = 4  # concurrent, from the first byte to the report; each may store a file of the maximum size
RETRY_SECONDS = 10
GRACE_SECONDS = 60
MIN_BYTES_PER_SECOND = 65_536  # the average of an upload after the grace period


class Uploads:
    """Receives files. One is stored on disk until it is complete. `turn` is held while a file is imported."""

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self.turn = asyncio.Semaphore(MAX_CONCURRENT_IMPORTS)
        self._count = 0

    @asynccontextmanager
    async def received(self, request: Request, content_type: str, remedy: str) -> AsyncIterator[IO[bytes] | None]:
        """The body of a request as a seekable file; None when the client has disconnected.

        `remedy` says what to do about a file that is too large. Raises RequestRefused when it is too large, too slow,
        or not this type in UTF-8, and RateLimited when too many files arrive at once.
        """
        self._check_headers(request, content_type, remedy)
        with self._slot(), tempfile.SpooledTemporaryFile(MAX_BYTES_IN_MEMORY) as file:
            try:
                await self._receive(request, file, remedy)
                complete: IO[bytes] | None = file
            except ClientDisconnect:
                complete = None
            yield complete

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if self._count == MAX_UPLOADS:
            raise RateLimited(
                f"{MAX_UPLOADS} files are being imported already. Try again.", retry_after=RETRY_SECONDS
            )
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1

    async def _receive(self, request: Request, file: IO[bytes], remedy: str) -> None:
        """Write the body to the file. Raises RequestRefused when it is too large, too slow or incomplete."""
        max_size, pause = self._settings.max_import, self._settings.body_timeout
        chunks = aiter(request.stream())
        started, size = time.monotonic(), 0
        while True:
            left = started + max(GRACE_SECONDS, size / MIN_BYTES_PER_SECOND) - time.monotonic()
            try:
                chunk = await asyncio.wait_for(anext(chunks), min(pause, left))
            except StopAsyncIteration:
                return
            except TimeoutError:
                message = (
                    f"The file must arrive at {MIN_BYTES_PER_SECOND:,} bytes per second, "
                    f"without a pause of {pause:g} seconds."
                )
                raise RequestRefused("TIMEOUT", message, status=408) from None
            size += len(chunk)
            if size > max_size:
                raise _too_large(max_size, remedy)
            file.write(chunk)

    def _check_headers(self, request: Request, content_type: str, remedy: str) -> None:
        headers = Headers.of(request.scope)
        given = media_type(headers.get("content-type") or "")
        if given.name != content_type:
            raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", f"The Content-Type must be {content_type}.", status=415)
        if given.parameters.get("charset", "utf-8") not in {"utf-8", "utf8"}:
            raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", "The file must be encoded in UTF-8.", status=415)
        if (headers.get("content-encoding") or "identity").strip().lower() != "identity":
            raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", "The file must not be compressed.", status=415)
        declared, max_size = headers.get("content-length") or "", self._settings.max_import
        if declared.isdigit() and (len(declared) > 18 or int(declared) > max_size):
            raise _too_large(max_size, remedy)


def _too_large(max_size: int, remedy: str) -> RequestRefused:
    message = f"The file is larger than {max_size:,} bytes. {remedy}"
    return RequestRefused("PAYLOAD_TOO_LARGE", message, status=413, limit="import", maximum=max_size)
