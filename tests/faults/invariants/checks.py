"""What must hold in a shop after any fault, once everything that was begun has been completed."""

from decimal import Decimal
from typing import Any, Final

from domains.kernel.invariants import Invariant
from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from gateway.services import domains_of, rules_of
from tests.faults.invariants import effects
from tests.faults.invariants.effects import AFTER_FAULTS, delivered, lost_mail, repeated_mail, wrong_notices
from tests.faults.shop import Shop, Told

OPEN: Final = "('PENDING', 'PAYMENT_PENDING', 'CONFIRMED', 'PAID', 'PROCESSING')"
# The doctor gives most of these an hour or does not ask; after a drain they hold at once.
RULES: Final = (
    Invariant(
        "An open order has all its units reserved, and another one none",
        f"""
        select o.order_number, o.status, i.sku, i.quantity, coalesce(r.reserved, 0) as reserved
        from orders o
        join order_items i on i.company_id = o.company_id and i.order_id = o.id
        left join (
            select r.company_id, r.order_id, s.sku, sum(r.quantity) as reserved
            from reservations r join inventory_items s on s.company_id = r.company_id and s.id = r.inventory_id
            where r.status = 'ACTIVE' group by r.company_id, r.order_id, s.sku
        ) r on r.company_id = o.company_id and r.order_id = o.id and r.sku = i.sku
        where coalesce(r.reserved, 0) <> case when o.status in {OPEN} then i.quantity else 0 end
        """,  # noqa: S608 - a constant
        AFTER_FAULTS,
    ),
    Invariant(
        "A charge at the provider is a payment that succeeded, and the reverse",
        """
        select p.order_id, p.id as payment, p.status, m.reference, m.status as at_provider
        from payments p full join mock_charges m on m.reference = p.id
        where (p.status is not distinct from 'SUCCEEDED') <> (m.status is not distinct from 'APPROVED')
        """,
        AFTER_FAULTS,
    ),
    Invariant(
        "A refund at the provider is a refund that succeeded, and the reverse",
        """
        select r.order_id, r.id as refund, r.status, r.amount, m.reference, m.status as at_provider
        from refunds r full join mock_refunds m on m.reference = r.id
        where (r.status is not distinct from 'SUCCEEDED') <> (m.status is not distinct from 'APPROVED')
           or r.amount <> m.amount
        """,
        AFTER_FAULTS,
    ),
    Invariant(
        "No payment, refund or order waits for an outcome",
        """
        select 'payment' as kind, id, status::text from payments where status not in
            ('SUCCEEDED', 'FAILED', 'CANCELLED')
        union all select 'refund', id, status::text from refunds where status = 'PENDING'
        union all select 'order', id, status::text from orders where status = 'PAYMENT_PENDING'
        """,
        AFTER_FAULTS,
    ),
    Invariant(
        "Each fact has exactly one event",
        """
        with facts as (
            select id, 'order.created' as topic, 1 as times from orders
            union all select id, 'order.paid', (paid_at is not null)::int from orders
            union all select id, 'order.cancelled', (cancelled_at is not null)::int from orders
            union all select id, 'order.failed', (failed_at is not null)::int from orders
            union all select o.id, 'order.refunded', count(r.id)::int from orders o
              left join refunds r on r.order_id = o.id and r.status = 'SUCCEEDED' group by o.id
            union all select id, 'inventory.reserved', 1 from orders
            union all select id, 'inventory.released', (cancelled_at is not null or failed_at is not null)::int
              from orders
            union all select id, 'payment.captured', 1 from payments where status = 'SUCCEEDED'
            union all select payment_id, 'payment.refunded', count(*)::int from refunds
              where status = 'SUCCEEDED' group by payment_id
        )
        select facts.id, facts.topic, facts.times, count(e.id) as events
        from facts left join outbox_events e on e.aggregate_id = facts.id and e.topic = facts.topic
        group by facts.id, facts.topic, facts.times having count(e.id) <> facts.times
        """,
        AFTER_FAULTS,
    ),
    Invariant(
        "No event waits or is dead, and no notification waits",
        """
        select 'event' as kind, id, topic, last_error from outbox_events where published_at is null
        union all select 'notification', notification_id, null, null from queued_notifications
        """,
        AFTER_FAULTS,
    ),
)


