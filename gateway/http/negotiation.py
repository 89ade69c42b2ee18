"""Content negotiation: media types of bodies, and those that a client accepts (RFC 9110 §8.3 and §12.5.1)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENTS = "text/event-stream"
HTML = "text/html"
MAX_ACCEPT: Final = 1_000  # characters; browsers send up to 200
MAX_PARAMETERS: Final = 10
REMEMBERED: Final = 512


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type with its parameters, all in lower case."""

    name: str
    parameters: dict[str, str]


def media_type(header: str) -> MediaType:
    """One media type: `application/json; charset=utf-8`. Parameters beyond the tenth are ignored."""
    name, *rest = header.split(";", MAX_PARAMETERS + 1)[: MAX_PARAMETERS + 1]
    parameters: dict[str, str] = {}
    for part in rest:
        key, _, value = part.partition("=")
        parameters[key.strip().lower()] = value.strip().strip('"').lower()
    return MediaType(name.strip().lower(), parameters)


def response_type(header: str | None) -> str | None:
    """The media type of the response to a GraphQL request, or None when the client accepts none.

    A client that prefers an event stream gets one, whatever its operation is.
    """
    return _response_type(_bounded(header))


def is_answered_whole(header: str | None) -> bool:
    """Whether the response is one body of JSON, and no stream."""
    return response_type(header) in (JSON, GRAPHQL)


def prefers_html(header: str | None) -> bool:
    """Whether the client is a browser: it prefers HTML to JSON."""
    return _prefers_html(_bounded(header))


def _bounded(header: str | None) -> str:
    """An Accept header; one that is too long to be read counts as none, which accepts everything."""
    return "" if header is None or len(header) > MAX_ACCEPT else header


@lru_cache(maxsize=REMEMBERED)
def _response_type(header: str) -> str | None:
    for name in _accepted(header):
        if name in (JSON, GRAPHQL, EVENTS):
            return name
        if name in ("*/*", "application/*"):
            return JSON
    return None


@lru_cache(maxsize=REMEMBERED)
def _prefers_html(header: str) -> bool:
    for name in _accepted(header):
        if name == HTML:
            return True
        if name in (JSON, GRAPHQL):
            return False
    return False


def _accepted(header: str) -> list[str]:
    """The media ranges of an Accept header by descending preference; refused ones (`q=0`) are left out."""
    if not header.strip():
        return ["*/*"]
    ranges = [media_type(part) for part in header.split(",") if part.strip()]
    weighed = [(_quality(media), media.name) for media in ranges]
    return [name for quality, name in sorted(weighed, key=lambda pair: -pair[0]) if quality > 0]


def _quality(media: MediaType) -> float:
    try:
        return float(media.parameters.get("q", "1"))
    except ValueError:
        return 0.0
