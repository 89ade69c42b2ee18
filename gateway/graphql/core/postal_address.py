"""Postal addresses: the fields of entries of an address book and of the copies in orders."""

import strawberry


@strawberry.input
class PostalAddressInput:
    """The fields of an address as it is entered."""

    full_name: str = strawberry.field(description="The full name of the recipient, at most 510 characters.")
    company_name: str | None = strawberry.field(
        default=None,
        name="company",
        description="The company at the address, at most 255 characters; null or absent for a private address.",
    )
    address_line_1: str = strawberry.field(description="Street and house number, at most 1,000 characters.")
    address_line_2: str | None = strawberry.field(
        default=None,
        description=(
            "Apartment, floor, building or other details, at most 1,000 characters; null or absent for none."
        ),
    )
    city: str | None = strawberry.field(
        default=None,
        description=("The town or city, at most 1,000 characters. Required where addresses of the country have one."),
    )
    postal_code: str | None = strawberry.field(
        default=None,
        description=(
            "The postal code in the format of the country, at most 20 characters. Required where the "
            "country uses postal codes."
        ),
    )
    province: str | None = strawberry.field(
        default=None,
        description=(
            "State, province or emirate, at most 255 characters; null or absent for none. Required in some countries."
        ),
    )
    country: str = strawberry.field(
        description=(
            "The country as two letters of ISO 3166-1, such as `DE`. It decides which other fields are required."
        )
    )
    phone: str | None = strawberry.field(
        default=None,
        description=(
            "A telephone number for the delivery, at most 40 characters; without a country code it is "
            "read as one of the country. Null or absent for none."
        ),
    )


@strawberry.type
class PostalAddress:
    """The fields of an address as it is stored."""

    full_name: str = strawberry.field(description="The full name of the recipient.")
    company_name: str | None = strawberry.field(
        name="company", description="The company at the address; null for a private address."
    )
    address_line_1: str = strawberry.field(description="Street and house number in one line.")
    address_line_2: str | None = strawberry.field(
        description="Apartment, floor, building or other details; null for none."
    )
    city: str = strawberry.field(description="The town or city; empty where addresses of the country have none.")
    postal_code: str = strawberry.field(
        description="The postal code in the format of the country; empty where the country uses none."
    )
    province: str | None = strawberry.field(
        description="State, province or emirate, as it was entered; null for none."
    )
    country: str = strawberry.field(description="The country as two letters of ISO 3166-1, such as `DE`.")
    phone: str | None = strawberry.field(
        description=(
            "A telephone number for the delivery, in E.164 such as `+4930123456` where it could be "
            "parsed, otherwise as entered; null for none."
        )
    )
