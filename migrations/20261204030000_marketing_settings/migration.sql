-- When buyers are reminded of abandoned carts and asked for reviews.

create type cart_reminder_audience as enum ('NONE', 'CHOSEN', 'CUSTOMERS');

alter table notification_settings
    add column cart_reminders cart_reminder_audience not null default 'CUSTOMERS',
    add column cart_reminder_hours integer[] not null default '{}',
    add column review_request_days integer not null default 7,
    add constraint notification_settings_cart_reminder_hours check (
        cardinality(cart_reminder_hours) <= 3
        and 1 <= all (cart_reminder_hours) and 720 >= all (cart_reminder_hours)
    ),
    add constraint notification_settings_review_request_days check (review_request_days between 0 and 365);
