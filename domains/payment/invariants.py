"""What must hold of payments over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import Texts, in_form

INVARIANTS: Final = (
    Invariant(
        "No payment gives back more than it took",
        """
        select p.company_id, p.id as payment, p.status, p.amount, sum(r.amount) as given_back
        from payments p
        join refunds r on r.company_id = p.company_id and r.payment_id = p.id and r.status <> 'FAILED'
        group by p.id
        having sum(r.amount) > p.amount or p.status <> 'SUCCEEDED'
        limit 20
        """,
        "Compare the payment with the provider's own list. Refunds were written past the payment domain.",
    ),
    Invariant(
        "A refund is in its payment's currency, and of its payment's order",
        """
        select r.company_id, r.id as refund, r.currency, p.currency as taken_in, r.order_id, p.order_id as paid_for
        from refunds r
        join payments p on p.company_id = r.company_id and p.id = r.payment_id
        where r.currency <> p.currency or r.order_id <> p.order_id
        limit 20
        """,
        "Refunds were written past the payment domain. Compare them with the provider's own list.",
    ),
    Invariant(
        "No payment or refund waits long for its provider",
        """
        select company_id, 'payment' as kind, id, status::text, updated_at from payments
        where (status in ('PENDING', 'UNKNOWN') or (status = 'SUCCEEDED' and void_requested_at is not null))
          and created_at < now() - interval '1 hour'
        union all
        select company_id, 'refund', id, status::text, updated_at from refunds
        where status = 'PENDING' and created_at < now() - interval '1 hour'
        order by 5 limit 20
        """,
        "Does the payment provider answer? The log says what settling them ran into.",
    ),
    Invariant(
        "The MOCK provider's books agree with the payments",
        """
        select p.company_id, p.id as payment, p.status, m.status as in_books, p.amount, m.amount as amount_in_books
        from payments p
        left join mock_charges m on m.reference = p.id
        where p.provider = 'MOCK' and (
            (p.status = 'SUCCEEDED' and p.void_requested_at is null
              and (m.status is distinct from 'APPROVED' or m.amount <> p.amount or m.currency <> p.currency))
            or (p.status in ('DECLINED', 'VOIDED') and m.status = 'APPROVED'))
        limit 20
        """,
        "Money moved that the payment does not show, or the other way round. The provider's books are the truth.",
    ),
)
TEXTS: Final = (Texts(table="refunds", texts=("reason",)),)
INSPECTIONS: Final = (in_form("payments", TEXTS),)
