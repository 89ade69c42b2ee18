"""Validation and normalization of input URLs, such as those of images."""

import re
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import quote

from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import TooLong, label, optional_text

LENGTH: Final = 2_000
_UNSAFE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\"<>\\]")
_ABSOLUTE: Final = re.compile(r"(https?)://(\[[^\]]*\]|[^:/?#\[\]]+)(?::([0-9]{1,5}))?((?:[/?#].*)?)", re.IGNORECASE)
_LABEL: Final = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*{_LABEL}\.?", re.IGNORECASE)
_LAST_PORT: Final = 65_535
_STRAY_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")
# The characters that RFC 3986 allows after the host, and the percent sign of encoded ones.
_SAFE: Final = "/?#[]@!$&'()*+,;=:~%"


def optional_url(value: str | None, *, field: Sequence[str]) -> str | None:
    """An absolute http(s) URL, or a path of the company's site that begins with one slash, normalized; or None.

    Non-ASCII characters are percent-encoded (RFC 3987), those of the host by IDNA. Spaces, double quotes, angle
    brackets, backslashes, `//host`, user names and passwords are refused. A private host is accepted, since the URL
    is not requested here. Raises InvalidInput and TooLong.
    """
    text = optional_text(value, field=field, max_length=LENGTH)
    if text is None:
        return None
    url = None if _UNSAFE.search(text) else _site_path(text) or _absolute(text)
    if url is None:
        raise InvalidInput(
            f"{label(field)} must be a URL that begins with https:// or http://, "
            "or a path that begins with one slash. "
            'It must not contain spaces, `"`, `<`, `>`, `\\`, a user name or a password.',
            field=field,
        )
    if len(url) > LENGTH:
        reason = f"{label(field)} has {len(url)} characters when encoded; at most {LENGTH} are allowed."
        raise TooLong(reason, field=field)
    return url


def _site_path(text: str) -> str | None:
    return _encoded(text) if text.startswith("/") and not text.startswith("//") else None


def _absolute(text: str) -> str | None:
    parts = _ABSOLUTE.fullmatch(text)
    if parts is None:
        return None
    scheme, host, port, rest = parts.groups()
    parsed = _host(host)
    if parsed is None or (port is not None and not 0 < int(port) <= _LAST_PORT):
        return None
    return f"{scheme.lower()}://{parsed}{f':{port}' if port else ''}{_encoded(rest)}"


def _host(host: str) -> str | None:
    """The host in ASCII, or None when it is not a valid host."""
    if host.startswith("["):
        with suppress(ValueError):
            return f"[{IPv6Address(host[1:-1])}]"
        return None
    with suppress(UnicodeError):
        host = host if host.isascii() else host.encode("idna").decode()
        return host if _HOST.fullmatch(host) else None
    return None


def _encoded(rest: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", rest), safe=_SAFE)
