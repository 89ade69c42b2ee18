-- The error names a constraint, so that the application tells it from a row that is gone. Changes a function only.

create or replace function refuse_erased_user() returns trigger language plpgsql set search_path = pg_catalog, public as $$
declare
    erased timestamptz;
begin
    select erased_at into erased from public.users where id = new.user_id for key share;
    if erased is not null then
        raise exception 'the user % was erased', new.user_id
            using errcode = 'foreign_key_violation', constraint = 'user_not_erased';
    end if;
    return new;
end
$$;
