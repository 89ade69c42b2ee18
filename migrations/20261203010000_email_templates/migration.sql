-- The templates that companies write: versions, of which at most one is active for a kind and language.

CREATE TABLE "email_templates" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "kind" "notification_kind" NOT NULL,
    "language" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "subject" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "short" TEXT NOT NULL,
    "body_mjml" TEXT NOT NULL,
    "body_html" TEXT NOT NULL,
    "body_text" TEXT NOT NULL,
    "is_active" BOOLEAN NOT NULL,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "email_templates_pkey" PRIMARY KEY ("id")
);

ALTER TABLE "notifications" ADD COLUMN "template_id" UUID;

CREATE INDEX "email_templates_created_by_id_idx" ON "email_templates"("created_by_id");

CREATE UNIQUE INDEX "email_templates_company_id_id_key" ON "email_templates"("company_id", "id");

CREATE UNIQUE INDEX "email_templates_company_id_kind_language_version_key" ON "email_templates"("company_id", "kind", "language", "version");

CREATE INDEX "notifications_company_id_template_id_idx" ON "notifications"("company_id", "template_id");

ALTER TABLE "email_templates" ADD CONSTRAINT "email_templates_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "email_templates" ADD CONSTRAINT "email_templates_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "notifications" ADD CONSTRAINT "notifications_company_id_template_id_fkey" FOREIGN KEY ("company_id", "template_id") REFERENCES "email_templates"("company_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

create unique index email_templates_active_key on email_templates (company_id, kind, language) where is_active;

alter table email_templates
    add constraint email_templates_version_counted check (version >= 1),
    add constraint email_templates_language_known check (language in ('en', 'de', 'fr')),
    add constraint email_templates_kind_with_template check (kind <> 'STORED_MAIL'),
    add constraint email_templates_parts_bounded check (
        char_length(subject) <= 131072 and char_length(title) <= 131072 and char_length(short) <= 131072
        and char_length(body_mjml) <= 131072 and char_length(body_text) <= 131072);

alter table email_templates enable row level security;
create policy of_the_company on email_templates to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert, update on email_templates to commerce_gateway;
