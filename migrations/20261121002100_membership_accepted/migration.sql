-- Somebody invited is a stranger until they sign in: a company sees of them what it gave itself, and they have no rights.

alter table "memberships"
    add column "accepted_at" timestamptz(6) default current_timestamp,
    add column "invited_email" text,
    add column "invited_first_name" text,
    add column "invited_last_name" text,
    add column "invited_search_text" text;

-- Whom a company knows already it goes on knowing.
update "memberships" set "accepted_at" = "created_at";

alter table "memberships" add constraint "memberships_invited_or_accepted" check (
    ("accepted_at" is null) = (
        num_nonnulls("invited_email", "invited_first_name", "invited_last_name", "invited_search_text") = 4
    )
    and ("accepted_at" is null or "invited_email" is null)
);
