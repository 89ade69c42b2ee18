"""Inputs of warehouses."""

from uuid import UUID

import strawberry
from strawberry import UNSET

CODE = "The code that staff use: at most 50 letters, digits, `-` and `_`, stored in capitals, unique in the company."
NAME = "The name that staff see, and buyers who pick up their goods there, 1 to 255 characters."
LINE_1 = "The street and the number, at most 255 characters; null for none."
LINE_2 = "More of the address, such as a floor, at most 255 characters; null for none."
CITY = "The city, at most 255 characters; null for none."
PROVINCE = "The province or state, at most 255 characters; null for none."
POSTAL_CODE = "The postal code, at most 20 characters; null for none."
COUNTRY = "The country as two letters of ISO 3166-1, such as `DE`; null for none."
PRIORITY = "The place in the order in which warehouses are used, 0 to 1,000,000, lowest first."
COUNTRIES = "The countries to which goods are sent from here, as two letters of ISO 3166-1; empty for all."
PICKUP = "Whether buyers can pick up their goods here."


@strawberry.input(description="A warehouse to create. Null means the same as an absent field.")
class WarehouseCreateInput:
    """A new warehouse."""

    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    address_line_1: str | None = strawberry.field(default=None, description=LINE_1)
    address_line_2: str | None = strawberry.field(default=None, description=LINE_2)
    city: str | None = strawberry.field(default=None, description=CITY)
    province: str | None = strawberry.field(default=None, description=PROVINCE)
    postal_code: str | None = strawberry.field(default=None, description=POSTAL_CODE)
    country: str | None = strawberry.field(default=None, description=COUNTRY)
    priority: int = strawberry.field(default=0, description=f"{PRIORITY} 0 by default.")
    countries: list[str] = strawberry.field(default_factory=list, description=f"{COUNTRIES} All by default.")
    is_active: bool = strawberry.field(default=True, description="Whether goods are stored and sent here.")
    is_default: bool = strawberry.field(
        default=False,
        description="Whether it takes the place of the default warehouse; the company's first one does always.",
    )
    is_pickup_point: bool = strawberry.field(default=False, description=f"{PICKUP} False by default.")


@strawberry.input(description="Changes to a warehouse. Omitted fields do not change.")
class WarehouseUpdateInput:
    """A warehouse and its changes."""

    id: UUID = strawberry.field(description="The id of the warehouse to change.")
    code: str | None = strawberry.field(default=UNSET, description=f"{CODE} Null is refused.")
    name: str | None = strawberry.field(default=UNSET, description=f"{NAME} Null is refused.")
    address_line_1: str | None = strawberry.field(default=UNSET, description=LINE_1)
    address_line_2: str | None = strawberry.field(default=UNSET, description=LINE_2)
    city: str | None = strawberry.field(default=UNSET, description=CITY)
    province: str | None = strawberry.field(default=UNSET, description=PROVINCE)
    postal_code: str | None = strawberry.field(default=UNSET, description=POSTAL_CODE)
    country: str | None = strawberry.field(default=UNSET, description=COUNTRY)
    priority: int | None = strawberry.field(default=UNSET, description=f"{PRIORITY} Null is refused.")
    countries: list[str] | None = strawberry.field(default=UNSET, description=f"{COUNTRIES} Null is the same.")
    is_active: bool | None = strawberry.field(
        default=UNSET,
        description="False closes it, which needs that no units are in it, and another default one. Null is refused.",
    )
    is_default: bool | None = strawberry.field(
        default=UNSET,
        description="True takes the place of the default warehouse. False is refused for the default one, and null.",
    )
    is_pickup_point: bool | None = strawberry.field(default=UNSET, description=f"{PICKUP} Null is refused.")


@strawberry.input(description="The warehouse to delete.")
class WarehouseDeleteInput:
    """A warehouse."""

    id: UUID = strawberry.field(description="The id of a warehouse that never had stock; deactivate others.")


@strawberry.input(description="Conditions on warehouses, all of which must hold. Omitted fields set no condition.")
class WarehouseFilterInput:
    """Conditions, all of which must hold."""

    is_active: bool | None = strawberry.field(
        default=None, description="True: warehouses in use; false: deactivated ones."
    )
