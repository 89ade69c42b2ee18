"""The pages to which a provider sends buyers back after a next action."""

import re
from collections.abc import Sequence
from typing import Final

from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import require_text
from domains.kernel.values.urls import optional_url
from domains.payment.cards import contains_card_number

FIELD: Final = ("return_url",)
LENGTH: Final = 1_000
_ORIGIN: Final = re.compile(r"https?://[^/?#]+")
_LOCAL: Final = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?")


class ReturnUrls:
    """Validates return URLs.

    With `origins`, those of the storefronts, a URL has one of them: no open redirect.

    `*` among them allows any.
    """

    def __init__(self, origins: Sequence[str] = ()) -> None:
        self._origins = frozenset() if "*" in origins else frozenset(origin.lower() for origin in origins)

    def require(self, value: str | None) -> str | None:
        """An absolute https URL, or http on this machine, normalized; None for none.

        At most 1,000 characters. Raises InvalidInput, TooLong, and InvalidInput for another origin than the allowed
        ones or a URL that contains a card number; no message repeats the URL.
        """
        if value is None:
            return None
        url = optional_url(require_text(value, field=FIELD, max_length=LENGTH), field=FIELD)
        origin = _ORIGIN.match(url or "")
        if url is None or origin is None or not (url.startswith("https://") or _LOCAL.fullmatch(origin[0])):
            raise InvalidInput("A return URL begins with https://, or with http:// on localhost.", field=FIELD)
        if self._origins and origin[0].lower() not in self._origins:
            raise InvalidInput(
                "The return URL is not on a page of the shop. Use an address whose origin the shop allows.",
                field=FIELD,
            )
        if contains_card_number(url):
            raise InvalidInput("A return URL must not contain a card number.", field=FIELD)
        return url
