"""The addresses of suppressions: mailboxes and telephone numbers, as the channels use them."""

from collections.abc import Sequence
from typing import Final

from domains.auth.emails.addresses import normalize_email
from domains.auth.emails.mailboxes import mailbox_of
from domains.kernel.errors import InvalidInput, NotApplicable
from domains.kernel.text.phone_numbers import phone_number
from domains.notification.models import NotificationType

ADDRESSED: Final = (NotificationType.EMAIL, NotificationType.SMS)


def address_of(channel: NotificationType, text: str, *, field: Sequence[str] = ("address",)) -> str:
    """The mailbox of an e-mail address, or a telephone number in E.164.

    Raises InvalidInput, TooLong, and NotApplicable for a channel without addresses.
    """
    if channel not in ADDRESSED:
        raise NotApplicable("Only e-mails and SMS go to an address.", field=("channel",))
    if channel is NotificationType.EMAIL:
        return mailbox_of(normalize_email(text, field=field))
    number = phone_number(text, field=field)
    if number is None or not number.startswith("+") or not number[1:].isdigit():
        raise InvalidInput("Give a telephone number with its country code, such as +49 30 123456.", field=field)
    return number


def searched_address(text: str, *, field: Sequence[str] = ("address",)) -> str:
    """What a search means: with an `@` a mailbox, otherwise a telephone number. Raises as `address_of`."""
    return address_of(NotificationType.EMAIL if "@" in text else NotificationType.SMS, text, field=field)
