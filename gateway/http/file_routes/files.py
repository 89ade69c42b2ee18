"""Streamed files, and the parameter that chooses what is in them."""

from collections.abc import AsyncIterator
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.responses import StreamingResponse

from domains.kernel.errors import InvalidInput

CSV = "text/csv"


async def csv_file(name: str, chunks: AsyncIterator[bytes]) -> StreamingResponse:
    """A CSV download with this file name, streamed chunk by chunk.

    A failure before the first chunk is raised here and answered as an error; a later one aborts the connection.
    """
    first = await anext(chunks)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_joined(first, chunks), media_type=CSV, headers=headers)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def id_in(params: QueryParams, parameter: str, what: str) -> UUID | None:
    """The id in a query string; None without one. Raises InvalidInput, also for an unknown parameter."""
    unknown = next((name for name in params if name != parameter), None)
    if unknown is not None:
        raise InvalidInput(f"There is no parameter {unknown[:50]}. The parameter is {parameter}.")
    text = params.get(parameter)
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(f"Give the id of {what}.", field=(parameter,)) from None
