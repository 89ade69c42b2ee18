-- A payment that the provider's library in the browser confirms with a client secret.
alter type next_action_type add value 'CONFIRMATION';

-- The records of the MOCK provider know when something happened, keep the authorized beside the captured amount, and
-- keep payment methods.
alter table mock_charges
    add column captured_amount decimal(19, 4),
    add column kept_for uuid,
    add column authorized_at timestamptz(6),
    add column captured_at timestamptz(6),
    add column voided_at timestamptz(6),
    add column disputed_at timestamptz(6),
    add column updated_at timestamptz(6) not null default current_timestamp;
update mock_charges set
    captured_amount = case when status = 'APPROVED' then amount end,
    authorized_at = case when status in ('AUTHORIZED', 'APPROVED') then created_at end,
    captured_at = case when status = 'APPROVED' then created_at end,
    voided_at = case when status = 'VOIDED' then created_at end,
    updated_at = created_at;
alter table mock_charges
    add constraint mock_charges_captured_below_amount
        check ((captured_at is null) = (captured_amount is null) and captured_amount <= amount);
create index mock_charges_updated_at_idx on mock_charges (updated_at);

create table mock_methods (
    reference uuid not null,
    token text not null,
    customer uuid not null,
    is_saved boolean not null default false,
    is_forgotten boolean not null default false,
    constraint mock_methods_pkey primary key (reference)
);
create unique index mock_methods_token_key on mock_methods (token);
grant select, insert, update, delete on mock_methods to commerce_gateway;
