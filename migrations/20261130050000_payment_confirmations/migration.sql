-- A CONFIRMATION has no page: the provider's library in the browser does it with a client secret, which is not stored.
alter table payments
    drop constraint payments_next_action_complete,
    drop constraint payments_next_action_before_outcome,
    add constraint payments_next_action_complete check (
        (next_action_url is null) = (next_action_type is null or next_action_type = 'CONFIRMATION')
    ),
    add constraint payments_next_action_before_outcome check (
        next_action_type is null or status not in ('PENDING', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'CANCELLED')
    );
