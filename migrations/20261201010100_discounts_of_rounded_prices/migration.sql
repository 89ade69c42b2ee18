-- The amount of a line is rounded to the currency's minor unit, so it can exceed the product of a unit price that has
-- four decimals: 0.0050 EUR is sold for 0.01 EUR, all of which can be taken off.
alter table order_items drop constraint order_items_discount_bounded;
alter table order_items add constraint order_items_discount_bounded
    check (discount_amount >= 0 and discount_amount <= ceil(unit_price * quantity) + 0.0001 * quantity);
