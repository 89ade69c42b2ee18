"""Mutations of the gift cards and the store credit of the caller's own cart."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.payment.gift_cards.errors import GiftCardCodeUnknown
from domains.payment.gift_cards.rate_limit import WRONG_GIFT_CARD_CODES
from gateway.graphql.cart import inputs, payloads
from gateway.graphql.cart.queries import ref_of
from gateway.graphql.cart.types import Cart
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, PUBLIC, command, present, workflow


@strawberry.type
class CartTenderMutation:
    """What pays for the caller's own cart beside money. No balance changes before the order."""

    @workflow(PUBLIC)
    async def cart_gift_card_apply(
        self,
        info: Info,
        input: Annotated[
            inputs.CartGiftCardApplyInput,
            strawberry.argument(description="The code of a gift card as the buyer enters it."),
        ],
    ) -> payloads.CartGiftCardApplyPayload:
        """Add a gift card to the cart; it pays for the order, after the cards that were added before.

        Wrong codes are limited by network address, together with those of `giftCardBalanceCheck`.
        """
        context, tenders = info.context, info.context.services.cart.tenders
        ref, code = ref_of(info, input.cart_token), input.code.reveal()
        source = (context.cache, context.actor.company_id, context.request.ip)
        async with WRONG_GIFT_CARD_CODES.count_failures(GiftCardCodeUnknown, *source):
            cart = await context.db.run(lambda tx: tenders.apply(tx, ref, code), context.actor)
        return payloads.CartGiftCardApplyPayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_gift_card_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartGiftCardRemoveInput,
            strawberry.argument(description="The gift card to remove from the cart."),
        ],
    ) -> payloads.CartGiftCardRemovePayload:
        """Remove a gift card from the cart. Its balance is as before."""
        tenders = info.context.services.cart.tenders
        cart = await tenders.remove(tx, ref_of(info, input.cart_token), input.gift_card_id)
        return payloads.CartGiftCardRemovePayload(cart=present(Cart, cart))

    @command(AUTHENTICATED)
    async def cart_store_credit_use(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartStoreCreditUseInput,
            strawberry.argument(description="Whether the customer's store credit is to pay for the cart."),
        ],
    ) -> payloads.CartStoreCreditUsePayload:
        """Pay for the cart with the customer's store credit, or not. It pays after the gift cards."""
        tenders = info.context.services.cart.tenders
        cart = await tenders.use_store_credit(tx, ref_of(info, None), use=input.use)
        return payloads.CartStoreCreditUsePayload(cart=present(Cart, cart))
