"""Invariants of payments over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts
from domains.ledger import chart
from domains.payment.fragments import transaction_sums
from domains.payment.postings import ACCOUNTS, CHARGEBACK, PAYMENT, REFUND
from domains.payment.settlements.invariants import TEXTS as SETTLEMENT_TEXTS
from domains.payment.tenders import invariants as tenders

# A refund goes to the account of its transaction's provider, which need not be that of the payment.
ACCOUNT: Final = f"""
case t.provider {" ".join(f"when '{name}' then '{account.code}'" for name, account in ACCOUNTS.items())}
else '{chart.CLEARING_CODE}.' || t.provider end
"""
# What the entries of each payment's transactions moved on its money account.
POSTED: Final = f"""
select t.company_id, t.payment_id,
  coalesce(sum(m.amount) filter (where e.kind = '{PAYMENT}'), 0) as captured,
  -coalesce(sum(m.amount) filter (where e.kind = '{REFUND}'), 0) as refunded,
  -coalesce(sum(m.amount) filter (where e.kind = '{CHARGEBACK}'), 0) as charged_back
from payment_transactions t
join payments p on p.company_id = t.company_id and p.id = t.payment_id
join ledger_entries e on e.company_id = t.company_id and e.source_kind = 'payment_transaction'
  and e.source_id = t.id and e.order_id = p.order_id
