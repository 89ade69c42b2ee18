"""Effects of handlers that can be counted: nothing prevents a second one, as an inbox or a key would."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from domains.kernel.invariants import Invariant
from gateway.infra.postgres import connected
from gateway.messaging.notification_queue import WORKERS

# Each statement that records or withdraws a purchase adds a row, also when it changes nothing.
COUNT_EFFECTS: Final = """
create table purchase_effects (at timestamptz not null default clock_timestamp());
create function count_purchase_effect() returns trigger language plpgsql security definer as $$
begin
  insert into purchase_effects default values;
  return null;
end $$;
create trigger purchase_effect after insert or delete on product_purchases
for each statement execute function count_purchase_effect();
"""
MAILED_AT_ONCE: Final = sum(WORKERS.values())  # by a process that dies before it has recorded them
NOTICE: Final = "An address in your address book was changed"
NOTICES: Final = "select count(*) from outbox_events where topic = 'user.address_changed_by_staff'"
AFTER_FAULTS: Final = "This rule is of the tests."
RULES: Final = (
    Invariant(
        "The purchases of users are those of their paid orders",
        """
        with wanted as (
          select distinct i.product_id, o.user_id, o.id as order_id
          from orders o join order_items i on i.company_id = o.company_id and i.order_id = o.id
          where o.user_id is not null and o.paid_at is not null and o.cancelled_at is null
            and o.amount_refunded < o.amount_captured
        ), found as (select product_id, user_id, order_id from product_purchases)
        select 'missing' as kind, missing.* from (table wanted except table found) missing
        union all select 'unpaid', unpaid.* from (table found except table wanted) unpaid
        """,
        AFTER_FAULTS,
    ),
    Invariant(
        "Each event of a user's purchase had one effect",
        """
        select * from (
          select (select count(*) from outbox_events e join orders o on o.id = e.aggregate_id
                  where o.user_id is not null and (e.topic = 'order.paid'
                    or (e.topic = 'order.cancelled' and (e.payload ->> 'was_paid')::boolean)
                    or (e.topic = 'order.refunded' and (e.payload ->> 'is_whole')::boolean))) as events,
                 (select count(*) from purchase_effects) as effects
        ) counted where events <> effects
        """,
        AFTER_FAULTS,
    ),
)


@dataclass(frozen=True, slots=True)
class DeliveredMail:
    """A mail in the file of COMMERCE_HOME. One that is delivered again has the same id."""

    id: str
    to: str
    subject: str


def delivered(home: Path) -> Sequence[DeliveredMail]:
    """The mails that were delivered, in their order."""
    file = home / "outbox" / "mail.jsonl"
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []
    return [DeliveredMail(mail["id"], mail["to"], mail["subject"]) for mail in lines]


def lost_mail(mails: Sequence[DeliveredMail], promised: Counter[str]) -> list[str]:
    """The addresses that got fewer mails than were promised."""
    return sorted(promised - Counter(mail.to for mail in set(mails)))


async def wrong_notices(mails: Sequence[DeliveredMail], connection: Any) -> list[str]:
    """The numbers of notices and of their events, unless each event was mailed once by its handler."""
    sent, events = sum(mail.subject.endswith(NOTICE) for mail in set(mails)), await connection.fetchval(NOTICES)
    return [] if sent == events else [f"{sent} notices of {events} events"]


def repeated_mail(mails: Sequence[DeliveredMail], deaths: int) -> list[str]:
    """The mails that were delivered again, if more than processes can have begun to deliver when they died."""
    repeated = Counter(mails) - Counter(set(mails))
    return [str(mail) for mail in repeated] if repeated.total() > deaths * MAILED_AT_ONCE else []


async def count_effects(url: str) -> None:
    """Let a database count the effects of handlers."""
    async with connected(url) as connection:
        await connection.execute(COUNT_EFFECTS)
