"""Queries of gift cards, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.payment.gift_cards.listing import ALL
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.payment.gift_cards.inputs import GiftCardFilterInput
from gateway.graphql.payment.gift_cards.types import GiftCard
from gateway.graphql.payment.listing.queries import ByTime
from gateway.graphql.payment.listing.types import READS_ORDERS


@strawberry.type
class GiftCardQuery:
    """The gift cards' fields of Query."""

    @query(READS_ORDERS)
    async def gift_cards(
        self,
        info: Info,
        filter: Annotated[
            GiftCardFilterInput | None,
            strawberry.argument(description="Conditions on the gift cards; all of the company by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="The last four characters of a code, ignoring case; null or empty for all."
            ),
        ] = None,
        direction: ByTime = SortDirection.DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[GiftCard]:
        """The gift cards of the company, by the time at which they were issued."""
        page = await info.context.services.payment.gift_card_listing.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            filter.as_filter() if filter else ALL,
            search=search,
            direction=direction.value,
        )
        return Connection[GiftCard].of(page)

    @query(READS_ORDERS)
    async def gift_card(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a gift card, as `giftCards` shows it.")],
    ) -> GiftCard | None:
        """A gift card of the company; null when there is none."""
        found = await info.context.services.payment.gift_cards.by_id(info.context.reader, [id])
        return present(GiftCard, found[0] if found else None)
