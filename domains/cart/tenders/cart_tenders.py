"""The tenders of carts: the gift cards and the store credit that are to pay for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from domains.cart.errors import CartLimitExceeded, CartNotFound, GiftCardCurrencyDiffers, GiftCardNotInCart
from domains.cart.events import CartChanged
from domains.cart.models import Cart, CartContents, CartRef
from domains.cart.tenders import sql
from domains.cart.tenders.models import CartGiftCard, CartStoreCredit, TenderQuote, payable_by_tenders
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.payment.gift_cards.models import GiftCard, GiftCardStatus, status_of
from domains.payment.models import NOTHING, PaymentMethod
from domains.payment.service import PaymentService
from domains.payment.tenders.models import Tender
from domains.pricing.models import Quote


class CartTenders:
    """Adds gift cards to carts, removes them, and says what they and store credit pay. A cart moves no money."""

    def __init__(self, payment: PaymentService, clock: Clock) -> None:
        self._payment = payment
        self._clock = clock

    async def apply(self, tx: Tx, ref: CartRef, code: str) -> Cart:
        """Add the gift card with this code to the cart, after its other ones. Idempotent. Four statements.

        Attempts are counted by the caller. Raises CartNotFound, GiftCardCodeUnknown, GiftCardDisabled,
        GiftCardExpired, GiftCardEmpty, GiftCardCurrencyDiffers, CartLimitExceeded beyond ten cards. Emits CartChanged
        when the cart did not have the card.
        """
        cart, gift_card_ids = await self._lock(tx, ref)
        card, _ = await self._payment.gift_cards.usable(tx, code)
        if card.currency != cart.currency:
            raise GiftCardCurrencyDiffers(card.currency, cart.currency)
        if card.id in gift_card_ids:
            return cart
        if len(gift_card_ids) >= sql.MAX_GIFT_CARDS:
            raise CartLimitExceeded(f"A cart has at most {sql.MAX_GIFT_CARDS} gift cards.", field=("code",))
        tx.defer(sql.add(tx, cart.id, card.id))
        tx.emit(CartChanged.of(cart))
        return cart

    async def remove(self, tx: Tx, ref: CartRef, gift_card_id: UUID) -> Cart:
        """Remove a gift card from the cart. Three statements.

        Raises CartNotFound, GiftCardNotInCart. Emits CartChanged.
        """
        cart, _ = await self._lock(tx, ref)
        if not await sql.remove(tx, cart.id, gift_card_id):
            raise GiftCardNotInCart(gift_card_id)
        return self._changed(tx, cart, use=cart.use_store_credit)

    async def use_store_credit(self, tx: Tx, ref: CartRef, *, use: bool) -> Cart:
        """Pay for a customer's cart with store credit, or not. Idempotent. Two statements.

        Raises CartNotFound. Emits CartChanged when it changes.
        """
        cart, _ = await self._lock(tx, ref)
        return cart if cart.use_store_credit is use else self._changed(tx, cart, use=use)

    async def quotes(self, db: Reader, carts: Collection[tuple[CartContents, Quote]]) -> list[TenderQuote | None]:
        """What the tenders of carts pay of their quotes now, in their order; None for a cart without tenders.

        No statement for carts without tenders; two for gift cards, and two for store credit.
        """
        ids = {card_id for contents, _ in carts for card_id in contents.gift_card_ids}
        cards = {card.id: card for card in await self._payment.gift_cards.by_id(db, ids)} if ids else {}
        balances = await self._payment.gift_cards.balances(db, ids) if ids else {}
        users = {contents.cart.user_id for contents, _ in carts if contents.cart.use_store_credit}
        credit = await self._store_credit(db, [user_id for user_id in users if user_id is not None])
        return [self._quote(contents, quoted, cards, balances, credit) for contents, quoted in carts]

    async def _store_credit(self, db: Reader, user_ids: Sequence[UUID]) -> dict[UUID, list[Tender]]:
        """The store credit of each user, one for each currency in which they have had any."""
        if not user_ids:
            return {}
        rows = await self._payment.store_credits.of_users(db, user_ids)
        balances = await self._payment.store_credits.balances(db, [row.id for row in rows])
        found: dict[UUID, list[Tender]] = {}
        for row in rows:
            tender = Tender(PaymentMethod.STORE_CREDIT, row.id, balances[row.id], row.currency, "")
            found.setdefault(row.user_id, []).append(tender)
        return found

    def _quote(
        self,
        contents: CartContents,
        quoted: Quote,
        cards: Mapping[UUID, GiftCard],
        balances: Mapping[UUID, Decimal],
        store_credit: Mapping[UUID, Sequence[Tender]],
    ) -> TenderQuote | None:
        if not contents.has_tenders:
            return None
        now, cart = self._clock.now(), contents.cart
        own = [cards[card_id] for card_id in contents.gift_card_ids if card_id in cards]
        statuses = {card.id: status_of(card, balances[card.id], now) for card in own}
        usable = [
            Tender(PaymentMethod.GIFT_CARD, card.id, balances[card.id], card.currency, card.last_characters)
            for card in own
            if statuses[card.id] is GiftCardStatus.ACTIVE
        ]
        credit = store_credit.get(cart.user_id, ()) if cart.user_id is not None and cart.use_store_credit else ()
        tenders = [tender for tender in (*usable, *credit) if tender.currency == quoted.currency]
        spends = self._payment.tenders.spends(payable_by_tenders(contents, quoted), tenders)
        amounts = {spend.tender.id: spend.amount for spend in spends}
        return TenderQuote(
            quoted.currency,
            [_of_card(card, statuses[card.id], balances[card.id], amounts) for card in own],
            _of_credit([each for each in tenders if each.kind is PaymentMethod.STORE_CREDIT], amounts)
            if cart.use_store_credit
            else None,
            quoted.total - sum(amounts.values(), NOTHING),
        )

    async def _lock(self, tx: Tx, ref: CartRef) -> tuple[Cart, Sequence[UUID]]:
        locked = await sql.lock(tx, ref, self._clock.now())
        if locked is None:
            raise CartNotFound
        return locked

    def _changed(self, tx: Tx, cart: Cart, *, use: bool) -> Cart:
        tx.defer(sql.use_store_credit(tx, cart.id, use=use))
        tx.emit(CartChanged.of(cart))
        return replace(cart, use_store_credit=use, quoted_due=None)


def _of_card(
    card: GiftCard, status: GiftCardStatus, balance: Decimal, amounts: Mapping[UUID, Decimal]
) -> CartGiftCard:
    return CartGiftCard(card, status, balance, amounts.get(card.id, NOTHING))


def _of_credit(tenders: Sequence[Tender], amounts: Mapping[UUID, Decimal]) -> CartStoreCredit:
    balance = sum((tender.balance for tender in tenders), NOTHING)
    return CartStoreCredit(balance, sum((amounts.get(tender.id, NOTHING) for tender in tenders), NOTHING))
