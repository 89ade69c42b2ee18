"""Content negotiation: media types of bodies, and those that a client accepts (RFC 9110 §8.3 and §12.5.1)."""

from dataclasses import dataclass

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type with its parameters, all in lower case."""

    name: str
    parameters: dict[str, str]


def media_type(header: str) -> MediaType:
    """One media type: `application/json; charset=utf-8`."""
    name, *rest = header.split(";")
    parameters: dict[str, str] = {}
    for part in rest:
        key, _, value = part.partition("=")
        parameters[key.strip().lower()] = value.strip().strip('"').lower()
    return MediaType(name.strip().lower(), parameters)


def accepted(header: str | None) -> list[str]:
    """The media ranges of an Accept header by descending preference; refused ones (`q=0`) are left out."""
    if not header or not header.strip():
        return ["*/*"]
    ranges = [media_type(part) for part in header.split(",") if part.strip()]
    weighed = [(_quality(media), media.name) for media in ranges]
    return [name for quality, name in sorted(weighed, key=lambda pair: -pair[0]) if quality > 0]


def response_type(header: str | None) -> str | None:
    """The media type of the response to a GraphQL request, or None when the client accepts none."""
    for name in accepted(header):
        if name in (JSON, GRAPHQL):
            return name
        if name in ("*/*", "application/*"):
            return JSON
    return None


def prefers_html(header: str | None) -> bool:
    """Whether the client is a browser: it prefers HTML to JSON."""
    for name in accepted(header):
        if name == HTML:
            return True
        if name in (JSON, GRAPHQL):
            return False
    return False


def _quality(media: MediaType) -> float:
    try:
        return float(media.parameters.get("q", "1"))
    except ValueError:
        return 0.0
