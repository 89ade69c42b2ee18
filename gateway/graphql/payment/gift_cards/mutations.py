"""Mutations of gift cards: for staff, and the check of a balance for holders of a code."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.values.money import Money as KernelMoney
from domains.payment.gift_cards.errors import GiftCardCodeUnknown
from domains.payment.gift_cards.models import GiftCardChanges
from domains.payment.gift_cards.rate_limit import WRONG_GIFT_CARD_CODES
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, command, from_input, present, sensitive, workflow
from gateway.graphql.core.scalars import Money
from gateway.graphql.payment.audit.types import MANAGES_ORDERS
from gateway.graphql.payment.gift_cards import inputs, payloads
from gateway.graphql.payment.gift_cards.types import GiftCard, GiftCardBalance, IssuedGiftCard


@strawberry.type
class GiftCardMutation:
    """The gift cards' fields of Mutation."""

    @sensitive
    @command(MANAGES_ORDERS, idempotent=True)
    async def gift_card_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.GiftCardCreateInput, strawberry.argument(description="The gift cards to issue.")],
    ) -> payloads.GiftCardCreatePayload:
        """Issue gift cards, all or none. The codes are in this answer only, and in the e-mails to the recipients."""
        issued = await info.context.services.payment.issuance.issue(tx, [card.as_new() for card in input.cards])
        return payloads.GiftCardCreatePayload(
            gift_cards=[
                IssuedGiftCard(gift_card=present(GiftCard, each.card), code=each.code.reveal()) for each in issued
            ]
        )

    @command(MANAGES_ORDERS)
    async def gift_card_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.GiftCardUpdateInput,
            strawberry.argument(description="The id of the gift card, and what to change."),
        ],
    ) -> payloads.GiftCardUpdatePayload:
        """Change when a gift card expires, or its note."""
        changes = from_input(GiftCardChanges, input, exclude=("id",))
        card = await info.context.services.payment.gift_cards.update(tx, input.id, changes)
        return payloads.GiftCardUpdatePayload(gift_card=present(GiftCard, card))

    @command(MANAGES_ORDERS)
    async def gift_card_disable(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.GiftCardDisableInput, strawberry.argument(description="The id of the gift card, and why.")
        ],
    ) -> payloads.GiftCardDisablePayload:
        """Keep a gift card from being spent. Its balance stays, and refunds of orders that it paid go to it."""
        card = await info.context.services.payment.gift_cards.disable(tx, input.id, input.reason)
        return payloads.GiftCardDisablePayload(gift_card=present(GiftCard, card))

    @command(MANAGES_ORDERS)
    async def gift_card_enable(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.GiftCardEnableInput, strawberry.argument(description="The id of the gift card.")],
    ) -> payloads.GiftCardEnablePayload:
        """Let a disabled gift card be spent again."""
        card = await info.context.services.payment.gift_cards.enable(tx, input.id)
        return payloads.GiftCardEnablePayload(gift_card=present(GiftCard, card))

    @command(MANAGES_ORDERS, idempotent=True)
    async def gift_card_balance_adjust(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.GiftCardBalanceAdjustInput, strawberry.argument(description="The amount, with the reason.")
        ],
    ) -> payloads.GiftCardBalanceAdjustPayload:
        """Add an amount to the balance of a gift card, or deduct one, at the expense of the shop."""
        cards = info.context.services.payment.gift_cards
        card = await cards.adjust(tx, input.id, input.amount, input.reason)
        return payloads.GiftCardBalanceAdjustPayload(gift_card=present(GiftCard, card))

    @workflow(PUBLIC)
    async def gift_card_balance_check(
        self,
        info: Info,
        input: Annotated[inputs.GiftCardBalanceCheckInput, strawberry.argument(description="The code of the card.")],
    ) -> payloads.GiftCardBalanceCheckPayload:
        """Show what is left on a gift card to the holder of its code. Wrong codes are limited by network address.

        It is a mutation so that no code is in a URL.
        """
        context, cards = info.context, info.context.services.payment.gift_cards
        source = (context.cache, context.actor.company_id, context.request.ip)
        async with WRONG_GIFT_CARD_CODES.count_failures(GiftCardCodeUnknown, *source):
            card = await cards.by_code(context.reader, input.code.reveal())
            if card is None:
                raise GiftCardCodeUnknown
        balance = (await cards.balances(context.reader, [card.id]))[card.id]
        shown = GiftCardBalance(
            last_characters=card.last_characters,
            status=cards.status(card, balance),
            balance=present(Money, KernelMoney(balance, card.currency)),
            expires_at=card.expires_at,
        )
        return payloads.GiftCardBalanceCheckPayload(gift_card=shown)
