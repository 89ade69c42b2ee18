"""Reading of a GraphQL request: size and time limits, parsing, and validation of its fields."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import orjson

from gateway.api import GraphQLRequest
from gateway.graphql.core.errors import RequestRefused
from gateway.http.negotiation import JSON, media_type
from gateway.http.requests import Headers
from gateway.http.settings import HttpSettings
from gateway.operations.document_ids import document_id

Receive = Callable[[], Awaitable[Any]]
METHOD_FIELDS = ("query", "documentId", "operationName", "variables", "extensions")


class ClientDisconnected(Exception):
    """The client disconnected before its body was complete."""


async def read(receive: Receive, headers: Headers, settings: HttpSettings, *, has_arrived: bool = False) -> bytes:
    """The whole body. Raises RequestRefused (413, 408) when it is too large or too slow, and ClientDisconnected.

    One that has arrived needs no timer.
    """
    declared = headers.get("content-length")
    if declared is not None and declared.isdigit() and (len(declared) > 18 or int(declared) > settings.max_body):
        raise _too_large(settings)
    if has_arrived:
        return await _collect(receive, settings)
    try:
        async with asyncio.timeout(settings.body_timeout):
            return await _collect(receive, settings)
    except TimeoutError:
        message = f"The request body did not arrive within {settings.body_timeout:g} seconds."
        raise RequestRefused("TIMEOUT", message, status=408) from None


class Replay:
    """The `receive` of a request whose body is read early: it repeats the body, or the error of reading it."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._message: Any = None
        self._error: Exception | None = None

    async def read(self, headers: Headers, settings: HttpSettings, *, has_arrived: bool) -> bytes:
        """The whole body, empty after an error, which the next reader gets."""
        try:
            whole = await read(self._receive, headers, settings, has_arrived=has_arrived)
        except (RequestRefused, ClientDisconnected) as error:
            self._error = error
            return b""
        self._message = {"type": "http.request", "body": whole, "more_body": False}
        return whole

    async def __call__(self) -> Any:
        """The next message of the request."""
        if self._error is not None:
            raise self._error
        if self._message is not None:
            message, self._message = self._message, None
            return message
        return await self._receive()


async def _collect(receive: Receive, settings: HttpSettings) -> bytes:
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > settings.max_body:
            raise _too_large(settings)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(settings: HttpSettings) -> RequestRefused:
    limit = settings.max_body
    message = f"The request body is larger than {limit} bytes."
    return RequestRefused("PAYLOAD_TOO_LARGE", message, status=413, limit="body", maximum=limit)


def check_media_type(headers: Headers) -> None:
    """Require JSON in UTF-8, for which a browser sends a preflight request across origins (CSRF)."""
    given = media_type(headers.get("content-type") or "")
    if given.name != JSON:
        raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", f"The Content-Type must be {JSON}.", status=415)
    if given.parameters.get("charset", "utf-8") not in ("utf-8", "utf8"):
        raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", "The body must be encoded in UTF-8.", status=415)
    if (headers.get("content-encoding") or "identity").strip().lower() != "identity":
        raise RequestRefused("UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed.", status=415)


def parse_post(body: bytes) -> GraphQLRequest:
    """The request in a JSON body. Raises RequestRefused for an invalid one."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _bad(f"The body is not valid JSON: {str(error).partition(':')[0]}.") from None
    if isinstance(data, list):
        raise _bad("Batches are not supported; send one operation per request.")
    if not isinstance(data, dict):
        raise _bad("The body must be a JSON object with a `query`.")
    return _request(data)


def parse_get(query_string: bytes) -> GraphQLRequest:
    """The request in a query string. Raises RequestRefused for an invalid one."""
    try:
        given = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise _bad("The query string is not encoded in UTF-8, or has too many parameters.") from None
    data: dict[str, Any] = {}
    for name in METHOD_FIELDS:
        if len(values := given.get(name, [])) > 1:
            raise _bad(f"`{name}` is given more than once; give it once.")
        if values:
            data[name] = values[0]
    for name in ("variables", "extensions"):
        if name in data:
            data[name] = _json_parameter(name, data[name])
    if data.get("operationName") == "":
        del data["operationName"]
    return replace(_request(data), in_url=True)


def parse_payload(data: Mapping[str, Any]) -> GraphQLRequest:
    """The request in a message of a WebSocket. Raises RequestRefused.

    Its protocol requires a `query`, which is empty when the document is named by its id alone.
    """
    return _request({**data, "query": data.get("query") or None})


def _json_parameter(name: str, text: str) -> Any:
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _bad(f"`{name}` is not valid JSON.") from None


def _request(data: Mapping[str, Any]) -> GraphQLRequest:
    query, given_id = data.get("query"), _document_id(data)
    operation_name = data.get("operationName")
    variables = data.get("variables")
    if not (query is None and given_id) and (not isinstance(query, str) or not query.strip()):
        raise _bad("`query` must be a string with a GraphQL document.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _bad("`operationName` must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise _bad("`variables` must be an object.")
    after = resumed_after(data.get("extensions"))
    return GraphQLRequest(query, operation_name, variables or {}, given_id, last_event_id=after)


def resumed_after(data: Mapping[str, Any] | None) -> str | None:
    """The event after which a subscription resumes: `lastEventId` of an object. Raises RequestRefused."""
    given = (data or {}).get("lastEventId")
    if not isinstance(given, str | None):
        raise _bad("`lastEventId` must be a string, the id of an event.")
    return given


def _document_id(data: Mapping[str, Any]) -> str | None:
    """The id of a document that is sent with or without its text: `documentId`, or Apollo's `sha256Hash`."""
    by_name, by_extension = data.get("documentId"), _persisted(data.get("extensions"))
    if by_name is None:
        return by_extension
    if (stored := document_id(by_name)) is None:
        raise _bad("`documentId` must be a string of 1 to 256 visible ASCII characters.")
    if by_extension not in (None, stored):
        raise _bad("`documentId` and `extensions.persistedQuery` name different documents. Send one of them.")
    return stored


def _persisted(extensions: Any) -> str | None:
    if not isinstance(extensions, dict | None):
        raise _bad("`extensions` must be an object.")
    persisted = (extensions or {}).get("persistedQuery")
    if persisted is None:
        return None
    is_known = isinstance(persisted, dict) and persisted.get("version") == 1
    stored = document_id(persisted.get("sha256Hash")) if is_known else None
    if stored is None:
        raise _bad("`extensions.persistedQuery` must have `version` 1 and a `sha256Hash` of 64 hexadecimal digits.")
    return stored


def _bad(message: str) -> RequestRefused:
    return RequestRefused("BAD_REQUEST", message)
