-- What Prisma's schema language cannot say: every invariant that a constraint can hold.
-- Times are compared only where a person gives both: the application's clock and the database's are two clocks.

-- ---------------------------------------------------------------- kernel

alter table outbox_events
    add constraint outbox_events_payload_is_object check (jsonb_typeof(payload) = 'object'),
    add constraint outbox_events_attempts_counted check (attempts >= 0),
    add constraint outbox_events_version_positive check (version > 0),
    add constraint outbox_events_published_or_dead check (published_at is null or dead_at is null);

-- What the relay looks for; published events, nearly all of them, take no room in it.
create index outbox_events_waiting on outbox_events (sequence)
    where published_at is null and dead_at is null;
create index outbox_events_unpublished on outbox_events (aggregate_id, sequence)
    where published_at is null and dead_at is null;
create index outbox_events_dead on outbox_events (dead_at) where dead_at is not null;

alter table idempotency_keys
    add constraint idempotency_keys_key_present check (key <> '');

-- ---------------------------------------------------------------- company

alter table companies
    add constraint companies_name_present check (name <> ''),
    add constraint companies_slug_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    add constraint companies_currency_code check (currency ~ '^[A-Z]{3}$'),
    add constraint companies_tax_rate_is_share check (tax_rate >= 0 and tax_rate < 1),
    add constraint companies_flat_shipping_not_negative check (flat_shipping >= 0),
    add constraint companies_free_shipping_not_negative check (free_shipping_threshold >= 0);

-- ---------------------------------------------------------------- role

alter table roles
    add constraint roles_name_present check (name <> ''),
    add constraint roles_code_plain check (code ~ '^[A-Z][A-Z0-9_]*$'),
    add constraint roles_priority_bounded check (priority between 0 and 100),
    add constraint roles_system_has_no_company check (is_system = (company_id is null)),
    add constraint roles_super_admin_is_the_systems check (is_system or (code <> 'SUPER_ADMIN' and priority < 100)),
    add constraint roles_id_company unique (id, company_id);

-- The unique key over company and code takes rows without a company for different ones.
create unique index roles_system_code on roles (code) where company_id is null;

alter table role_permissions
    add constraint role_permissions_of_the_roles_company
        foreign key (role_id, company_id) references roles (id, company_id) on delete cascade;

-- ---------------------------------------------------------------- auth

alter table users
    add constraint users_email_folded check (email = lower(email) and email like '%_@_%'),
    add constraint users_pending_email_folded check (pending_email = lower(pending_email) and pending_email like '%_@_%'),
    add constraint users_password_is_argon2id check (password_hash like '$argon2id$%');

alter table addresses
    add constraint addresses_country_code check (country ~ '^[A-Z]{2}$');

create unique index addresses_one_default_per_type on addresses (company_id, user_id, type) where is_default;

alter table user_sessions
    add constraint user_sessions_refresh_token_hashed check (refresh_token ~ '^[0-9a-f]{64}$'),
    add constraint user_sessions_end_has_reason check ((ended_at is null) = (end_reason is null));

alter table spent_refresh_tokens
    add constraint spent_refresh_tokens_hashed check (token_hash ~ '^[0-9a-f]{64}$');

alter table verification_codes
    add constraint verification_codes_hashed check (code ~ '^[0-9a-f]{64}$'),
    add constraint verification_codes_attempts_counted check (attempts >= 0);

alter table password_reset_tokens
    add constraint password_reset_tokens_hashed check (token_hash ~ '^[0-9a-f]{64}$');

-- ---------------------------------------------------------------- activity

alter table activity_logs
    add constraint activity_logs_metadata_is_object check (jsonb_typeof(metadata) = 'object');

-- ---------------------------------------------------------------- catalog

alter table categories
    add constraint categories_name_present check (name <> ''),
    add constraint categories_slug_present check (slug <> ''),
    add constraint categories_not_its_own_parent check (parent_id <> id);

