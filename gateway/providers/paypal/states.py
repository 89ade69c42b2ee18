"""The state of a payment, read from its order at PayPal: status, transactions, next action, kept method."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from domains.kernel.clock import Clock
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.models import NextActionType, SavedMethodType, TransactionStatus, TransactionType
from domains.payment.providers.results import (
    Decline,
    KeptMethod,
    NextAction,
    ProviderPayment,
    ProviderStatus,
    ProviderTransaction,
)
from gateway.providers.paypal.amounts import read
from gateway.providers.paypal.client import Json
from gateway.providers.paypal.declines import decline_of
from gateway.providers.paypal.environments import Site
from gateway.providers.paypal.errors import PayPalUnavailable
from gateway.providers.paypal.orders import CARD_PREFIX, PAYPAL_PREFIX, custom_id_of, id_of, units_of
from gateway.providers.paypal.references import CustomId, Note

S = ProviderStatus
T = TransactionType
X = TransactionStatus
CAPTURED: Final = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
CAPTURES: Final = {**dict.fromkeys(CAPTURED, X.SUCCEEDED), "PENDING": X.PENDING}
REFUNDS: Final = {"COMPLETED": X.SUCCEEDED, "PENDING": X.PENDING}
AUTHORIZATIONS: Final = {
    **dict.fromkeys(("CREATED", "CAPTURED", "PARTIALLY_CAPTURED", "VOIDED", "EXPIRED"), X.SUCCEEDED),
    "PENDING": X.PENDING,
}
# Of 3-D Secure: not authenticated, refused by the bank, not possible at the moment.
NOT_AUTHENTICATED: Final = frozenset({"N", "R", "U"})
BY_AUTHORIZATION: Final = {
    "CREATED": S.AUTHORIZED,
    "PENDING": S.PROCESSING,
    "CAPTURED": S.PROCESSING,
    "PARTIALLY_CAPTURED": S.PROCESSING,
    "VOIDED": S.CANCELLED,
    "EXPIRED": S.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class States:
    """Reads orders of one site."""

    site: Site
    clock: Clock

    def read(self, order: Json) -> ProviderPayment:
        """The payment of an order. Raises PayPalUnavailable for an answer that is not an order."""
        try:
            return self._payment(order)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise PayPalUnavailable("PayPal's order cannot be read.") from None

    def _payment(self, order: Json) -> ProviderPayment:
        status, amount, decline = self._moved(order) or self._unpaid(order)
        authorizations = payments_of(order, "authorizations")
        ends = [each["expiration_time"] for each in authorizations[-1:] if "expiration_time" in each]
        return ProviderPayment(
            status,
            id_of(order),
            amount,
            self._action(order) if status is S.REQUIRES_ACTION else None,
            decline,
            tuple(sorted(self._transactions(order), key=lambda each: each.occurred_at)),
            _method(order),
            time_of(ends[0]) if ends and status is S.AUTHORIZED else None,
        )

    def _moved(self, order: Json) -> tuple[ProviderStatus, Money | None, Decline | None] | None:
        """Status and amount by what was authorized and captured; None when nothing was tried."""
        captures, authorizations = payments_of(order, "captures"), payments_of(order, "authorizations")
        done = [each for each in captures if each["status"] in CAPTURED]
        if done:
            if any(_is_cancellation(each) for each in payments_of(order, "refunds")):
                return S.CANCELLED, None, None
            return S.SUCCEEDED, _sum([read(each["amount"]) for each in done]), None
        if any(each["status"] == "PENDING" for each in captures):
            return S.PROCESSING, None, None
        if authorizations and (status := BY_AUTHORIZATION.get(self._authorized(authorizations[-1]))):
            return status, read(authorizations[-1]["amount"]) if status is S.AUTHORIZED else None, None
        if authorizations:
            return S.FAILED, None, decline_of("AUTHORIZATION_DENIED")
        return (S.FAILED, None, decline_of(f"CAPTURE_{captures[-1]['status']}")) if captures else None

    def _unpaid(self, order: Json) -> tuple[ProviderStatus, Money | None, Decline | None]:
        """The status of an order for which no money was moved."""
        custom = custom_id_of(order)
        if custom is not None and custom.note is Note.FAILED:
            return S.FAILED, None, decline_of(custom.detail or "DECLINED")
        if order["status"] == "VOIDED" or (custom is not None and custom.note is Note.CANCELLED):
            return S.CANCELLED, None, None
        if order["status"] == "COMPLETED":
            return S.PROCESSING, None, None
        if _is_unauthenticated(order):
            return S.FAILED, None, decline_of("AUTHENTICATION_FAILED")
        return S.APPROVED if order["status"] == "APPROVED" else S.REQUIRES_ACTION, None, None

    def _transactions(self, order: Json) -> Iterator[ProviderTransaction]:
        authorizations, captures = payments_of(order, "authorizations"), payments_of(order, "captures")
        for each in authorizations:
            status = self._authorized(each)
            yield _transaction(each, T.AUTHORIZATION, AUTHORIZATIONS.get(status, X.FAILED))
            if status in {"VOIDED", "EXPIRED"}:
                ended_at = each.get("update_time" if status == "VOIDED" else "expiration_time", each["create_time"])
                yield _transaction(each, T.VOID, X.SUCCEEDED, at=ended_at)
        for each in captures:
            yield _transaction(
                each, T.CAPTURE if authorizations else T.CHARGE, CAPTURES.get(each["status"], X.FAILED)
            )
        refunds = [
            _transaction(each, T.REFUND, REFUNDS.get(each["status"], X.FAILED))
            for each in payments_of(order, "refunds")
        ]
        yield from refunds
        returned = sum((each.amount.amount for each in refunds if each.status is not X.FAILED), Decimal(0))
        for each in captures:
            if (each.get("status_details") or {}).get("reason") == "CHARGEBACK":
                lost = _transaction(each, T.CHARGEBACK, X.SUCCEEDED, at=each.get("update_time", each["create_time"]))
                # What was refunded before is not taken twice.
                rest = Money(lost.amount.amount - returned, lost.amount.currency)
                if rest.amount > 0:
                    yield ProviderTransaction(lost.id, lost.type, lost.status, rest, lost.occurred_at)

    def _authorized(self, authorization: Json) -> str:
        """The status of an authorization; EXPIRED after its end, for which PayPal's orders have no status."""
        status, ends = str(authorization["status"]), authorization.get("expiration_time")
        has_ended = status == "CREATED" and ends is not None and time_of(ends) <= self.clock.now()
        return "EXPIRED" if has_ended else status

    def _action(self, order: Json) -> NextAction:
        """The page where the buyer goes on. Raises PayPalUnavailable when it is not PayPal's."""
        is_card = "card" in (order.get("payment_source") or {})
        return NextAction(
            NextActionType.THREE_D_SECURE if is_card else NextActionType.REDIRECT, page_of(order, self.site)
        )


