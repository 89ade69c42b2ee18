-- Movements between warehouses and into quarantine. A value of an enum cannot be used by the migration that adds it.

alter type movement_type add value 'TRANSFER_OUT';
alter type movement_type add value 'TRANSFER_IN';
alter type movement_type add value 'QUARANTINE';
alter type movement_type add value 'QUARANTINE_RELEASE';
