"""SQL of the personal data of product alerts: $1 is the company, $2 and $3 are the keys of a person."""

from typing import Final

from domains.kernel.personal_data import OF_PERSON

ALERTS: Final = f"""
select id, product_id, variant_id, kind, user_id, email, language, price, target_price, currency, notified,
       notified_at, expires_at, created_at
from product_stock_alerts where company_id = $1 and {OF_PERSON} order by id
"""
DELETE: Final = f"delete from product_stock_alerts where company_id = $1 and {OF_PERSON}"
# One that the other user waits for as well is not needed twice.
MOVE: Final = f"""
with moved as (
    delete from product_stock_alerts where company_id = $1 and {OF_PERSON}
    returning id, product_id, variant_id, kind, language, price, target_price, currency, notified, notified_at,
              checked_at, expires_at, created_at
)
insert into product_stock_alerts (id, company_id, product_id, variant_id, kind, user_id, language, price,
                                  target_price, currency, notified, notified_at, checked_at, expires_at, created_at)
select id, $1, product_id, variant_id, kind, $4, language, price, target_price, currency, notified, notified_at,
       checked_at, expires_at, created_at
from moved order by id
on conflict (company_id, product_id, kind, variant_id, user_id, mailbox) where not notified do nothing
"""
