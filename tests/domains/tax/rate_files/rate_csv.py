"""Files of tax rates as tests write them."""

import io
from typing import Final

HEADING: Final = "class,tax,country,province,postal_prefix,rate,valid_from,valid_until"


def rate_file(*rows: str, heading: str = HEADING) -> io.BytesIO:
    return io.BytesIO("\r\n".join([heading, *rows, ""]).encode())


def messages(error: Exception) -> list[str]:
    """Each message of an error."""
    return [single.message for single in getattr(error, "errors", [error])]
