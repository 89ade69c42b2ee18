"""Files that are made while they are sent."""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

CSV = "text/csv"


async def csv_file(name: str, chunks: AsyncIterator[bytes]) -> StreamingResponse:
    """A CSV to be saved under this name, sent chunk by chunk.

    What fails before the first chunk is raised here and answered as an error; later the connection breaks off, and
    the client knows.
    """
    first = await anext(chunks)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_joined(first, chunks), media_type=CSV, headers=headers)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
