-- When a company works, by which the dates of deliveries are estimated.
alter table "shipping_settings"
    add column "working_days" smallint not null default 31,
    add column "holidays" date[] not null default '{}',
    add column "order_cutoff" time(0),
    add column "handling_days" smallint not null default 1,
    add constraint "shipping_settings_working_days_are_some" check ("working_days" between 1 and 127),
    add constraint "shipping_settings_holidays_are_few" check (cardinality("holidays") <= 200),
    add constraint "shipping_settings_handling_days_in_range" check ("handling_days" between 0 and 60);
