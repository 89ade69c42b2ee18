-- The sum of a day can be larger than any amount of a line. No row is written: only the limit of the type changes.

alter table ledger_daily_sums
    alter column debit type decimal(28, 4),
    alter column credit type decimal(28, 4);
