"""Lists of payments, their transactions and refunds, and of the audit log, for staff. Newest first by default."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import NAME_LENGTH, normalize_search
from domains.kernel.values.ranges import require_range
from domains.payment import data
from domains.payment.listing.filters import AuditFilter, PaymentFilter, RefundFilter, TransactionFilter
from domains.payment.models import Payment, PaymentAuditLog, PaymentTransaction, Refund
from domains.payment.providers.recorded_provider import RECORDED
from domains.payment.providers.registry import Providers

ALL_PAYMENTS: Final = PaymentFilter()
ALL_TRANSACTIONS: Final = TransactionFilter()
ALL_REFUNDS: Final = RefundFilter()
ALL_ENTRIES: Final = AuditFilter()
NO_ROW: Final[Mapping[str, Any]] = {"id": {"in": []}}


class PaymentLists:
    """Pages by time. Each list raises RangeInverted for an empty range, and what `fetch_page` raises."""

    def __init__(self, providers: Providers) -> None:
        self._providers = sorted({*RECORDED, *providers.built_in, *providers.adapters})

    async def payments(
        self,
        db: Reader,
        args: PageArgs,
        filters: PaymentFilter = ALL_PAYMENTS,
        *,
        search: str | None = None,
        direction: Direction = "desc",
    ) -> Page[Payment]:
        """One page of payments by the time of creation; `search` is the provider's id of one, all of it.

        Raises TooLong and InvalidInput for the search.
        """
        require_range(filters.amount_at_least, filters.amount_at_most, field=("amount_at_most",))
        where = {
            **_known(
                id=_among(filters.ids),
                order_id=filters.order_id,
                provider=_among(filters.providers),
                method=_among(filters.methods and [method.value for method in filters.methods]),
                status=_among(filters.statuses),
                amount=_between(filters.amount_at_least, filters.amount_at_most),
                created_at=_during(filters.created_from, filters.created_before, "created_before"),
            ),
            "AND": self._searched(search),
        }
        sort = Sort("created_at", datetime, direction)
        return await fetch_page(data.payment, db, args, sort=sort, where=where)

    async def transactions(
        self,
        db: Reader,
        args: PageArgs,
        filters: TransactionFilter = ALL_TRANSACTIONS,
        *,
        search: str | None = None,
        direction: Direction = "desc",
    ) -> Page[PaymentTransaction]:
        """One page of transactions by their time at the provider; `search` is the provider's id, all of it.

        One statement more for those of an order. Raises TooLong and InvalidInput for the search.
        """
        where = {
            **_known(
                payment_id=filters.payment_id,
                provider=_among(filters.providers),
                type=_among(filters.types),
                status=_among(filters.statuses),
                processed_at=_during(filters.processed_from, filters.processed_before, "processed_before"),
            ),
            "AND": [*await _of_order(db, filters.order_id), *self._searched(search)],
        }
        sort = Sort("processed_at", datetime, direction)
        return await fetch_page(data.payment_transaction, db, args, sort=sort, where=where)

    async def refunds(
        self, db: Reader, args: PageArgs, filters: RefundFilter = ALL_REFUNDS, *, direction: Direction = "desc"
    ) -> Page[Refund]:
        """One page of refunds by the time of creation."""
        where = _known(
            payment_id=filters.payment_id,
            order_id=filters.order_id,
            status=_among(filters.statuses),
            created_at=_during(filters.created_from, filters.created_before, "created_before"),
        )
        sort = Sort("created_at", datetime, direction)
        return await fetch_page(data.refund, db, args, sort=sort, where=where)

    async def entries(
        self, db: Reader, args: PageArgs, filters: AuditFilter = ALL_ENTRIES, *, direction: Direction = "desc"
    ) -> Page[PaymentAuditLog]:
        """One page of the audit log by time."""
        where = _known(
            payment_id=filters.payment_id,
            order_id=filters.order_id,
            user_id=filters.user_id,
            event_type=_among(filters.event_types),
            success=filters.success,
            timestamp=_during(filters.since, filters.until, "until"),
        )
        sort = Sort("timestamp", datetime, direction)
        return await fetch_page(data.payment_audit_log, db, args, sort=sort, where=where)

    async def transactions_by_id(self, db: Reader, ids: Collection[UUID]) -> list[PaymentTransaction]:
        """The transactions with these ids, in no order. One statement."""
        return await data.payment_transaction.find_many(db, where={"id": {"in": list(ids)}})

    async def entries_by_id(self, db: Reader, ids: Collection[UUID]) -> list[PaymentAuditLog]:
        """The entries of the audit log with these ids, in no order. One statement."""
        return await data.payment_audit_log.find_many(db, where={"id": {"in": list(ids)}})

    async def entries_of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[PaymentAuditLog]:
        """What the audit log has of orders, in no order. One statement."""
        return await data.payment_audit_log.find_many(db, where={"order_id": {"in": list(order_ids)}})

    def _searched(self, search: str | None) -> list[Mapping[str, Any]]:
        """The search of a provider's id. The providers are named because the unique index begins with them."""
        text = normalize_search(search, max_length=NAME_LENGTH)
        if text is None:
            return []
        return [{"provider": {"in": self._providers}, "provider_transaction_id": text}] if text else [NO_ROW]


async def _of_order(db: Reader, order_id: UUID | None) -> list[Mapping[str, Any]]:
    """The condition that a transaction is of one of an order's payments."""
    if order_id is None:
        return []
    payments = await data.payment.find_many(db, where={"order_id": order_id})
    return [{"payment_id": {"in": [payment.id for payment in payments]}}]


def _known(**conditions: Any) -> dict[str, Any]:
    """The conditions that are set."""
    return {name: condition for name, condition in conditions.items() if condition is not None}


def _among(values: Sequence[Any] | None) -> Mapping[str, Any] | None:
    return None if values is None else {"in": list(values)}


def _during(start: datetime | None, end: datetime | None, field: str) -> Mapping[str, Any] | None:
    """From a time on, and before another."""
    require_range(start, end, field=(field,))
    return _known(gte=start, lt=end) or None


def _between(low: Decimal | None, high: Decimal | None) -> Mapping[str, Any] | None:
    return _known(gte=low, lte=high) or None
