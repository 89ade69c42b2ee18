"""Payloads of the account domain's mutations."""

from typing import Any

import strawberry

from gateway.graphql.account.types import Address
from gateway.graphql.auth.types import User
from gateway.graphql.core.errors import UserError


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why nothing was changed; empty on success.")


def _address(description: str) -> Any:
    return strawberry.field(default=None, description=f"{description} Null when there are errors.")


@strawberry.type(description="The result of `profileUpdate`.")
class ProfileUpdatePayload:
    """See Profile.update."""

    user: User | None = strawberry.field(
        default=None, description="The caller with the changed profile. Null when there are errors."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `addressCreate`.")
class AddressCreatePayload:
    """See AddressBook.create."""

    address: Address | None = _address("The new address.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `addressUpdate`.")
class AddressUpdatePayload:
    """See AddressBook.update."""

    address: Address | None = _address("The changed address.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `addressDelete`.")
class AddressDeletePayload:
    """See AddressBook.delete."""

    address: Address | None = _address("The deleted address.")
    errors: list[UserError] = _errors()
