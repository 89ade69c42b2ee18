-- An order that is on its way when its money comes stays where it is; its history says so all the same.

alter table order_status_history
    drop constraint order_status_history_changes_something,
    add constraint order_status_history_says_something check (from_status <> to_status or comment is not null);
