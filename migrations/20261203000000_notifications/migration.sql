-- Notifications, their queue and logs, the choices of recipients and the settings. Mail that waits moves into the queue.

CREATE TYPE "notification_type" AS ENUM ('EMAIL', 'SMS', 'PUSH', 'IN_APP');

CREATE TYPE "notification_status" AS ENUM ('PENDING', 'SENT', 'DELIVERED', 'FAILED', 'BOUNCED');

CREATE TYPE "notification_priority" AS ENUM ('CRITICAL', 'IMPORTANT', 'NORMAL');

CREATE TYPE "notification_category" AS ENUM ('ACCOUNT', 'ORDERS', 'SHIPPING', 'RETURNS', 'REVIEWS', 'CARTS', 'ALERTS', 'PROMOTIONS', 'RECOMMENDATIONS', 'NEWS', 'STAFF');

CREATE TYPE "notification_kind" AS ENUM ('REGISTRATION_CODE', 'ALREADY_REGISTERED', 'EMAIL_CHANGE_CODE', 'CART_CODE', 'PASSWORD_RESET', 'NO_ACCOUNT', 'STAFF_INVITATION', 'PASSWORD_CHANGED', 'EMAIL_CHANGED', 'SESSION_ENDED', 'ROLE_CHANGED', 'ACCOUNT_DISABLED', 'ACCOUNT_ENABLED', 'ADDRESS_CHANGED', 'ADDRESS_DELETED', 'WELCOME', 'GIFT_CARDS', 'ORDER_PLACED', 'ORDER_PAID', 'PAYMENT_FAILED', 'ORDER_EDITED', 'ORDER_CANCELLED', 'ORDER_REFUNDED', 'INVOICE_ISSUED', 'ORDER_SHIPPED', 'ORDER_DELIVERED', 'RETURN_REQUESTED', 'RETURN_APPROVED', 'RETURN_REJECTED', 'RETURN_RECEIVED', 'RETURN_REFUNDED', 'REVIEW_REQUEST', 'ABANDONED_CART', 'ALERT_CONFIRMATION', 'BACK_IN_STOCK', 'PRICE_DROP', 'PROMOTION', 'RECOMMENDATION', 'NEWS', 'DIGEST', 'STAFF_NEW_ORDER', 'STAFF_LOW_STOCK', 'STORED_MAIL');

CREATE TYPE "notification_frequency" AS ENUM ('IMMEDIATE', 'DAILY', 'WEEKLY');

CREATE TYPE "suppression_reason" AS ENUM ('HARD_BOUNCE', 'COMPLAINT', 'UNSUBSCRIBED', 'MANUAL');

CREATE TABLE "notifications" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "user_id" UUID,
    "type" "notification_type" NOT NULL,
    "kind" "notification_kind" NOT NULL,
    "category" "notification_category" NOT NULL,
    "priority" "notification_priority" NOT NULL,
    "status" "notification_status" NOT NULL DEFAULT 'PENDING',
    "recipient" TEXT,
    "language" TEXT,
    "subject" TEXT,
    "body" TEXT,
    "content" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "dedupe_key" TEXT NOT NULL,
    "digest_id" UUID,
    "scheduled_at" TIMESTAMPTZ(6) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "failure_reason" TEXT,
    "sent_at" TIMESTAMPTZ(6),
    "delivered_at" TIMESTAMPTZ(6),
    "read_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "queued_notifications" (
    "notification_id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "priority" "notification_priority" NOT NULL,
    "key_id" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(6) NOT NULL,
    "traceparent" TEXT,
    "due_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "queued_notifications_pkey" PRIMARY KEY ("notification_id")
);

CREATE TABLE "notification_logs" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "notification_id" UUID NOT NULL,
    "status" "notification_status" NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_message_id" TEXT,
    "provider_response" JSONB NOT NULL DEFAULT '{}',
    "error" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notification_logs_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "notification_preferences" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "category" "notification_category" NOT NULL,
    "channel" "notification_type" NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "frequency" "notification_frequency" NOT NULL DEFAULT 'IMMEDIATE',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "notification_preferences_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "notification_suppressions" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "channel" "notification_type" NOT NULL,
    "address" TEXT NOT NULL,
    "category" "notification_category",
    "reason" "suppression_reason" NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notification_suppressions_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "notification_settings" (
    "company_id" UUID NOT NULL,
    "default_language" TEXT NOT NULL DEFAULT 'en',
    "sender_name" TEXT,
    "reply_to" TEXT,
    "logo_url" TEXT,
    "brand_color" TEXT NOT NULL DEFAULT '#1f2937',
    "footer" TEXT NOT NULL DEFAULT '',
    "storefront_url" TEXT,
    "staff_emails" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "notification_settings_pkey" PRIMARY KEY ("company_id")
);

CREATE INDEX "notifications_company_id_user_id_type_id_idx" ON "notifications"("company_id", "user_id", "type", "id");

CREATE INDEX "notifications_company_id_recipient_idx" ON "notifications"("company_id", "recipient");

CREATE INDEX "notifications_company_id_digest_id_idx" ON "notifications"("company_id", "digest_id");

CREATE INDEX "notifications_user_id_idx" ON "notifications"("user_id");

CREATE UNIQUE INDEX "notifications_company_id_id_key" ON "notifications"("company_id", "id");

