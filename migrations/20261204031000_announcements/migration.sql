-- Announcements: texts of staff for all users who asked for promotions or news.

create type announcement_status as enum ('SCHEDULED', 'SENDING', 'SENT', 'CANCELLED');

create table announcements (
    id uuid not null,
    company_id uuid not null,
    kind notification_kind not null,
    texts jsonb not null,
    language text not null,
    url text,
    segment_id uuid,
    status announcement_status not null default 'SCHEDULED',
    recipients integer,
    checked integer not null default 0,
    created integer not null default 0,
    last_choice_id uuid,
    scheduled_at timestamptz(6) not null,
    ended_at timestamptz(6),
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,
    constraint announcements_pkey primary key (id),
    constraint announcements_kind check (kind in ('PROMOTION', 'NEWS')),
    constraint announcements_text_in_its_language check (texts ? language),
    constraint announcements_counted check (checked >= created and created >= 0 and recipients >= 0),
    constraint announcements_end check ((ended_at is not null) = (status in ('SENT', 'CANCELLED'))),
    constraint announcements_company_id_fkey foreign key (company_id)
        references companies (id) on delete restrict on update cascade
);

create unique index announcements_company_id_id_key on announcements (company_id, id);
create index announcements_company_id_created_at_id_idx on announcements (company_id, created_at, id);
create index announcements_due on announcements (company_id, scheduled_at) where status in ('SCHEDULED', 'SENDING');
create index notification_preferences_recipients on notification_preferences (company_id, category, channel, id)
    where enabled;

alter table announcements enable row level security;
create policy of_the_company on announcements to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update on announcements to commerce_gateway;
