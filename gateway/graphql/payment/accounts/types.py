"""The GraphQL types of payment providers and their accounts, as staff see them."""

from typing import Final

import strawberry

from domains.payment.accounts.installed import InstalledProvider
from gateway.graphql.core.errors import UserError

WEBHOOK_PATH: Final = "/webhooks/{company}/{provider}"


@strawberry.type(description="A setting of the company's account at a payment provider, such as a key.")
class PaymentCredential:
    """A credential field, without the value of a secret."""

    name: str = strawberry.field(description="The name by which `paymentProviderUpdate` sets it, such as secret_key.")
    description: str = strawberry.field(description="Where the provider shows it, and what it is for.")
    is_secret: bool = strawberry.field(description="Whether it is stored encrypted and never shown again.")
    is_set: bool = strawberry.field(description="Whether the company has given it.")
    value: str | None = strawberry.field(description="The value; null for a secret, and for one that is not set.")


@strawberry.type(description="A payment provider of this installation, and the company's account there.")
class PaymentProvider:
    """An installed provider."""

    name: str = strawberry.field(description="The name that the setting `paymentProvider` and payments have.")
    is_connected: bool = strawberry.field(
        description="Whether all credentials are set. A provider without any, such as MOCK, needs no account."
    )
    is_enabled: bool = strawberry.field(
        description="Whether it takes new payments once it is connected. Earlier ones go on without."
    )
    credentials: list[PaymentCredential] = strawberry.field(
        description="What the company gives to connect its account; empty for a provider that needs none."
    )
    webhook_url: str | None = strawberry.field(
        description=(
            "Where the provider sends events about payments: a path on the host of this API, to be entered in the "
            "provider's dashboard. It has the company's slug. Null for a provider without accounts."
        )
    )

    @classmethod
    def of(cls, provider: InstalledProvider, slug: str) -> "PaymentProvider":
        """The provider of the company with this slug."""
        path = WEBHOOK_PATH.format(company=slug, provider=provider.name.lower())
        return cls(
            name=provider.name,
            is_connected=provider.is_connected,
            is_enabled=provider.is_enabled,
            credentials=[
                PaymentCredential(
                    name=field.name,
                    description=field.description,
                    is_secret=field.is_secret,
                    is_set=provider.is_set(field),
                    value=provider.shown(field),
                )
                for field in provider.fields
            ],
            webhook_url=path if provider.fields else None,
        )


@strawberry.type(description="The result of `paymentProviderUpdate`.")
class PaymentProviderUpdatePayload:
    """The provider, or why not."""

    provider: PaymentProvider | None = strawberry.field(
        default=None, description="The provider with the changed account; null if the change was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the change was refused; empty on success."
    )