join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id and l.account = {ACCOUNT}
cross join lateral (select case l.side when 'DEBIT' then l.amount else -l.amount end as amount) m
group by 1, 2
"""  # noqa: S608 - constants

INVARIANTS: Final = (
    Invariant(
        "No payment is refunded above its captured amount",
        """
        select p.company_id, p.id as payment, p.status, p.amount, sum(r.amount) as refunded
        from payments p
        join refunds r on r.company_id = p.company_id and r.payment_id = p.id and r.status <> 'FAILED'
        group by p.id
        having sum(r.amount) > p.amount_captured or p.status <> 'SUCCEEDED'
        limit 20
        """,
        "Refunds were written outside the payment domain. Compare the payment with the provider's records.",
    ),
    Invariant(
        "A refund has the currency and the order of its payment",
        """
        select r.company_id, r.id as refund, r.currency, p.currency as payment_currency, r.order_id,
          p.order_id as payment_order
        from refunds r
        join payments p on p.company_id = r.company_id and p.id = r.payment_id
        where r.currency <> p.currency or r.order_id <> p.order_id
        limit 20
        """,
        "Refunds were written outside the payment domain. Compare them with the provider's records.",
    ),
    Invariant(
        "A refund is the sum of its lines, and they have its currency and order",
        """
        select r.company_id, r.id as refund, r.amount, l.amount as amount_of_lines
        from refunds r
        cross join lateral (
          select coalesce(sum(amount), 0) as amount, bool_and((currency, order_id) = (r.currency, r.order_id)) as fits
          from refund_lines where company_id = r.company_id and refund_id = r.id) l
        where r.amount <> l.amount or not l.fits
        limit 20
        """,
        "Refunds were written outside the payment domain. Compare them with the provider's records.",
    ),
    Invariant(
        "A payment by an exchange has the amount of the refunds that make it",
        """
        select p.company_id, p.id as payment, p.provider, p.amount_captured, p.currency, e.amount as refunded
        from payments p
        left join (
          select company_id, exchange_payment_id, sum(amount) as amount, min(currency) as currency from refunds
          where status = 'SUCCEEDED' and exchange_payment_id is not null group by 1, 2
        ) e on e.company_id = p.company_id and e.exchange_payment_id = p.id
        where (p.provider = 'EXCHANGE' or e.amount is not null)
          and (p.provider, p.amount_captured, p.currency) is distinct from ('EXCHANGE', e.amount, e.currency)
        limit 20
        """,
        "Refunds were written outside the payment domain. Compare them with the ledger's account 1150.",
    ),
    Invariant(
        "No payment or refund is unfinished for more than an hour",
        """
        select company_id, 'payment' as kind, id, status::text, updated_at from payments
        where (status in ('PENDING', 'PROCESSING', 'REQUIRES_ACTION')
            or (status = 'AUTHORIZED' and capture_requested_at is not null)
            or (status in ('AUTHORIZED', 'SUCCEEDED') and cancel_requested_at is not null))
          and created_at < now() - interval '1 hour'
        union all
        select company_id, 'refund', id, status::text, updated_at from refunds
        where status = 'PENDING' and created_at < now() - interval '1 hour'
        order by 5 limit 20
        """,
        "Check that the provider answers and that a server or a worker is running; its log has the errors.",
    ),
    Invariant(
        "No webhook of a payment provider is unprocessed for more than an hour",
        """
        select company_id, id as webhook, provider, event_type, attempts, error, created_at from payment_webhooks
        where status = 'PENDING' and created_at < now() - interval '1 hour'
          and next_attempt_at < now() - interval '10 minutes'
        order by created_at limit 20
        """,
        "Check that a server or a worker is running the job `process payment webhooks`; its log has the errors.",
    ),
    Invariant(
        "Payments agree with their transactions at the provider",
        f"""
        select p.company_id, p.id as payment, p.status, p.amount, p.amount_captured, p.amount_refunded,
          p.amount_charged_back, t.captured, t.refunded, t.charged_back, a.authorized, r.refunded as refunds
        from payments p
        cross join lateral ({transaction_sums("p.company_id", "p.id")}) t
        cross join lateral (
          select coalesce(sum(amount), 0) as authorized from payment_transactions
          where company_id = p.company_id and payment_id = p.id and type = 'AUTHORIZATION' and status = 'SUCCEEDED') a
        cross join lateral (
          select coalesce(sum(amount), 0) as refunded from refunds
          where company_id = p.company_id and payment_id = p.id and status = 'SUCCEEDED') r
        where (p.amount_captured, p.amount_refunded, p.amount_charged_back)
            <> (t.captured, t.refunded, t.charged_back)
          or (p.status = 'SUCCEEDED' and p.cancel_requested_at is null
            and (t.captured not between 0.0001 and p.amount or t.refunded <> r.refunded))
          or (p.status = 'AUTHORIZED' and a.authorized <> p.amount)
          or (p.status in ('FAILED', 'CANCELLED') and t.captured <> t.refunded + t.charged_back)
        limit 20
        """,  # noqa: S608 - a fragment
        "Money moved that the payment does not show, or the other way round. Compare it with the provider's records.",
    ),
    Invariant(
        "The ledger has what each payment captured, refunded and lost to chargebacks",
        f"""
        select p.company_id, p.id as payment, p.provider, p.amount_captured, p.amount_refunded,
          p.amount_charged_back, l.captured, l.refunded, l.charged_back
        from payments p
        left join ({POSTED}) l on l.company_id = p.company_id and l.payment_id = p.id
        where (p.amount_captured, p.amount_refunded, p.amount_charged_back)
            <> (coalesce(l.captured, 0), coalesce(l.refunded, 0), coalesce(l.charged_back, 0))
        limit 20
        """,  # noqa: S608 - constants
        "A payment was changed outside the payment domain. Compare it with the provider's records.",
    ),
    Invariant(
        "Removed payment methods are being deleted at their providers",
        """
        select company_id, id as payment_method, provider, forget_at from payment_methods
        where forget_at < now() - interval '1 hour' order by forget_at limit 20
        """,
        "Check that a server or a worker is running; its log has the errors.",
    ),
    Invariant(
        "The records of the MOCK provider agree with the payments",
        """
        select p.company_id, p.id as payment, p.status, m.status as at_provider, p.amount,
          m.amount as amount_at_provider
        from payments p
        left join mock_charges m on m.reference = p.id
        where p.provider = 'MOCK' and (
            (p.status = 'SUCCEEDED' and p.cancel_requested_at is null
              and (m.status is distinct from 'APPROVED' or m.captured_amount <> p.amount_captured
                or m.currency <> p.currency))
            or (p.status = 'AUTHORIZED' and p.cancel_requested_at is null
              and (m.status is null
                or (m.status not in ('AUTHORIZED', 'APPROVED') and m.code is distinct from 'EXPIRED')
                or m.amount <> p.amount or m.currency <> p.currency))
            or (p.status in ('FAILED', 'CANCELLED') and m.status in ('AUTHORIZED', 'APPROVED')))
        limit 20
        """,
        "A payment and the provider's record of it disagree. The provider's record shows which money moved.",
    ),
    *tenders.INVARIANTS,
)
TEXTS: Final = (
    TextColumns(table="refunds", texts=("reason",)),
    TextColumns(table="payment_methods", texts=("brand", "label", "alias")),
    *tenders.TEXTS,
    SETTLEMENT_TEXTS,
)
ROW_INVARIANTS: Final = (normalized_texts("payments", TEXTS),)
