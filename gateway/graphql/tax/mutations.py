"""Mutations of tax classes and rates."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.tax.models import NewTaxRate, TaxClassChanges, TaxRateChanges
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present, requires
from gateway.graphql.tax import inputs, payloads
from gateway.graphql.tax.types import TaxClass, TaxRate

MAY_UPDATE = requires(PermissionResource.SETTINGS, PermissionAction.UPDATE)


@strawberry.type
class TaxMutation:
    """The tax domain's fields of Mutation."""

    @command(MAY_UPDATE)
    async def tax_class_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.TaxClassCreateInput, strawberry.argument(description="The code and the name of the new class.")
        ],
    ) -> payloads.TaxClassCreatePayload:
        """Create a tax class. `productUpdate` assigns products to it."""
        tax_class = await info.context.services.tax.classes.create(tx, from_input(TaxClassChanges, input))
        return payloads.TaxClassCreatePayload(tax_class=present(TaxClass, tax_class))

    @command(MAY_UPDATE)
    async def tax_class_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.TaxClassUpdateInput,
            strawberry.argument(description="The id of the tax class, and the fields to change."),
        ],
    ) -> payloads.TaxClassUpdatePayload:
        """Change a tax class, or make it the default one."""
        changes = from_input(TaxClassChanges, input, exclude=("id",))
        tax_class = await info.context.services.tax.classes.update(tx, input.id, changes)
        return payloads.TaxClassUpdatePayload(tax_class=present(TaxClass, tax_class))

    @command(MAY_UPDATE)
    async def tax_class_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.TaxClassDeleteInput, strawberry.argument(description="The id of a class that nothing uses.")
        ],
    ) -> payloads.TaxClassDeletePayload:
        """Delete a tax class that no product, rate or setting uses."""
        await info.context.services.tax.classes.delete(tx, input.id)
        return payloads.TaxClassDeletePayload(deleted_id=input.id)

    @command(MAY_UPDATE)
    async def tax_rate_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.TaxRateCreateInput,
            strawberry.argument(description="The class, the place, the days and the rate of one tax."),
        ],
    ) -> payloads.TaxRateCreatePayload:
        """Create a tax rate. It must not overlap another rate of the same tax, class and place."""
        rate = await info.context.services.tax.rates.create(tx, from_input(NewTaxRate, input))
        return payloads.TaxRateCreatePayload(tax_rate=present(TaxRate, rate))

    @command(MAY_UPDATE)
    async def tax_rate_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.TaxRateUpdateInput,
            strawberry.argument(description="The id of the tax rate, and the fields to change."),
        ],
    ) -> payloads.TaxRateUpdatePayload:
        """Change a tax rate. When a tax changes, end its rate and create another, so that the past stays readable."""
        changes = from_input(TaxRateChanges, input, exclude=("id",))
        rate = await info.context.services.tax.rates.update(tx, input.id, changes)
        return payloads.TaxRateUpdatePayload(tax_rate=present(TaxRate, rate))

    @command(MAY_UPDATE)
    async def tax_rate_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.TaxRateDeleteInput, strawberry.argument(description="The id of the tax rate to delete.")
        ],
    ) -> payloads.TaxRateDeletePayload:
        """Delete a tax rate. Existing orders keep their taxes."""
        await info.context.services.tax.rates.delete(tx, input.id)
        return payloads.TaxRateDeletePayload(deleted_id=input.id)

    @command(MAY_UPDATE)
    async def tax_rates_install(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.TaxRatesInstallInput, strawberry.argument(description="The countries whose rates to install.")
        ],
    ) -> payloads.TaxRatesInstallPayload:
        """Create the standard rates of countries in the default tax class, and the class if there is none.

        They are a start: check them before you sell. Rates that the company has stay, so that a second call changes
        nothing; if one of them differs, nothing is installed.
        """
        installed = await info.context.services.tax.starter.install(tx, input.countries)
        return payloads.TaxRatesInstallPayload(
            tax_class=present(TaxClass, installed.tax_class),
            created_count=installed.created,
            unchanged_count=installed.unchanged,
        )
