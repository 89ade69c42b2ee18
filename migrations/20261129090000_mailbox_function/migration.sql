-- The same mailboxes as before. A function in SQL whose body is a query is parsed anew by each statement that generates
-- a column with it; PostgreSQL keeps what it has compiled of one in PL/pgSQL. No table is rewritten.

create or replace function mailbox_of(address text) returns text
    language plpgsql immutable strict parallel safe
    as $$
declare
    bare constant text := substring(address from '^([^+]*).*@');
    host constant text := substring(address from '@([^@]*)$');
begin
    return case
        when bare = '' or address !~ '@' then address
        when host in ('gmail.com', 'googlemail.com') then replace(bare, '.', '') || '@gmail.com'
        when host in ('proton.me', 'protonmail.com', 'pm.me') then translate(bare, '.-_', '') || '@proton.me'
        else bare || '@' || host
    end;
end
$$;
