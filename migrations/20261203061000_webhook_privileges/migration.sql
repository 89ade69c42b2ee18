-- Requests only create slots, and do not use positions: both are the relay's.

revoke select, update, delete on webhook_slots from commerce_gateway;
revoke select, insert, update, delete on webhook_positions from commerce_gateway;
