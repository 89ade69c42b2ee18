"""Shipping profiles as the API shows them."""

from datetime import datetime

import strawberry

from domains.shipping import models
from gateway.graphql.core.node import Node


@strawberry.type(
    description="Goods that only some shipping methods carry, such as furniture. Requires SETTINGS:READ."
)
class ShippingProfile(Node, model=models.ShippingProfile):
    """The shipping domain's ShippingProfile."""

    name: str = strawberry.field(description="The name that staff see.")
    is_default: bool = strawberry.field(
        description="Whether it is the profile of products without one. At most one profile is."
    )
    created_at: datetime = strawberry.field(description="When staff created it.")
    updated_at: datetime = strawberry.field(description="When its name changed, or whether it is the default one.")
