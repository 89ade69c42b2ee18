"""Validation of new accounts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.auth.data import UserCreate
from domains.auth.emails.addresses import normalize_email
from domains.auth.models import NewAccount
from domains.kernel.ids import random_id
from domains.kernel.text.names import normalize_names, search_text_of
from domains.kernel.text.phone_numbers import phone_number
from domains.kernel.validation import collect_errors


@dataclass(frozen=True, slots=True)
class NewUser:
    """A validated account without its role."""

    id: UUID
    email: str
    password_hash: str
    first_name: str
    last_name: str
    phone: str | None
    newsletter_subscribed: bool = False

    @property
    def search_text(self) -> str:
        """The text that staff find the user by."""
        return search_text_of(self.first_name, self.last_name, self.email, self.phone)

    def confirmed(self, role_id: UUID, now: datetime) -> UserCreate:
        """The row of an account whose address is confirmed already."""
        return {
            "id": self.id,
            "email": self.email,
            "password_hash": self.password_hash,
            "password_set_at": now,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "phone": self.phone,
            "search_text": self.search_text,
            "email_verified": True,
            "role_id": role_id,
        }


def validate_account(new: NewAccount) -> NewUser:
    """The account with its texts as they are stored, without a password.

    Raises InvalidInput and TooLong, for all fields at once.
    """
    with collect_errors() as errors:
        with errors:
            email = normalize_email(new.email)
        with errors:
            names = normalize_names(new.first_name, new.last_name)
        with errors:
            phone = phone_number(new.phone)
    first_name, last_name = names["first_name"], names["last_name"]
    return NewUser(random_id(), email, "", first_name, last_name, phone, new.newsletter_subscribed)
