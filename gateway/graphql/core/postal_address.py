"""Postal addresses: the fields of entries of an address book and of the copies in orders."""

import strawberry


@strawberry.input
class PostalAddressInput:
    """The fields of an address as it is entered."""

    full_name: str = strawberry.field(description="The full name of the recipient.")
    company_name: str | None = strawberry.field(
        default=None, name="company", description="The company at the address, such as the recipient's employer."
    )
    address_line_1: str = strawberry.field(description="Street and number.")
    address_line_2: str | None = strawberry.field(
        default=None, description="Apartment, floor, building or other details."
    )
    city: str | None = strawberry.field(
        default=None, description="The town; not needed where the country's addresses have none."
    )
    postal_code: str | None = strawberry.field(
        default=None, description="The postal code, as the country writes it; not needed where it has none."
    )
    province: str | None = strawberry.field(
        default=None, description="State, province or emirate, where the country's addresses have one."
    )
    country: str = strawberry.field(description="The two-letter code of the country (ISO 3166-1).")
    phone: str | None = strawberry.field(default=None, description="A telephone number for the delivery.")


@strawberry.type
class PostalAddress:
    """The fields of an address as it is stored."""

    full_name: str = strawberry.field(description="The full name of the recipient.")
    company_name: str | None = strawberry.field(
        name="company", description="The company at the address; null for a private one."
    )
    address_line_1: str = strawberry.field(description="Street and number.")
    address_line_2: str | None = strawberry.field(description="Apartment, floor, building or other details.")
    city: str = strawberry.field(description="The town; empty where the country's addresses have none.")
    postal_code: str = strawberry.field(description="The postal code; empty where the country has none.")
    province: str | None = strawberry.field(description="State, province or emirate, as it was entered.")
    country: str = strawberry.field(description="The two-letter code of the country (ISO 3166-1).")
    phone: str | None = strawberry.field(
        description="A telephone number for the delivery, in E.164 format where it is a valid number."
    )
