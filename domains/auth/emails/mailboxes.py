"""Mailboxes of e-mail addresses; limits count by mailbox, logins and e-mails use the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class _Provider:
    """An e-mail provider: its domain, and the characters that it ignores in names."""

    domain: str
    ignored: str


_GMAIL: Final = _Provider("gmail.com", ".")
_PROTON: Final = _Provider("proton.me", ".-_")
_PROVIDERS: Final[Mapping[str, _Provider]] = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "pm.me": _PROTON,
}


def mailbox_of(address: str) -> str:
    """The mailbox of a normalized address (see `addresses.normalize_email`).

    Tags (`ann+1@`) are removed, and dots where the provider ignores them. The database function `mailbox_of`, which
    generates columns, gives the same result.
    """
    name, at, domain = address.rpartition("@")
    local_part = name.partition("+")[0]
    if not at or not local_part:
        return address
    provider = _PROVIDERS.get(domain)
    if provider is None:
        return f"{local_part}@{domain}"
    return f"{local_part.translate(str.maketrans('', '', provider.ignored))}@{provider.domain}"
