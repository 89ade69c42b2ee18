"""What a storefront must know before a buyer pays through a provider."""

from typing import Final

import strawberry

from gateway.answers.dependencies import Cached
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, query

SECONDS: Final = 5.0  # as long as settings and accounts are remembered


@strawberry.type(description="A provider through which the shop takes payments.")
class AvailablePaymentProvider:
    """A provider, as everyone may know it."""

    name: str = strawberry.field(description="The name to give to `paymentCreate`, such as STRIPE, PAYPAL or MOCK.")
    takes_test_cards: bool = strawberry.field(
        description="Whether it takes the numbers of test cards, and no others. Other providers take no card numbers."
    )
    publishable_key: str | None = strawberry.field(
        description=(
            "The key with which the provider's library in the browser is loaded: the publishable key of Stripe, the "
            "client id of PayPal; null when there is none."
        )
    )


@strawberry.type
class PaymentAttemptQuery:
    """The providers that take new payments."""

    @query(PUBLIC, cached=Cached(seconds=SECONDS))
    async def available_payment_providers(self, info: Info) -> list[AvailablePaymentProvider]:
        """The providers through which the shop takes payments now, its own choice first."""
        reader, payment = info.context.reader, info.context.services.payment
        default = (await payment.settings.current(reader)).payment_provider
        return [
            AvailablePaymentProvider(
                name=offered.name,
                takes_test_cards=not offered.fields,
                publishable_key=offered.publishable_key,
            )
            for offered in await payment.accounts.offered(reader, default)
        ]
