-- An address has one suppression for each reason: when a bounce is lifted, an unsubscription still holds.

drop index notification_suppressions_company_id_channel_address_catego_key;
create unique index notification_suppressions_company_id_channel_address_catego_key on notification_suppressions
    (company_id, channel, address, category, reason) nulls not distinct;
create index notification_suppressions_company_id_created_at_id_idx on notification_suppressions
    (company_id, created_at, id);
