-- Gift cards as units of orders: they are sold without tax and discounts, and are delivered when the order is paid.

alter table orders add column units_digital integer not null default 0;
alter table orders add constraint orders_digital_units_were_ordered
    check (units_digital >= 0 and units_digital <= units_ordered);
alter table order_items add constraint order_items_gift_cards_have_no_tax
    check (not is_gift_card or (tax_amount = 0 and tax_rate = 0 and discount_amount = 0));
