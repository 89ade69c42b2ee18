-- Staff look for the gift cards of a recipient, and an erasure replaces the address.

create index gift_cards_company_id_recipient_email_idx
    on gift_cards (company_id, recipient_email) where recipient_email is not null;