alter table category_attributes
    add constraint category_attributes_name_present check (name <> ''),
    add constraint category_attributes_select_has_options check (type <> 'SELECT' or cardinality(options) > 0);

alter table products
    add constraint products_name_present check (name <> ''),
    add constraint products_slug_present check (slug <> ''),
    add constraint products_sku_present check (sku <> ''),
    add constraint products_currency_code check (currency ~ '^[A-Z]{3}$'),
    add constraint products_base_price_not_negative check (base_price >= 0),
    add constraint products_compare_at_price_not_negative check (compare_at_price >= 0),
    add constraint products_view_count_not_negative check (view_count >= 0),
    add constraint products_ratings_between_one_and_five
        check (review_count >= 0 and rating_sum between review_count and 5 * review_count);

alter table product_attributes
    add constraint product_attributes_name_present check (name <> '');

alter table product_variants
    add constraint product_variants_sku_present check (sku <> ''),
    add constraint product_variants_name_present check (name <> ''),
    add constraint product_variants_compare_at_price_not_negative check (compare_at_price >= 0),
    add constraint product_variants_options_at_most_three
        check (case when jsonb_typeof(options) = 'array' then jsonb_array_length(options) <= 3 else false end);

alter table reviews
    add constraint reviews_rating_between_one_and_five check (rating between 1 and 5),
    add constraint reviews_helpful_count_not_negative check (helpful_count >= 0);

alter table product_views
    add constraint product_views_positive check (views > 0);

alter table product_search
    add constraint product_search_price_not_negative check (price >= 0),
    add constraint product_search_rating_bounded check (rating between 0 and 5);

-- ---------------------------------------------------------------- inventory

alter table inventory_items
    add constraint inventory_items_sku_present check (sku <> ''),
    add constraint inventory_items_available_not_negative check (available_stock >= 0),
    add constraint inventory_items_reserved_not_negative check (reserved_stock >= 0),
    add constraint inventory_items_total_adds_up check (total_stock = available_stock + reserved_stock),
    add constraint inventory_items_reorder_point_not_negative check (reorder_point >= 0),
    add constraint inventory_items_reorder_quantity_not_negative check (reorder_quantity >= 0);

create unique index inventory_items_one_without_variant on inventory_items (company_id, product_id)
    where variant_id is null;

-- `quantity` is how many units moved; the two deltas say in which direction and between which balances.
alter table stock_movements
    add constraint stock_movements_quantity_positive check (quantity > 0),
    add constraint stock_movements_deltas_move_the_quantity
        check (greatest(abs(available_delta), abs(reserved_delta)) = quantity),
    add constraint stock_movements_balance_not_negative check (balance_after >= 0),
    add constraint stock_movements_reservation_moves_within
        check (type not in ('RESERVATION', 'RELEASE') or available_delta + reserved_delta = 0);

alter table reservations
    add constraint reservations_quantity_positive check (quantity > 0),
    add constraint reservations_for_order_or_cart check (num_nonnulls(order_id, cart_id) >= 1);

-- ---------------------------------------------------------------- promotion

alter table promotions
    add constraint promotions_name_present check (name <> ''),
    add constraint promotions_code_present check (code <> ''),
    add constraint promotions_found_by_code_or_automatic check (is_automatic or code is not null),
    add constraint promotions_currency_code check (currency ~ '^[A-Z]{3}$'),
    add constraint promotions_discount_not_negative check (discount_value >= 0),
    add constraint promotions_percentage_bounded check (discount_type <> 'PERCENTAGE' or discount_value <= 100),
    add constraint promotions_quantities_positive check (buy_quantity > 0 and get_quantity > 0),
    add constraint promotions_buy_x_get_y_complete
        check (discount_type <> 'BUY_X_GET_Y' or num_nonnulls(buy_quantity, get_quantity) = 2),
    add constraint promotions_required_orders_positive check (required_orders > 0),
    add constraint promotions_min_purchase_not_negative check (min_purchase_amount >= 0),
    add constraint promotions_use_within_maximum
        check (current_usage_count >= 0 and current_usage_count <= coalesce(max_usage_count, current_usage_count)),
    add constraint promotions_maximum_not_negative check (max_usage_count >= 0),
    add constraint promotions_maximum_per_user_positive check (max_usage_per_user > 0),
    add constraint promotions_dates_ordered check (end_date > start_date);