async def require_all(platform: Platform, url: str, shop: Shop, *, deaths: int = 0) -> None:
    """Raise AssertionError, with every violation, unless all invariants hold and clients were told the truth.

    Mail may have been delivered again by each of the processes that died; no other effect is repeated.
    """
    found: dict[str, list[Any]] = {rule: rows for rule, rows in (await violations(url)).items() if rows}
    async with connected(url) as connection:
        if unhandled := await wrong_inbox(platform, connection):
            found["Each event was handled once by each of its handlers"] = unhandled
        if untrue := await untrue_answers(connection, shop.told):
            found["What clients were told is so"] = untrue
        if uneven := await wrong_stock(connection, shop):
            found["Every unit is available, reserved or shipped"] = uneven
        mails = delivered(platform.settings.commerce_home)
        if wrong := await wrong_notices(mails, connection):
            found["Each event of a notice was mailed by one handling"] = wrong
    if lost := lost_mail(mails, shop.told.mailed):
        found["Mail that was promised was sent"] = lost
    if repeated := repeated_mail(mails, deaths):
        found["Only mail of processes that died is delivered again"] = repeated
    assert not found, "\n".join(f"{rule}: {rows[:5]}" for rule, rows in found.items())


async def violations(url: str) -> dict[str, list[Any]]:
    """The violations of the rules of the doctor and of the tests."""
    async with connected(url) as connection:
        return {each.rule: list(await each.violations(connection)) for each in (*rules_of(), *RULES, *effects.RULES)}


async def wrong_inbox(platform: Platform, connection: Any) -> list[Any]:
    """The pairs of event and handler that are missing in the inbox, or that should not be in it."""
    events = await connection.fetch("select id, topic, payload from outbox_events where published_at is not null")
    subscriptions = [
        each
        for name, domain in domains_of().items()
        for each in domain.subscriptions(getattr(platform.services, name))
    ]
    expected = {
        (row["id"], subscription.name)
        for row in events
        for subscription in subscriptions
        if row["topic"] in subscription.topics and subscription.only_if(row["payload"])
    }
    handled = {tuple(row) for row in await connection.fetch("select event_id, handler from inbox_entries")}
    return sorted(expected ^ handled, key=str)


async def untrue_answers(connection: Any, told: Told) -> list[str]:
    """The answers to clients that the database does not confirm, and orders that no client was told of."""
    rows = await connection.fetch(
        "select id::text, order_number, total, paid_at is not null as paid, cancelled_at is not null as cancelled, "
        "accepted_at is not null as accepted from orders"
    )
    orders = {row["id"]: row for row in rows}
    refunds = await connection.fetch("select id::text, order_id::text from refunds where status = 'SUCCEEDED'")
    wrong = [
        f"{each.number} is not the order that was placed"
        for each in told.placed.values()
        if each.id not in orders
        or (orders[each.id]["order_number"], orders[each.id]["total"]) != (each.number, Decimal(each.total))
    ]
    wrong += [f"{each} was told to be paid" for each in told.paid if not orders[each]["paid"]]
    wrong += [f"{each} was told to be accepted" for each in told.accepted if not orders[each]["accepted"]]
    wrong += [f"{each} was told to be cancelled" for each in told.cancelled if not orders[each]["cancelled"]]
    wrong += [f"refund {each} was told" for each in told.refunded.items() - {tuple(row) for row in refunds}]
    wrong += [f"{row['order_number']} exists, and no client knows it" for row in rows if row["id"] not in told.placed]
    return wrong


async def wrong_stock(connection: Any, shop: Shop) -> list[str]:
    """The SKUs whose units are not those that were ever added, without those of open and shipped orders."""
    rows = await connection.fetch(
        f"""
        select s.sku, s.available_stock, s.reserved_stock,
          coalesce((select sum(i.quantity) from order_items i join orders o on o.id = i.order_id
                    where i.sku = s.sku and o.status in {OPEN}), 0) as wanted,
          coalesce((select sum(i.quantity) from order_items i join orders o on o.id = i.order_id
                    where i.sku = s.sku and o.units_shipped > 0), 0) as shipped,
          coalesce((select sum(m.available_delta) from stock_movements m where m.inventory_id = s.id
                    and m.type = 'PURCHASE'), 0) as added
        from inventory_items s
        """  # noqa: S608 - a constant
    )
    return [
        str(dict(row))
        for row in rows
        if row["reserved_stock"] != row["wanted"]
        or row["added"] < shop.stocked[row["sku"]]
        or row["available_stock"] + row["reserved_stock"] + row["shipped"] != row["added"]
    ]
