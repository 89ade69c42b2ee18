"""Invariants of gift cards and store credit over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns

TEXTS: Final = (TextColumns(table="gift_cards", texts=("disabled_reason", "note")),)
INVARIANTS: Final = (
    Invariant(
        "Each gift card was issued once in the ledger, with its initial amount",
        """
        select g.company_id, g.id as gift_card, g.initial_amount, l.amount as in_ledger
        from gift_cards g
        left join ledger_entries e on e.company_id = g.company_id and e.source_kind = 'gift_card'
          and e.source_id = g.id and e.kind = 'GIFT_CARD_ISSUE'
        left join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id and l.subject_id = g.id
        where l.amount is distinct from g.initial_amount or e.currency <> g.currency
        limit 20
        """,
        "Gift cards were written outside the payment domain. Disable those without an entry.",
    ),
    Invariant(
        "Each balance of gift cards and store credit belongs to one, in its currency",
        """
        select b.company_id, b.account, b.subject_id as subject, b.currency, b.balance
        from ledger_balances b
        left join gift_cards g on b.account = '2100' and g.company_id = b.company_id and g.id = b.subject_id
        left join store_credits s on b.account = '2200' and s.company_id = b.company_id and s.id = b.subject_id
        where b.account in ('2100', '2200') and b.currency is distinct from coalesce(g.currency, s.currency)
        limit 20
        """,
        "Gift cards or store credit were deleted outside the payment domain. Restore them from a backup.",
    ),
    Invariant(
        "A payment by gift card or store credit is of one, in its currency",
        """
        select p.company_id, p.id as payment, p.provider, p.tender_id, p.currency
        from payments p
        left join gift_cards g on p.provider = 'GIFT_CARD' and g.company_id = p.company_id and g.id = p.tender_id
        left join store_credits s on p.provider = 'STORE_CREDIT' and s.company_id = p.company_id
          and s.id = p.tender_id
        where p.tender_id is not null and p.currency is distinct from coalesce(g.currency, s.currency)
        limit 20
        """,
        "Gift cards or store credit were deleted outside the payment domain. Restore them from a backup.",
    ),
    Invariant(
        "What is left on an expired gift card is booked within an hour",
        """
        select g.company_id, g.id as gift_card, g.expires_at, g.swept_at, b.balance
        from gift_cards g
        join ledger_balances b on b.company_id = g.company_id and b.account = '2100' and b.subject_id = g.id
        where b.balance > 0 and (g.swept_at is not null or g.expires_at < now() - interval '1 hour')
        limit 20
        """,
        "Check that a server or a worker is running the job `expire gift cards`; its log has the errors.",
    ),
)
