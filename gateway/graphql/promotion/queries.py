"""Queries of promotions: all for staff, the automatic ones for everyone."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.promotion.models import PromotionFilter
from gateway.answers.dependencies import ON_PROMOTIONS, Cached
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, input_values, present, present_all, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.promotion.inputs import PromotionFilterInput, PromotionSortInput
from gateway.graphql.promotion.types import Promotion

MAY_READ = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)


@strawberry.type
class PromotionQuery:
    """The promotion domain's fields of Query."""

    @query(MAY_READ)
    async def promotion(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a promotion of this company.")],
    ) -> Promotion | None:
        """A promotion by its id; null when there is none."""
        context = info.context
        return present(Promotion, await context.services.promotion.find_promotion(context.reader, id))

    @query(MAY_READ)
    async def promotions(
        self,
        info: Info,
        filter: Annotated[
            PromotionFilterInput | None,
            strawberry.argument(description="Conditions on the promotions; all promotions by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "A part of the name or the code, ignoring case, at most 1,000 characters; null or empty for all."
                )
            ),
        ] = None,
        sort_by: Annotated[
            PromotionSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Promotion]:
        """The promotions of the company, ended and inactive ones included."""
        order = sort_by or PromotionSortInput()
        page = await info.context.services.promotion.find_promotions(
            info.context.reader,
            PageArgs(first, after, last, before),
            PromotionFilter(**(input_values(filter) if filter else {}), search=search),
            order=order.field.value,
            direction=order.direction.value,
        )
        return Connection[Promotion].of(page)

    @query(PUBLIC, cached=Cached((ON_PROMOTIONS,), seconds=1))
    async def active_promotions(self, info: Info) -> list[Promotion]:
        """The automatic promotions that are active now, highest priority first.

        Those by code, and those for a customer segment, are not listed.
        """
        context = info.context
        active = await context.services.promotion.get_active_promotions(context.reader, is_automatic=True)
        return present_all(Promotion, active)
