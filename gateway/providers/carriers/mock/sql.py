"""SQL over the records of the MOCK carrier, which belong to no company."""

from typing import Final

BUY: Final = """
insert into mock_parcels (reference, tracking_number, service, distance, cost, currency, created_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (reference) do update set reference = excluded.reference
returning mock_parcels.*
"""
FIND: Final = "select * from mock_parcels where reference = $1"
# A label that has not arrived is stored as voided, so that it is refused when it arrives. One whose parcel has been
# picked up stays.
VOID: Final = """
insert into mock_parcels (reference, tracking_number, created_at, voided_at) values ($1, $2, $3, $3)
on conflict (reference) do update set voided_at = coalesce(mock_parcels.voided_at, case when $4 then $3 end)
returning mock_parcels.*
"""
TRACK: Final = "select * from mock_parcels where tracking_number = $1 and cost is not null"
