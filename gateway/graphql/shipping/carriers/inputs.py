"""The inputs of carriers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.validation import collect_errors, errors_of
from domains.kernel.values.secret import Secret

CODE = "A short name, 1 to 32 lower-case letters, digits, `-` and `_`, unique in the company: `dhl`."
ENDPOINT = (
    "The address of the carrier's API, https and on the public internet, at most 500 characters; null for that of "
    "the adapter. Built-in adapters do not use it."
)


@strawberry.input(description="A credential of an account at a carrier.")
class CarrierCredentialInput:
    """A name of a credential with its new value."""

    name: str = strawberry.field(description="The name of one of the adapter's `credentials`.")
    value: Secret = strawberry.field(
        description=(
            "The value as the carrier shows it, at most 500 characters; an empty text removes it. It is never "
            "logged, and shown again only if it is no secret."
        )
    )


@strawberry.input(description="A carrier to create. Null means the same as an absent field.")
class CarrierCreateInput:
    """A new carrier."""

    name: str = strawberry.field(description="The name that staff and buyers see, 1 to 255 characters.")
    code: str = strawberry.field(description=CODE)
    adapter: str = strawberry.field(description="The name of one of `carrierAdapters`, such as MANUAL.")
    api_endpoint: str | None = strawberry.field(default=None, description=ENDPOINT)
    is_active: bool = strawberry.field(default=True, description="Whether it prices parcels and sells labels.")
    credentials: list[CarrierCredentialInput] = strawberry.field(
        default_factory=list, description="The credentials; those that the adapter requires must be among them."
    )


@strawberry.input(description="Changes to a carrier. Omitted fields do not change.")
class CarrierUpdateInput:
    """A carrier and its changes."""

    id: UUID = strawberry.field(description="The id of the carrier to change.")
    name: str | None = strawberry.field(default=UNSET, description="The new name. Null is refused.")
    code: str | None = strawberry.field(
        default=UNSET, description=f"{CODE} It is part of the address of webhooks. Null is refused."
    )
    adapter: str | None = strawberry.field(
        default=UNSET, description="Another adapter, whose credentials are then to be given. Null is refused."
    )
    api_endpoint: str | None = strawberry.field(default=UNSET, description=ENDPOINT)
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether it prices parcels and sells labels. Null is refused."
    )
    credentials: list[CarrierCredentialInput] = strawberry.field(
        default_factory=list, description="The credentials that change; others stay."
    )


@strawberry.input(description="The carrier to delete.")
class CarrierDeleteInput:
    """A carrier."""

    id: UUID = strawberry.field(description="The id of a carrier that no shipping method and no label names.")


def credentials_of(given: Sequence[CarrierCredentialInput]) -> Mapping[str, Secret]:
    """The credentials by name. Raises InvalidInput for one that is given twice."""
    values: dict[str, Secret] = {}
    with collect_errors() as errors:
        for index, each in enumerate(given):
            with errors:
                if each.name in values:
                    raise InvalidInput(
                        "This credential is given twice. Give it once.", field=("credentials", str(index), "name")
                    )
                values[each.name] = each.value
    return values


@contextmanager
def placing_errors(given: Sequence[CarrierCredentialInput]) -> Iterator[None]:
    """Point errors at the list item of a credential that the domain names; a missing one is of the list."""
    places = {each.name: str(index) for index, each in enumerate(given)}
    try:
        yield
    except DomainError as error:
        for single in errors_of(error):
            if len(single.field) == 2 and single.field[0] == "credentials":
                place = places.get(single.field[1])
                single.field = ("credentials",) if place is None else ("credentials", place)
        raise
