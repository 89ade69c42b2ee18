-- The shipping method that the buyer of a cart chose, what an order keeps of it, and lines that are not shipped.
-- Adding columns without a default, or with a constant one, rewrites no table.

alter table "carts"
    add column "shipping_method_id" uuid,
    add column "shipping_rate" decimal(19, 4),
    add column "shipping_rate_digest" text,
    add column "shipping_rate_until" timestamptz(6),
    add constraint "carts_shipping_rate_is_complete" check (
        num_nonnulls("shipping_rate", "shipping_rate_digest", "shipping_rate_until") in (0, 3)
        and ("shipping_rate" is null or "shipping_method_id" is not null)
    ),
    add constraint "carts_shipping_rate_not_negative" check ("shipping_rate" >= 0);

alter table "orders"
    add column "shipping_method_id" uuid,
    add column "shipping_method" text,
    add column "shipping_carrier" text,
    add column "shipping_service_type" text,
    add column "shipping_weight" decimal(19, 3),
    add column "earliest_delivery_date" date,
    add column "estimated_delivery_date" date,
    add column "pickup_warehouse_id" uuid,
    add column "tax_country" char(2),
    add constraint "orders_shipping_method_has_name" check (
        "shipping_method" is not null
        or num_nonnulls("shipping_method_id", "shipping_carrier", "shipping_service_type", "shipping_weight",
            "earliest_delivery_date", "estimated_delivery_date", "pickup_warehouse_id") = 0
    ),
    add constraint "orders_shipping_service_type_is_known" check (
        "shipping_service_type" in ('STANDARD', 'EXPRESS', 'OVERNIGHT')
    ),
    add constraint "orders_shipping_weight_not_negative" check ("shipping_weight" >= 0),
    add constraint "orders_delivery_dates_in_order" check (
        num_nonnulls("earliest_delivery_date", "estimated_delivery_date") in (0, 2)
        and ("earliest_delivery_date" is null or "earliest_delivery_date" <= "estimated_delivery_date")
    );

alter table "order_items" add column "requires_shipping" boolean not null default true;
update "order_items" set "requires_shipping" = false where "is_gift_card";
alter table "order_items" add constraint "order_items_gift_cards_are_not_shipped" check (
    not ("is_gift_card" and "requires_shipping")
);
