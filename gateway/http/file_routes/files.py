"""Streamed files."""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

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
