"""E-mail addresses: one spelling for each, checked for form alone and never by asking the network."""

from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email

from domains.kernel.errors import InvalidInput

LONGEST = 254


def normalised(email: str, *, path: Sequence[str] = ("input", "email")) -> str:
    """The address in the one spelling that is stored: NFC, lower case. Raises InvalidInput when it is none."""
    try:
        # Reserved names such as `.test` are fine: whether mail arrives is what the code is for.
        checked = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidInput(f"This is not an e-mail address: {error}", path=path) from error
    return checked.normalized.lower()


def looked_up(email: str) -> str:
    """The spelling to look an account up by; what is no address at all finds none, and says no more than that."""
    try:
        return normalised(email)
    except InvalidInput:
        return ""
