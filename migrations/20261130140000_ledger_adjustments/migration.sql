-- Adjustments of the ledger by staff. Builds an index on ledger_entries.

-- Who posted an entry by hand, and why, is stored with it.
alter table ledger_entries add constraint ledger_entries_by_hand check (
    kind not in ('ADJUSTMENT', 'ADJUSTMENT_REVERSAL') or (reason is not null and performed_by is not null)
);

create index ledger_entries_company_id_performed_by_created_at_id_idx
    on ledger_entries (company_id, performed_by, created_at, id) where performed_by is not null;
