"""The payment domain's fields of Query."""

import strawberry

from domains.payment.models import PaymentMethod
from gateway.answers.dependencies import Cached
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, query


@strawberry.type
class PaymentQuery:
    """The payment domain's fields of Query."""

    @query(PUBLIC, cached=Cached())
    async def payment_methods(self, info: Info) -> list[PaymentMethod]:
        """The payment methods that the shop offers to you. It may offer more to logged-in customers."""
        context = info.context
        return await context.services.payment.methods.accepted(context.reader, context.actor)
