"""SQL over the records of the MOCK provider, which belong to no company."""

from typing import Final

FIND: Final = "select mock_charges.*, false as is_new from mock_charges where reference = $1"
REFUNDS: Final = (
    "select reference, amount, status, created_at from mock_refunds where transaction_id = $1 order by 4, 1"
)
# The commit does not wait for the disk, as a real provider does not: a crash that loses the charge also loses the
# answer to it, and the reconciliation finds a payment that has never arrived.
AUTHORIZE: Final = """
insert into mock_charges (reference, transaction_id, status, amount, currency, code, capture_method, kept_for,
  authorized_at, captured_at, captured_amount, created_at, updated_at)
values ($1, $2, $3::text, $4::numeric, $5, $6, $7::capture_method, $8,
  case when $3 in ('AUTHORIZED', 'APPROVED') then $9::timestamptz end,
  case when $3 = 'APPROVED' then $9 end, case when $3 = 'APPROVED' then $4 end, $9, $9)
on conflict (reference) do update set reference = excluded.reference
returning mock_charges.*, xmax = 0 as is_new, set_config('synchronous_commit', 'off', true)
"""
CAPTURE: Final = """
with locked as (
  select reference as id,
    status = 'AUTHORIZED' and currency = $3 and amount >= $2 and authorized_at + $5::interval > $4 as is_capturable
  from mock_charges where reference = $1 for update
)
update mock_charges set
  status = case when is_capturable then 'APPROVED' else status end,
  captured_amount = case when is_capturable then $2 else captured_amount end,
  captured_at = case when is_capturable then $4 else captured_at end,
  updated_at = case when is_capturable then $4 else updated_at end
from locked where reference = locked.id
returning mock_charges.*, is_capturable as is_new
"""
EXPIRE: Final = """
update mock_charges set status = 'VOIDED', code = 'EXPIRED', voided_at = authorized_at + $3::interval, updated_at = $2
where reference = $1 and status = 'AUTHORIZED' and authorized_at + $3::interval <= $2
"""
# A payment that has not arrived is stored as cancelled, so that it is refused when it arrives. A declined one stays.
CANCEL: Final = """
insert into mock_charges (reference, transaction_id, status, code, voided_at, created_at, updated_at)
values ($1, $2, 'VOIDED', 'VOIDED', $3, $3, $3)
on conflict (reference) do update set
  status = case when mock_charges.status = 'DECLINED' then 'DECLINED' else 'VOIDED' end,
  code = case when mock_charges.status = 'DECLINED' then mock_charges.code else 'VOIDED' end,
  voided_at = case when mock_charges.status = 'DECLINED' then null else coalesce(mock_charges.voided_at, $3) end,
  updated_at = coalesce(mock_charges.voided_at, $3)
returning mock_charges.*, false as is_new
"""
COMPLETE_ACTION: Final = """
with locked as (
  select reference as id, status = 'REQUIRES_ACTION' as waits from mock_charges where reference = $1 for update
), completed as (
  select id, waits, case when not $2 then 'DECLINED' when capture_method = 'MANUAL' then 'AUTHORIZED' else 'APPROVED'
    end as becomes
  from locked join mock_charges on reference = id
)
update mock_charges set
  status = case when waits then becomes else status end,
  code = case when not waits then code when not $2 then 'AUTHENTICATION_FAILED' end,
  authorized_at = case when waits and $2 then $3 else authorized_at end,
  captured_at = case when waits and becomes = 'APPROVED' then $3 else captured_at end,
  captured_amount = case when waits and becomes = 'APPROVED' then amount else captured_amount end,
  updated_at = case when waits then $3 else updated_at end
from completed where reference = completed.id
returning mock_charges.*, waits as is_new
"""
DISPUTE: Final = """
update mock_charges set disputed_at = coalesce(disputed_at, $2), updated_at = $2
where reference = $1 and status = 'APPROVED'
"""
LOCK: Final = """
select transaction_id, status, currency, case when disputed_at is null then captured_amount else 0 end as refundable
from mock_charges where reference = $1 for update
"""
REFUND: Final = """
insert into mock_refunds (reference, transaction_id, amount, status, created_at)
select $1, $2, $3, case when coalesce(sum(amount) filter (where status = 'APPROVED'), 0) + $3 <= $4
  then 'APPROVED' else 'DECLINED' end, $5
from mock_refunds where transaction_id = $2 and reference <> $1
on conflict (reference) do update set reference = excluded.reference
returning status
"""
TOUCH: Final = "update mock_charges set updated_at = $2 where reference = $1"
CHANGED_SINCE: Final = """
select mock_charges.* from mock_charges where updated_at >= $1 order by updated_at, reference limit $2
"""
KEEP_METHOD: Final = """
insert into mock_methods (reference, token, customer, is_saved) values ($1, $2, $3, $4)
on conflict (reference) do update set reference = excluded.reference
returning token, customer, is_saved, is_forgotten
"""
FIND_METHOD: Final = """
select reference, token, customer, is_saved, is_forgotten from mock_methods where reference = $1
"""
SAVE_METHOD: Final = "update mock_methods set is_saved = true where reference = $1"
IS_KEPT: Final = "select exists (select from mock_methods where token = $1 and is_saved and not is_forgotten)"
FORGET_METHOD: Final = "update mock_methods set is_forgotten = true where token = $1"
