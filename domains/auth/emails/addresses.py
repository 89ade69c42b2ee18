"""E-mail addresses: one spelling for each, checked for form alone and never by asking the network."""

from collections.abc import Sequence
from typing import Final

from email_validator import EmailNotValidError, validate_email

from domains.kernel.errors import InvalidInput

LONGEST = 254
_MOST_TYPED: Final = 4 * LONGEST  # no character is composed of more than four
# RFC 2047: in a header `=?utf-8?q?r=65al?=` is read as `real`, so such an address names two mailboxes.
ENCODED_WORD: Final = "=?"


def normalised(email: str, *, field: Sequence[str] = ("email",)) -> str:
    """The address in the one spelling that is stored: NFC, lower case. Raises InvalidInput when it is none.

    Quoted local parts, comments and encoded words are refused: each is a second spelling of a mailbox, or of two.
    Letters of any script are taken; mail to them needs a server with SMTPUTF8 (RFC 6531).
    """
    if len(email) > _MOST_TYPED:
        raise InvalidInput("This is not an e-mail address: it is too long.", field=field)
    try:
        # Reserved names such as `.test` are fine: whether mail arrives is what the code is for.
        checked = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidInput(f"This is not an e-mail address: {error}", field=field) from error
    if ENCODED_WORD in checked.normalized:
        raise InvalidInput("This is not an e-mail address: it contains `=?`, which begins encoded text.", field=field)
    return checked.normalized.lower()


def looked_up(email: str) -> str:
    """The spelling to look an account up by; what is no address at all finds none, and says no more than that."""
    try:
        return normalised(email)
    except InvalidInput:
        return ""