def page_of(answer: Json, site: Site) -> str:
    """The page where a buyer approves. Raises PayPalUnavailable when there is none or it is not PayPal's."""
    links = {link.get("rel"): link.get("href") for link in answer.get("links") or () if isinstance(link, dict)}
    url = links.get("payer-action") or links.get("approve")
    if not isinstance(url, str) or not site.is_page(url):
        raise PayPalUnavailable("PayPal's answer names no page of PayPal for the buyer.")
    return url


def payments_of(order: Json, kind: str) -> list[Json]:
    """The authorizations, captures or refunds of an order, oldest first."""
    found = [each for unit in units_of(order) for each in (unit.get("payments") or {}).get(kind) or ()]
    return sorted(found, key=lambda each: time_of(each["create_time"]))


def time_of(text: str) -> datetime:
    """A time of PayPal. Raises ValueError when it is not one with a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("A time of PayPal has no zone.")
    return at.astimezone(UTC)


def _is_cancellation(refund: Json) -> bool:
    custom = CustomId.read(refund.get("custom_id"))
    return custom is not None and custom.note is Note.CANCELLED and refund["status"] in REFUNDS


def _transaction(
    payment: Json, type_: TransactionType, status: TransactionStatus, *, at: str | None = None
) -> ProviderTransaction:
    custom = CustomId.read(payment.get("custom_id"))
    amount, occurred_at = read(payment["amount"]), time_of(at or payment["create_time"])
    return ProviderTransaction(payment["id"], type_, status, amount, occurred_at, custom.refund if custom else None)


def _sum(amounts: list[Money]) -> Money:
    total, *others = amounts
    for amount in others:
        total += amount
    return total


def _is_unauthenticated(order: Json) -> bool:
    card = (order.get("payment_source") or {}).get("card") or {}
    result = (card.get("authentication_result") or {}).get("three_d_secure") or {}
    return result.get("authentication_status") in NOT_AUTHENTICATED


def _method(order: Json) -> KeptMethod | None:
    """The method that PayPal has kept for a customer with this payment."""
    source = order.get("payment_source") or {}
    for name in ("paypal", "card"):
        given = source.get(name) or {}
        vault = (given.get("attributes") or {}).get("vault") or {}
        customer = (vault.get("customer") or {}).get("id")
        if vault.get("status") == "VAULTED" and isinstance(vault.get("id"), str) and isinstance(customer, str):
            return kept(name, vault["id"], customer, given)
    return None


def kept(name: str, vault_id: str, customer_id: str, source: Json) -> KeptMethod:
    """A kept method by its id in PayPal's vault, its customer, and what PayPal tells of it."""
    if name == "paypal":
        label = masked(source.get("email_address"))
        return KeptMethod(Secret(f"{PAYPAL_PREFIX}{vault_id}"), SavedMethodType.PAYPAL, customer_id, label=label)
    year, _, month = str(source.get("expiry") or "").partition("-")
    brand = source.get("brand")
    return KeptMethod(
        Secret(f"{CARD_PREFIX}{vault_id}"),
        SavedMethodType.CARD,
        customer_id,
        brand.lower() if isinstance(brand, str) else None,
        str(source.get("last_digits") or "")[-4:],
        int(month) if month.isdigit() else None,
        int(year) if year.isdigit() else None,
    )


def masked(email: object) -> str:
    """An e-mail address by which its owner knows the account, and no one else: `a***@example.com`."""
    if not isinstance(email, str) or "@" not in email:
        return "PayPal"
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}"
