-- A value of an enum can be used after the transaction that adds it.
alter type tracking_status add value 'LOST';
