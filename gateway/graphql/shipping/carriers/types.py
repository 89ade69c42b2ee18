"""The GraphQL types of carriers and their adapters, as staff see them."""

from datetime import datetime
from typing import Any

import strawberry

from domains.shipping.carriers import models
from domains.shipping.carriers.carrier import CarrierAdapter as Adapter
from gateway.graphql.core.fields import computed
from gateway.graphql.core.node import Node


@strawberry.type(description="A setting of a company's account at a carrier, which an adapter asks for.")
class CarrierCredentialField:
    """A credential field of an adapter."""

    name: str = strawberry.field(description="The name by which `carrierCreate` and `carrierUpdate` set it.")
    description: str = strawberry.field(description="What it is for, and where the carrier shows it.")
    is_secret: bool = strawberry.field(description="Whether it is stored encrypted and never shown again.")
    is_required: bool = strawberry.field(description="Whether a carrier cannot be connected without it.")


@strawberry.type(description="A kind of carrier that this installation can connect to.")
class CarrierAdapter:
    """An installed adapter."""

    name: str = strawberry.field(description="The name that `Carrier.adapter` has: TABLE, MANUAL, MOCK or another.")
    is_built_in: bool = strawberry.field(
        description="Whether it makes no request to the outside. Others take an `apiEndpoint` on the internet only."
    )
    quotes_rates: bool = strawberry.field(
        description="Whether it prices parcels, so that shipping methods with live rates can use it."
    )
    sells_labels: bool = strawberry.field(description="Whether `shippingLabelBuy` buys labels from it.")
    takes_typed_labels: bool = strawberry.field(
        description="Whether its labels are made elsewhere: `shippingLabelBuy` then takes their number and cost."
    )
    credentials: list[CarrierCredentialField] = strawberry.field(
        description="What a company gives to connect its account; empty for an adapter that needs none."
    )

    @classmethod
    def of(cls, adapter: Adapter) -> "CarrierAdapter":
        """The adapter of the installation."""
        return cls(
            name=adapter.name,
            is_built_in=adapter.is_built_in,
            quotes_rates=adapter.quotes_rates,
            sells_labels=adapter.sells_labels,
            takes_typed_labels=adapter.takes_typed_labels,
            credentials=[
                CarrierCredentialField(
                    name=field.name,
                    description=field.description,
                    is_secret=field.is_secret,
                    is_required=field.is_required,
                )
                for field in adapter.fields
            ],
        )


@strawberry.type(description="A setting of the company's account at a carrier, such as a key.")
class CarrierCredential:
    """A credential, without the value of a secret."""

    name: str = strawberry.field(description="The name by which `carrierUpdate` sets it, such as api_key.")
    is_secret: bool = strawberry.field(description="Whether it is stored encrypted and never shown again.")
    is_set: bool = strawberry.field(description="Whether the company has given it.")
    value: str | None = strawberry.field(description="The value; null for a secret, and for one that is not set.")


@strawberry.type(description="A carrier with which the company ships. Requires SETTINGS:READ.")
class Carrier(Node, model=models.ShippingCarrier):
    """The shipping domain's carrier, without its secrets."""

    name: str = strawberry.field(description="The name that staff and buyers see.")
    code: str = strawberry.field(
        description="The short name in addresses and files, unique in the company, in lower case: `dhl`."
    )
    adapter: str = strawberry.field(description="The name of its adapter, one of `carrierAdapters`.")
    api_endpoint: str | None = strawberry.field(
        description="The address of the carrier's API; null for that of the adapter."
    )
    is_active: bool = strawberry.field(
        description="Whether it may price parcels and sell labels. Labels that were bought are voided and tracked."
    )
    is_available: bool = strawberry.field(
        description=(
            "Whether it prices parcels and sells labels now: it is active, its adapter is open in this installation, "
            "and its secrets can be read."
        )
    )
    created_at: datetime = strawberry.field(description="When staff created it.")
    updated_at: datetime = strawberry.field(description="When staff last changed it.")

    @computed
    def credentials(self) -> list[CarrierCredential]:
        """What the adapter asks for, and what of it is set; no secret is shown."""
        carrier: Any = self
        return [
            CarrierCredential(
                name=each.field.name, is_secret=each.field.is_secret, is_set=each.is_set, value=each.value
            )
            for each in carrier.credentials
        ]
