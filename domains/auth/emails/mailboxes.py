"""Mailboxes behind e-mail addresses: what limits and throttles count by. Nobody signs in or is written to by them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class _Provider:
    """A provider of mailboxes: its one name, and the characters that it ignores in the name of a mailbox."""

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
    """The mailbox that a normalised address (see `emails.normalised`) leads to.

    A tag (`ann+1@`) is left out everywhere, dots where the provider ignores them. The function `mailbox_of` of the
    database says the same, and columns are made by it.
    """
    name, at, domain = address.rpartition("@")
    bare = name.partition("+")[0]
    if not at or not bare:
        return address
    provider = _PROVIDERS.get(domain)
    if provider is None:
        return f"{bare}@{domain}"
    return f"{bare.translate(str.maketrans('', '', provider.ignored))}@{provider.domain}"
