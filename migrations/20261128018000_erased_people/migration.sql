-- Erased users: their rows stay, because ledgers and histories refer to them, and contain no personal data any more.
-- Adds a column without a default and triggers; rewrites no table.

alter table "users" add column "erased_at" timestamptz(6);

alter table "users" add constraint "users_erased_are_anonymous" check (
    erased_at is null or (
        email like 'erased-%@erased.invalid' and password_hash is null and first_name = '' and last_name = ''
        and phone is null and pending_email is null and search_text = '' and not is_active and not email_verified
    )
);

-- A request that began before its user was erased adds no personal data after it: it waits here for the erasure, and
-- is then refused. What orders of an erased user still cause (purchases, uses, buyer history) stays possible.
create function refuse_erased_user() returns trigger language plpgsql set search_path = pg_catalog, public as $$
declare
    erased timestamptz;
begin
    select erased_at into erased from public.users where id = new.user_id for key share;
    if erased is not null then
        raise exception 'the user % was erased', new.user_id using errcode = 'foreign_key_violation';
    end if;
    return new;
end
$$;

do $$
declare
    guarded text;
begin
    foreach guarded in array array[
        'memberships', 'user_sessions', 'verification_codes', 'password_reset_tokens', 'activity_logs', 'addresses',
        'reviews', 'review_votes', 'carts', 'orders'
    ] loop
        execute format('create trigger refuse_erased_user before insert on %I for each row '
            'when (new.user_id is not null) execute function refuse_erased_user()', guarded);
    end loop;
end
$$;

-- The gateway may not change ledgers and histories. These functions replace who is named in them, in the current
-- company, by an erased user, and erase what people wrote into the history of orders that were anonymized before.
-- Quantities, changes of the status and times stay.

create function erase_order_comments(order_ids uuid[]) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.order_status_history h set comment = 'Erased'
        from public.orders o
        where h.company_id = nullif(current_setting('app.company_id', true), '')::uuid
          and o.company_id = h.company_id and o.id = h.order_id and o.id = any(order_ids)
          and o.email like 'erased-%@erased.invalid'
          and h.comment is not null and h.comment <> 'Erased' and h.actor_kind <> 'SYSTEM'
        returning 1
    )
    select count(*) from erased
$$;

create function erase_order_authors(author uuid, erased_id uuid) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.order_status_history h set changed_by = erased_id
        from public.users u
        where u.id = erased_id and u.erased_at is not null
          and h.company_id = nullif(current_setting('app.company_id', true), '')::uuid and h.changed_by = author
        returning 1
    )
    select count(*) from erased
$$;

create function erase_stock_authors(author uuid, erased_id uuid) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.stock_movements m set performed_by = erased_id
        from public.users u
        where u.id = erased_id and u.erased_at is not null
          and m.company_id = nullif(current_setting('app.company_id', true), '')::uuid and m.performed_by = author
        returning 1
    )
    select count(*) from erased
$$;

revoke execute on function erase_order_comments(uuid[]) from public;
revoke execute on function erase_order_authors(uuid, uuid) from public;
revoke execute on function erase_stock_authors(uuid, uuid) from public;
grant execute on function erase_order_comments(uuid[]) to commerce_gateway;
grant execute on function erase_order_authors(uuid, uuid) to commerce_gateway;
grant execute on function erase_stock_authors(uuid, uuid) to commerce_gateway;
