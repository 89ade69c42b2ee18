"""What is written of a new account, and of a code that confirms it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.auth.data import UserCreate, UserUpdate
from domains.auth.emails.addresses import normalised
from domains.auth.models import NewAccount, ProfileChanges
from domains.kernel.ids import untimed_id
from domains.kernel.text.names import given_name, given_names, searchable
from domains.kernel.text.phone_numbers import phone_number
from domains.kernel.validation import collect_errors


@dataclass(frozen=True, slots=True)
class NewUser:
    """A checked account; everything but its role."""

    id: UUID
    email: str
    password_hash: str
    first_name: str
    last_name: str
    phone: str | None

    @property
    def search_text(self) -> str:
        """What administrators find it by."""
        return searchable(self.first_name, self.last_name, self.email, self.phone)

    def confirmed(self, role_id: UUID, now: datetime) -> UserCreate:
        """The row of an account whose address needs no proof."""
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


@dataclass(frozen=True, slots=True)
class FreshCode:
    """A code to be mailed, and what is stored of it."""

    id: UUID
    digits: str
    sealed: str
    expires_at: datetime


def checked(new: NewAccount) -> NewUser:
    """The account with its texts in the form that is stored; its password comes later.

    Raises, of all fields at once, InvalidInput for what is no e-mail address or telephone number, and TooLong.
    """
    with collect_errors() as each:
        with each:
            email = normalised(new.email)
        with each:
            names = given_names(new.first_name, new.last_name)
        with each:
            phone = phone_number(new.phone)
    return NewUser(untimed_id(), email, "", names["first_name"], names["last_name"], phone)


def checked_profile(changes: ProfileChanges) -> UserUpdate:
    """The changes in the form that is stored. Raises InvalidInput and TooLong, of all fields at once."""
    kept: UserUpdate = {}
    with collect_errors() as each:
        with each:
            if "first_name" in changes:
                kept["first_name"] = given_name(changes["first_name"], "first_name")
        with each:
            if "last_name" in changes:
                kept["last_name"] = given_name(changes["last_name"], "last_name")
        with each:
            if "phone" in changes:
                kept["phone"] = phone_number(changes["phone"])
    return kept
