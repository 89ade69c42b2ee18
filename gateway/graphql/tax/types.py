"""Tax classes and rates as the API shows them."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from domains.tax import models
from domains.tax.models import ShippingTaxMethod
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import relation
from gateway.graphql.core.node import Node
from gateway.graphql.tax.loaders import load_tax_classes

describe(
    ShippingTaxMethod,
    "How the price of shipping is taxed.",
    {
        ShippingTaxMethod.UNTAXED: "Shipping has no tax.",
        ShippingTaxMethod.TAX_CLASS: "Shipping has the taxes of a tax class.",
        ShippingTaxMethod.PROPORTIONAL: (
            "Shipping is split like the amounts of the goods, and each part has the taxes of its goods."
        ),
    },
)


@strawberry.type(
    description=(
        "Goods or shipping with tax rates of their own, such as books. Requires SETTINGS:READ, or PRODUCTS:READ for "
        "that of a product."
    )
)
class TaxClass(Node, model=models.TaxClass):
    """The tax domain's TaxClass."""

    code: str = strawberry.field(description="The code by which files name it, unique in the company: `books`.")
    name: str = strawberry.field(description="The name that staff see.")
    is_default: bool = strawberry.field(
        description=(
            "Whether it is the class of products without one, and of those whose class has no rate at a destination. "
            "At most one class is."
        )
    )
    created_at: datetime = strawberry.field(description="When staff or an import created it.")
    updated_at: datetime = strawberry.field(description="When it last changed; a change of its rates is none.")


@strawberry.type(
    description=(
        "The rate of one tax in a place, from a first to a last day. Of rates of one tax and class the most specific "
        "one applies: the longest postal prefix, then the province, then the country. Different taxes apply "
        "together. Requires SETTINGS:READ."
    )
)
class TaxRate(Node, model=models.TaxRate):
    """The tax domain's TaxRate."""

    tax_class: TaxClass = relation(
        "tax_class_id", load_tax_classes, stable=True, description="The class of goods or shipping that it taxes."
    )
    name: str = strawberry.field(description="The name of the tax, which buyers see: `VAT`.")
    country: str = strawberry.field(description="The country of the destination, ISO 3166-1 alpha-2.")
    province: str | None = strawberry.field(
        description="The province of the destination, by its code where it has one; null for the whole country."
    )
    postal_prefix: str | None = strawberry.field(
        description="The beginning of the postal codes, letters and digits only; null for all postal codes."
    )
    rate: Decimal = strawberry.field(description="The rate as a fraction of the price without tax: 0.19 is 19 %.")
    valid_from: date = strawberry.field(description="The first day on which it is valid, in the company's time zone.")
    valid_until: date | None = strawberry.field(
        description="The last day on which it is valid, in the company's time zone; null for no end."
    )
    created_at: datetime = strawberry.field(description="When staff or an import created it.")
    updated_at: datetime = strawberry.field(description="When it last changed. Existing orders keep their taxes.")
