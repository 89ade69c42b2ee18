"""The addresses of carriers' APIs: https and on the public internet, so that none leads into a private network."""

from typing import Final
from urllib.parse import urlsplit

from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import optional_text
from domains.kernel.values.public_addresses import is_public_host
from domains.kernel.values.urls import optional_url
from domains.shipping.carriers.errors import CarrierEndpointRefused

FIELD: Final = ("api_endpoint",)
LENGTH: Final = 500


def optional_endpoint(value: str | None, *, is_built_in: bool) -> str | None:
    """An address of a carrier's API, normalized; None for that of the adapter.

    Built-in adapters make no request, so that theirs is a note: any http(s) address. For others the host is a name on
    the public internet or a public IP address; a name that resolves to a private one is for the adapter to refuse
    when it connects. Raises CarrierEndpointRefused, TooLong, InvalidInput.
    """
    text = optional_text(value, field=FIELD, max_length=LENGTH)
    try:
        url = optional_url(text, field=FIELD)
    except InvalidInput:
        raise CarrierEndpointRefused from None
    if url is None:
        return None
    parts = urlsplit(url)
    if not parts.hostname or parts.fragment:
        raise CarrierEndpointRefused
    if not is_built_in and (parts.scheme != "https" or not is_public_host(parts.hostname)):
        raise CarrierEndpointRefused
    return url
