"""E-mail addresses: validated by form, without network access, and stored in one spelling."""

from collections.abc import Sequence
from typing import Final

from email_validator import EmailNotValidError, validate_email

from domains.kernel.errors import InvalidInput

MAX_LENGTH = 254
_MAX_CODE_POINTS: Final = 4 * MAX_LENGTH  # no character is composed of more than four
# RFC 2047: in a header `=?utf-8?q?r=65al?=` is read as `real`, so such an address names two mailboxes.
ENCODED_WORD: Final = "=?"


def normalize_email(email: str, *, field: Sequence[str] = ("email",)) -> str:
    """The address as it is stored: NFC, lower case. Raises InvalidInput for text that is not an address.

    Quoted local parts, comments and encoded words are refused: they are second spellings of a mailbox. Letters of any
    script are accepted; e-mails to such addresses need a server with SMTPUTF8 (RFC 6531).
    """
    if len(email) > _MAX_CODE_POINTS:
        raise InvalidInput("This is not an e-mail address: it is too long.", field=field)
    try:
        # Reserved names such as `.test` are accepted: the verification code shows whether e-mails arrive.
        checked = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidInput(f"This is not an e-mail address: {error}", field=field) from error
    if ENCODED_WORD in checked.normalized:
        raise InvalidInput("This is not an e-mail address: it contains `=?`, which begins encoded text.", field=field)
    return checked.normalized.lower()


def email_lookup_key(email: str) -> str:
    """The spelling to look up an account by; "" for text that is not an address, which finds none."""
    try:
        return normalize_email(email)
    except InvalidInput:
        return ""
