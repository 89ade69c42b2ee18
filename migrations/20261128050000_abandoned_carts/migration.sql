-- When the job for abandoned carts last looked at a cart. Carts from before count as seen, so that none is reported
-- until it has changed again. Rewrites carts once.

-- AlterTable
ALTER TABLE "carts" ADD COLUMN     "abandonment_checked_at" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "cart_settings" ADD COLUMN     "abandoned_after_hours" INTEGER NOT NULL DEFAULT 24;

alter table cart_settings add constraint cart_settings_abandonment_fits check (abandoned_after_hours between 1 and 720);

update carts set abandonment_checked_at = now();

-- The carts that the job has not seen since they last changed; the condition is the job's.
create index carts_abandonment on carts (company_id, updated_at)
    where (user_id is not null or confirmed_email is not null)
      and (abandonment_checked_at is null or abandonment_checked_at <= updated_at);
