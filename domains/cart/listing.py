"""Lists of carts for staff: filtered, searched by customer, sorted."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from domains.auth.fragments import SEARCHED_USERS
from domains.cart import data
from domains.cart.models import Cart, CartFilter, cart_from_record
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Column, Condition, Keyset
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.pagination.sql_lists import fetch_list, present_conditions
from domains.kernel.text.names import search_patterns
from domains.kernel.values.ranges import require_range

_HAS_ITEMS: Final = "exists (select from cart_items i where i.company_id = c.company_id and i.cart_id = c.id)"
_OF_CUSTOMER: Final = f"""(c.confirmed_email like any({{}}::text[]) or exists (
  select from {SEARCHED_USERS} u where u.id = c.user_id and u.search_text like any({{}}::text[])))"""


class CartSort(StrEnum):
    """The fields that lists of carts can be sorted by."""

    UPDATED_AT = "updated_at"
    CREATED_AT = "created_at"


# Ids are in the order of time (UUIDv7), and have an index that creation times need not have as well.
_ID: Final = Column("c.id", UUID)
_COLUMNS: Final = {
    CartSort.UPDATED_AT: (Column("c.updated_at", datetime), _ID),
    CartSort.CREATED_AT: (_ID,),
}


class CartListing:
    """Lists the carts of a company, for staff."""

    async def find(
        self,
        db: Reader,
        args: PageArgs,
        filters: CartFilter,
        *,
        search: str | None = None,
        sort: CartSort = CartSort.UPDATED_AT,
        descending: bool = True,
    ) -> Page[Cart]:
        """One page of the company's carts, with expired ones that are not deleted yet.

        `search` is a part of a customer's name, e-mail address or telephone number. One statement, and one more when
        they are counted. Raises RangeInverted, TooLong, InvalidInput, CursorInvalid.
        """
        require_range(filters.updated_after, filters.updated_before, field=("updated_before",))
        keyset = Keyset.of(args, _COLUMNS[sort], order=sort, descending=descending)
        page = await fetch_list(
            db,
            keyset,
            select=data.cart.columns("c"),
            source="from carts c where c.company_id = $1",
            conditions=_conditions(filters, search),
        )
        return page.map(cart_from_record)


def _conditions(filters: CartFilter, search: str | None) -> list[Condition]:
    patterns = search_patterns(search)
    customers = [(_OF_CUSTOMER, (patterns, patterns))] if patterns is not None else []
    return [
        *customers,
        *present_conditions(
            {
                "(c.user_id is null) = {}": filters.is_guest,
                f"(not {_HAS_ITEMS}) = {{}}": filters.is_empty,
                "c.user_id = {}": filters.user_id,
                "c.updated_at >= {}": filters.updated_after,
                "c.updated_at < {}": filters.updated_before,
            }
        ),
    ]
