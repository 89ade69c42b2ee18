-- The kind of the refunds that return what an edit of an order made too much.
alter type refund_line_kind add value 'OVERPAYMENT';
