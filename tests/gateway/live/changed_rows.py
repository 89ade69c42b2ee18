"""Which rows each transaction changes, recorded by triggers in the database of the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from gateway.live.channels import Channel, Channels
from gateway.live.stream import LiveEvent, encoded

Found = set[tuple[int, str]]
"""Transactions, each with the key of what it changed."""
TRIGGERS: Final = """
create table test_changes (transaction_id xid8, kind text, key text);
create function record_change() returns trigger language plpgsql security definer as $$
declare was jsonb = to_jsonb(old); becomes jsonb = to_jsonb(new); seen text[] = tg_argv[2:];
begin
  if exists (select from unnest(seen) as field where was -> field is distinct from becomes -> field) then
    insert into public.test_changes values (pg_current_xact_id(), tg_argv[0], coalesce(becomes, was) ->> tg_argv[1]);
  end if;
  return null;
end $$;
create trigger test_changes after update on orders for each row
  execute function record_change('order', 'id', 'status', 'payment_status', 'fulfilment_status');
create trigger test_changes after insert or update on inventory_items for each row
  execute function record_change('stock', 'sku', 'available_stock');
create trigger test_changes after insert or update or delete on cart_items for each row
  execute function record_change('cart', 'cart_id', 'id', 'quantity', 'price_snapshot');
create trigger test_changes after insert or delete on cart_promotions for each row
  execute function record_change('cart', 'cart_id', 'promotion_id');
create trigger test_changes after update on carts for each row
  execute function record_change('cart', 'id', 'confirmed_email');
"""
NO_TRIGGERS: Final = "drop function record_change() cascade; drop table test_changes"
CHANGES: Final = "select distinct transaction_id::text::bigint, key from test_changes where kind = $1"
EVENTS: Final = "select transaction_id::text::bigint as transaction, * from outbox_events where topic = any($1)"


class ChangedRows:
    """What was changed since the beginning."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    @classmethod
    @asynccontextmanager
    async def recorded(cls, owner: Any) -> AsyncIterator["ChangedRows"]:
        """Record during the block."""
        await owner.execute(TRIGGERS)
        try:
            yield cls(owner)
        finally:
            await owner.execute(NO_TRIGGERS)

    async def of(self, kind: str) -> Found:
        """What was changed of a kind: `order`, `stock` or `cart`."""
        return {(row[0], row[1]) for row in await self._owner.fetch(CHANGES, kind)}

    async def told(self, channel: Channel) -> Found:
        """The keys that the events of a channel name, with the transactions of the events."""
        channels, found = Channels([channel]), set()
        for row in await self._owner.fetch(EVENTS, channels.topics):
            body = encoded(row["topic"], row["company_id"], row["aggregate_id"], row["payload"], row["created_at"])
            rooms = channels.rooms_of(LiveEvent.decoded("1-1", body))
            found |= {(row["transaction"], room.key) for room in rooms if room.key is not None}
        return found
