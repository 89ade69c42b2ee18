-- The mailbox behind an e-mail address, which limits count by: without a tag (`ann+1@` is `ann@`), without what the
-- provider ignores in a name, under one name of the provider. `domains/auth/mailboxes.py` says the same in Python.

create function mailbox_of(address text) returns text
    language sql immutable strict parallel safe
    as $$
        select case
            when bare = '' or address !~ '@' then address
            when host in ('gmail.com', 'googlemail.com') then replace(bare, '.', '') || '@gmail.com'
            when host in ('proton.me', 'protonmail.com', 'pm.me') then translate(bare, '.-_', '') || '@proton.me'
            else bare || '@' || host
        end
        from (select substring(address from '^([^+]*).*@') as bare, substring(address from '@([^@]*)$') as host) parts
    $$;