CREATE UNIQUE INDEX "notifications_company_id_dedupe_key_key" ON "notifications"("company_id", "dedupe_key");

CREATE INDEX "queued_notifications_priority_next_attempt_at_idx" ON "queued_notifications"("priority", "next_attempt_at");

CREATE UNIQUE INDEX "queued_notifications_company_id_notification_id_key" ON "queued_notifications"("company_id", "notification_id");

CREATE INDEX "notification_logs_company_id_notification_id_id_idx" ON "notification_logs"("company_id", "notification_id", "id");

CREATE INDEX "notification_logs_company_id_provider_provider_message_id_idx" ON "notification_logs"("company_id", "provider", "provider_message_id");

CREATE INDEX "notification_preferences_user_id_idx" ON "notification_preferences"("user_id");

CREATE UNIQUE INDEX "notification_preferences_company_id_user_id_category_channe_key" ON "notification_preferences"("company_id", "user_id", "category", "channel");

CREATE UNIQUE INDEX "notification_suppressions_company_id_channel_address_catego_key" ON "notification_suppressions"("company_id", "channel", "address", "category") NULLS NOT DISTINCT;

ALTER TABLE "notifications" ADD CONSTRAINT "notifications_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "notifications" ADD CONSTRAINT "notifications_company_id_digest_id_fkey" FOREIGN KEY ("company_id", "digest_id") REFERENCES "notifications"("company_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "queued_notifications" ADD CONSTRAINT "queued_notifications_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "queued_notifications" ADD CONSTRAINT "queued_notifications_company_id_notification_id_fkey" FOREIGN KEY ("company_id", "notification_id") REFERENCES "notifications"("company_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "notification_logs" ADD CONSTRAINT "notification_logs_company_id_notification_id_fkey" FOREIGN KEY ("company_id", "notification_id") REFERENCES "notifications"("company_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "notification_preferences" ADD CONSTRAINT "notification_preferences_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "notification_preferences" ADD CONSTRAINT "notification_preferences_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "notification_suppressions" ADD CONSTRAINT "notification_suppressions_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "notification_settings" ADD CONSTRAINT "notification_settings_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

alter table notifications
    add constraint notifications_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
    add constraint notifications_attempts_counted check (attempts >= 0),
    add constraint notifications_sent_at_a_time check (status in ('PENDING', 'FAILED') or sent_at is not null),
    add constraint notifications_failed_for_a_reason check (status in ('FAILED', 'BOUNCED') or failure_reason is null),
    add constraint notifications_content_of_pending check ((content is not null) = (status = 'PENDING')),
    add constraint notifications_read_in_app check (read_at is null or type = 'IN_APP'),
    add constraint notifications_delivered_after_sent check (delivered_at is null or sent_at is not null);
alter table queued_notifications
    add constraint queued_notifications_attempts_counted check (attempts >= 0);
alter table notification_logs
    add constraint notification_logs_response_is_object check (jsonb_typeof(provider_response) = 'object');
alter table notification_settings
    add constraint notification_settings_color_format check (brand_color ~ '^#[0-9a-f]{6}$');

alter table notifications enable row level security;
create policy of_the_company on notifications to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table queued_notifications enable row level security;
create policy of_the_company on queued_notifications to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table notification_logs enable row level security;
create policy of_the_company on notification_logs to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table notification_preferences enable row level security;
create policy of_the_company on notification_preferences to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table notification_suppressions enable row level security;
create policy of_the_company on notification_suppressions to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
alter table notification_settings enable row level security;
create policy of_the_company on notification_settings to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
create policy read_by_the_platform on notification_settings for select to commerce_gateway
    using (nullif(current_setting('app.company_id', true), '')::uuid is null);
create policy carried on queued_notifications to commerce_relay using (true);

grant select, insert, update on notifications to commerce_gateway;
grant insert on queued_notifications to commerce_gateway;
grant select, insert on notification_logs to commerce_gateway;
grant select, insert, update, delete on notification_preferences, notification_suppressions, notification_settings
    to commerce_gateway;
grant select, update, delete on queued_notifications to commerce_relay;

-- Mail that waits belongs to no company. It is text that was written before, and goes out with the first company's.
with companies_first as (select id from companies order by id limit 1)
insert into notifications (id, company_id, type, kind, category, priority, content, dedupe_key, scheduled_at,
    created_at, updated_at)
select mail.id, companies_first.id, 'EMAIL', 'STORED_MAIL', 'ACCOUNT', 'CRITICAL',
    convert_from(mail.content, 'UTF8'), 'mail ' || mail.id, mail.created_at, mail.created_at, mail.created_at
from queued_mails as mail cross join companies_first;

insert into queued_notifications (notification_id, company_id, priority, key_id, attempts, next_attempt_at, due_at)
select mail.id, notification.company_id, 'CRITICAL', mail.key_id, mail.attempts, mail.next_attempt_at, mail.created_at
from queued_mails as mail join notifications as notification on notification.id = mail.id;

drop table queued_mails;

-- The subscriptions of notices are one. An event that was handled under an earlier name, and is delivered again, must not
-- be handled twice.
insert into inbox_entries (event_id, handler, processed_at)
select event_id, 'notification.account_notices', min(processed_at)
from inbox_entries where handler in ('auth.notices', 'account.notices') group by event_id;
delete from inbox_entries where handler in ('auth.notices', 'account.notices');
