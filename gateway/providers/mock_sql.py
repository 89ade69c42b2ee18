"""SQL over the records of the MOCK provider, which belong to no company."""

from typing import Final

FIND: Final = (
    "select reference, transaction_id, status, amount, currency, code from mock_charges where reference = $1"
)
# The commit does not wait for the disk, as a real provider does not: a crash that loses the charge also loses the
# answer to it, and the reconciliation finds a payment that has never arrived.
AUTHORIZE: Final = """
insert into mock_charges (reference, transaction_id, status, amount, currency, code, capture_method)
values ($1, $2, $3, $4, $5, $6, $7::capture_method)
on conflict (reference) do update set reference = excluded.reference
returning reference, transaction_id, status, amount, currency, code, set_config('synchronous_commit', 'off', true)
"""
CAPTURE: Final = """
with locked as (
  select reference as id, status = 'AUTHORIZED' and currency = $3 and amount >= $2 as is_capturable
  from mock_charges where reference = $1 for update
)
update mock_charges set
  status = case when is_capturable then 'APPROVED' else status end,
  amount = case when is_capturable then $2 else amount end
from locked where reference = locked.id
returning reference, transaction_id, status, amount, currency, code
"""
# A payment that has not arrived is stored as cancelled, so that it is refused when it arrives. A declined one stays.
CANCEL: Final = """
insert into mock_charges (reference, transaction_id, status, code) values ($1, $2, 'VOIDED', 'VOIDED')
on conflict (reference) do update set
  status = case when mock_charges.status = 'DECLINED' then 'DECLINED' else 'VOIDED' end,
  code = case when mock_charges.status = 'DECLINED' then mock_charges.code else 'VOIDED' end
where not exists (select from mock_refunds r
  where r.transaction_id = mock_charges.transaction_id and r.status = 'APPROVED')
returning reference, transaction_id, status, amount, currency, code
"""
COMPLETE_ACTION: Final = """
with locked as (
  select reference as id, status = 'REQUIRES_ACTION' as waits from mock_charges where reference = $1 for update
)
update mock_charges set
  status = case when not waits then status when not $2 then 'DECLINED'
    when capture_method = 'MANUAL' then 'AUTHORIZED' else 'APPROVED' end,
  code = case when not waits then code when not $2 then 'AUTHENTICATION_FAILED' end
from locked where reference = locked.id
returning reference, transaction_id, status, amount, currency, code
"""
LOCK: Final = "select transaction_id, status, amount, currency from mock_charges where reference = $1 for update"
REFUND: Final = """
insert into mock_refunds (reference, transaction_id, amount, status)
select $1, $2, $3, case when coalesce(sum(amount) filter (where status = 'APPROVED'), 0) + $3 <= $4
  then 'APPROVED' else 'DECLINED' end
from mock_refunds where transaction_id = $2 and reference <> $1
on conflict (reference) do update set reference = excluded.reference
returning status
"""
