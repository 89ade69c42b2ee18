-- What an order holds of a SKU is one row: reserving more of it adds to the row, and ending it ends all of it.
create unique index reservations_one_active_per_order_and_item on reservations (company_id, order_id, inventory_id)
    where status = 'ACTIVE';