alter table promotion_uses
    add constraint promotion_uses_email_folded check (email = lower(email));

-- ---------------------------------------------------------------- payment

alter table payments
    add constraint payments_amount_positive check (amount > 0),
    add constraint payments_currency_code check (currency ~ '^[A-Z]{3}$'),
    add constraint payments_card_last_4_digits check (card_last_4 ~ '^[0-9]{4}$');

alter table refunds
    add constraint refunds_amount_positive check (amount > 0),
    add constraint refunds_currency_code check (currency ~ '^[A-Z]{3}$');

-- ---------------------------------------------------------------- cart

alter table carts
    add constraint carts_currency_code check (currency ~ '^[A-Z]{3}$'),
    add constraint carts_belong_to_somebody check (num_nonnulls(user_id, session_id) >= 1),
    add constraint carts_session_hashed check (session_id ~ '^[0-9a-f]{64}$');

alter table cart_items
    add constraint cart_items_quantity_positive check (quantity > 0),
    add constraint cart_items_currency_code check (currency ~ '^[A-Z]{3}$'),
    add constraint cart_items_price_not_negative check (price_snapshot >= 0),
    add constraint cart_items_discount_bounded
        check (discount_amount >= 0 and discount_amount <= price_snapshot * quantity);

create unique index cart_items_one_line_per_sku on cart_items (company_id, cart_id, product_id, variant_id)
    nulls not distinct;

-- ---------------------------------------------------------------- order

alter table orders
    add constraint orders_number_present check (order_number <> ''),
    add constraint orders_email_folded check (email = lower(email)),
    add constraint orders_guest_token_hashed check (guest_token_hash ~ '^[0-9a-f]{64}$'),
    add constraint orders_currency_code check (currency ~ '^[A-Z]{3}$'),
    add constraint orders_subtotal_not_negative check (subtotal >= 0),
    add constraint orders_tax_not_negative check (tax_amount >= 0),
    add constraint orders_shipping_not_negative check (shipping_cost >= 0),
    add constraint orders_discount_bounded check (discount_amount >= 0 and discount_amount <= subtotal + shipping_cost),
    add constraint orders_total_not_negative check (total >= 0),
    add constraint orders_tax_rate_is_share check (tax_rate >= 0 and tax_rate < 1),
    add constraint orders_paid_has_time check (status <> 'PAID' or paid_at is not null),
    add constraint orders_cancelled_has_time check (status <> 'CANCELLED' or cancelled_at is not null);

alter table order_addresses
    add constraint order_addresses_country_code check (country ~ '^[A-Z]{2}$');

alter table order_items
    add constraint order_items_quantity_positive check (quantity > 0),
    add constraint order_items_currency_code check (currency ~ '^[A-Z]{3}$'),
    add constraint order_items_price_not_negative check (unit_price >= 0),
    add constraint order_items_tax_not_negative check (tax_amount >= 0),
    add constraint order_items_total_not_negative check (total_price >= 0),
    add constraint order_items_discount_bounded
        check (discount_amount >= 0 and discount_amount <= unit_price * quantity);

alter table order_status_history
    add constraint order_status_history_changes_something check (from_status <> to_status);

alter table order_promotions
    add constraint order_promotions_discount_not_negative check (discount_amount >= 0),
    add constraint order_promotions_currency_code check (currency ~ '^[A-Z]{3}$');
