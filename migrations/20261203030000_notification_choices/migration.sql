-- How users get notifications, how their choices were made, and which e-mails wait for a digest.

CREATE TYPE "preference_source" AS ENUM ('ACCOUNT', 'UNSUBSCRIBE_LINK');

ALTER TABLE "notifications" ADD COLUMN     "digest_at" TIMESTAMPTZ(6);

ALTER TABLE "notification_preferences" ADD COLUMN     "chosen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "source" "preference_source" NOT NULL DEFAULT 'ACCOUNT';

ALTER TABLE "notification_settings" ADD COLUMN     "quiet_hours_end" TIME(0),
ADD COLUMN     "quiet_hours_start" TIME(0),
ADD COLUMN     "retention_days" INTEGER NOT NULL DEFAULT 400;

CREATE TABLE "notification_profiles" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "language" TEXT,
    "time_zone" TEXT,
    "quiet_hours_start" TIME(0),
    "quiet_hours_end" TIME(0),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "notification_profiles_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "notification_profiles_user_id_idx" ON "notification_profiles"("user_id");

CREATE UNIQUE INDEX "notification_profiles_company_id_user_id_key" ON "notification_profiles"("company_id", "user_id");

CREATE INDEX "notifications_company_id_created_at_idx" ON "notifications"("company_id", "created_at");

ALTER TABLE "notification_profiles" ADD CONSTRAINT "notification_profiles_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "notification_profiles" ADD CONSTRAINT "notification_profiles_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

update notification_preferences set chosen_at = updated_at;
update notifications as waiting set digest_at = scheduled_at
where status = 'PENDING' and type = 'EMAIL' and priority = 'NORMAL'
  and not exists (select from queued_notifications where notification_id = waiting.id);

alter table notifications
    add constraint notifications_digest_of_pending check (digest_at is null or status = 'PENDING' and digest_id is null);
alter table notification_profiles
    add constraint notification_profiles_quiet_hours_end check ((quiet_hours_start is null) = (quiet_hours_end is null));
alter table notification_settings
    add constraint notification_settings_quiet_hours_end check ((quiet_hours_start is null) = (quiet_hours_end is null)),
    add constraint notification_settings_retention_days_range check (retention_days between 30 and 3650);

create index notifications_for_digests on notifications (company_id, digest_at) where digest_at is not null;
create index notifications_unread on notifications (company_id, user_id)
    where type = 'IN_APP' and status = 'SENT' and read_at is null;

alter table notification_profiles enable row level security;
create policy of_the_company on notification_profiles to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update, delete on notification_profiles to commerce_gateway;
grant delete on notifications, notification_logs to commerce_gateway;
