"""Payloads of the mutations of taxes."""

from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.tax.types import TaxClass, TaxRate

REFUSED = "Why the change was refused; empty on success."


@strawberry.type(description="The result of `taxClassCreate`.")
class TaxClassCreatePayload:
    """The tax class, or why not."""

    tax_class: TaxClass | None = strawberry.field(
        default=None, description="The new tax class; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `taxClassUpdate`.")
class TaxClassUpdatePayload:
    """The tax class, or why not."""

    tax_class: TaxClass | None = strawberry.field(
        default=None, description="The changed tax class; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `taxClassDelete`.")
class TaxClassDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted tax class; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `taxRateCreate`.")
class TaxRateCreatePayload:
    """The tax rate, or why not."""

    tax_rate: TaxRate | None = strawberry.field(
        default=None, description="The new tax rate; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `taxRateUpdate`.")
class TaxRateUpdatePayload:
    """The tax rate, or why not."""

    tax_rate: TaxRate | None = strawberry.field(
        default=None, description="The changed tax rate; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `taxRateDelete`.")
class TaxRateDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted tax rate; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `taxRatesInstall`.")
class TaxRatesInstallPayload:
    """The numbers of rates, or why not."""

    tax_class: TaxClass | None = strawberry.field(
        default=None, description="The default tax class, which has the rates; null when they were refused."
    )
    created_count: int | None = strawberry.field(
        default=None, description="The number of rates that are new; null when they were refused."
    )
    unchanged_count: int | None = strawberry.field(
        default=None, description="The number of rates that the company had already; null when they were refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)
