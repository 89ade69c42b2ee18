-- An order that costs nothing is accepted at once: until staff move it on it counts as one that waits.

alter table orders drop constraint orders_placed_from_while_unpaid;
alter table orders add constraint orders_placed_from_while_unpaid
    check (placed_from is null or status in ('PENDING', 'PAYMENT_PENDING') or (status = 'CONFIRMED' and total = 0));
