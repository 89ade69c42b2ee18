"""Mutations of one's own cart."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from domains.cart.models import CartRef, FilledCart, PricedCart, TakenOver
from domains.kernel.database import Tx
from domains.kernel.text.validation import Required
from gateway.graphql.cart import inputs, payloads
from gateway.graphql.cart.loaders import load_calculated, load_contents, load_quantities
from gateway.graphql.cart.queries import guest_token, ref_of
from gateway.graphql.cart.types import Cart, CartLeftOver
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, PUBLIC, command, present, present_all, workflow


@strawberry.type
class CartMutation:
    """What is done to carts. Everybody reaches their own."""

    @workflow(PUBLIC)
    async def cart_item_add(
        self, info: Info, input: Annotated[inputs.CartItemAddInput, strawberry.argument(description="What.")]
    ) -> payloads.CartItemAddPayload:
        """Put units of a product or variant into the cart; what is in it already adds up.

        A guest without a cart gets one, and its token with it.
        """
        ref, add = ref_of(info, input.cart_token), info.context.services.cart.add_item
        opened = await _fill(info, ref, 1, lambda tx: add(tx, ref, input.as_line()))
        info.context.loaders.of(load_quantities).know(opened.cart, opened.units)
        return payloads.CartItemAddPayload(cart=present(Cart, opened.cart), cart_token=opened.token)

    @workflow(PUBLIC)
    async def cart_items_add(
        self, info: Info, input: Annotated[inputs.CartItemsAddInput, strawberry.argument(description="What.")]
    ) -> payloads.CartItemsAddPayload:
        """Put units of several products or variants into the cart at once, all of them or none.

        A guest without a cart gets one, and its token with it. To take what fits of a list, use `cartSync`.
        """
        ref, add = ref_of(info, input.cart_token), info.context.services.cart.add_items
        wanted = [item.as_line() for item in input.items]
        opened = await _fill(info, ref, len(wanted), lambda tx: add(tx, ref, wanted))
        info.context.loaders.of(load_quantities).know(opened.cart, opened.units)
        return payloads.CartItemsAddPayload(cart=present(Cart, opened.cart), cart_token=opened.token)

    @command(PUBLIC)
    async def cart_item_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CartItemUpdateInput, strawberry.argument(description="How many.")],
    ) -> payloads.CartItemUpdatePayload:
        """Let a line have so many units."""
        ref = ref_of(info, input.cart_token)
        cart = await info.context.services.cart.update_item_quantity(tx, ref, input.id, input.quantity)
        return payloads.CartItemUpdatePayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_item_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CartItemRemoveInput, strawberry.argument(description="Which line.")],
    ) -> payloads.CartItemRemovePayload:
        """Take a line out of the cart."""
        cart = await info.context.services.cart.remove_item(tx, ref_of(info, input.cart_token), input.id)
        return payloads.CartItemRemovePayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_clear(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CartClearInput | None, strawberry.argument(description="Which cart.")] = None,
    ) -> payloads.CartClearPayload:
        """Take all lines and codes out of the cart. The cart and its token stay."""
        ref = ref_of(info, input.cart_token if input else None)
        cart = await info.context.services.cart.clear_cart(tx, ref)
        return payloads.CartClearPayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_prices_accept(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CartPricesAcceptInput | None, strawberry.argument(description="Which cart.")] = None,
    ) -> payloads.CartPricesAcceptPayload:
        """Take today's prices as seen: `priceChanged` is false on every line then."""
        ref = ref_of(info, input.cart_token if input else None)
        cart = await info.context.services.cart.accept_prices(tx, ref)
        return payloads.CartPricesAcceptPayload(cart=present(Cart, cart))

    @workflow(PUBLIC)
    async def cart_promotion_apply(
        self, info: Info, input: Annotated[inputs.CartPromotionApplyInput, strawberry.argument(description="Which.")]
    ) -> payloads.CartPromotionApplyPayload:
        """Use a promotion's code on the cart. Wrong codes count, and after many of them one has to wait.

        The cart carries the code from then on; what it takes off, or why nothing any more, the totals say.
        """
        context = info.context
        ref = ref_of(info, input.cart_token)

        async def work(tx: Tx) -> PricedCart:
            return await context.services.cart.apply_promotion(tx, ref, input.code)

        async with context.services.promotion.guesses.one(context.actor.company_id, context.request.ip):
            priced = await context.db.run_alone(work, context.actor)
        cart = priced.contents.cart
        context.loaders.of(load_contents).know(cart, priced.contents)
        context.loaders.of(load_calculated).know(cart, priced.totals)
        return payloads.CartPromotionApplyPayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_promotion_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CartPromotionRemoveInput, strawberry.argument(description="Which.")],
    ) -> payloads.CartPromotionRemovePayload:
        """Use a promotion's code on the cart no more."""
        ref = ref_of(info, input.cart_token)
        cart = await info.context.services.cart.remove_promotion(tx, ref, input.promotion_id)
        return payloads.CartPromotionRemovePayload(cart=present(Cart, cart))

    @workflow(PUBLIC)
    async def cart_email_code_send(
        self, info: Info, input: Annotated[inputs.CartEmailCodeSendInput, strawberry.argument(description="Where.")]
    ) -> payloads.CartEmailCodeSendPayload:
        """Mail a six-digit code to a guest's address, good for ten minutes; it takes the place of an earlier one.

        Confirmed with `cartEmailConfirm`, the address brings what it has earned: promotions for loyal customers, and
        those that everybody may use a number of times. Who is signed in needs none.
        """
        context = info.context
        await context.services.cart.request_email_code(
            context.services.auth.email_verification,
            context.db,
            context.actor,
            context.request.origin(),
            ref_of(info, input.cart_token),
            input.email,
        )
        return payloads.CartEmailCodeSendPayload()

    @workflow(PUBLIC)
    async def cart_email_confirm(
        self, info: Info, input: Annotated[inputs.CartEmailConfirmInput, strawberry.argument(description="What.")]
    ) -> payloads.CartEmailConfirmPayload:
        """Confirm a guest's address for the cart by the mailed code. An order of the cart is at this address."""
        context = info.context
        cart = await context.services.cart.confirm_email(
            context.services.auth.email_verification,
            context.db,
            context.actor,
            context.request.origin(),
            ref_of(info, input.cart_token),
            input.code,
        )
        return payloads.CartEmailConfirmPayload(cart=present(Cart, cart))

    @workflow(PUBLIC)
    async def cart_sync(
        self, info: Info, input: Annotated[inputs.CartSyncInput, strawberry.argument(description="What.")]
    ) -> payloads.CartSyncPayload:
        """Add what a frontend kept to the cart, as far as it fits, and tell what did not. Forget it there afterwards.

        For a signed-in user who still holds a guest's token, that cart is merged as well.
        """
        context, carts = info.context, info.context.services.cart
        ref, lines = ref_of(info, input.cart_token), [line.as_line() for line in input.items]
        token = guest_token(info, input.cart_token)

        async def work(tx: Tx) -> TakenOver:
            taken = await carts.sync_from_local_storage(tx, ref, lines, guest_token=token)
            await carts.admit_made(context.actor, ref, taken.opened, context.request.ip)
            return taken

        async with carts.admitted(context.actor, ref, context.request.ip, len(lines)):
            taken = await context.db.run(work, context.actor)
        opened = taken.opened
        return payloads.CartSyncPayload(
            cart=present(Cart, opened.cart if opened else None),
            cart_token=opened.token if opened else None,
            left_over=present_all(CartLeftOver, list(taken.left)),
        )

    @command(AUTHENTICATED)
    async def cart_merge(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CartMergeInput | None, strawberry.argument(description="Which cart.")] = None,
    ) -> payloads.CartMergePayload:
        """Merge a guest's cart into the signed-in user's, after a login. The guest's token is spent then.

        The same thing adds up, as far as it fits; what did not is told. A spent token merges nothing.
        """
        token = guest_token(info, input.cart_token if input else None)
        if token is None:
            raise Required("Give the guest's cart token.", field=("cart_token",))
        taken = await info.context.services.cart.merge(tx, ref_of(info, None), token)
        return payloads.CartMergePayload(
            cart=present(Cart, taken.opened.cart if taken.opened else None),
            left_over=present_all(CartLeftOver, list(taken.left)),
        )


async def _fill(info: Info, ref: CartRef, lines: int, work: Callable[[Tx], Awaitable[FilledCart]]) -> FilledCart:
    """Add to a cart: a guest's first things, and the cart that they make, are one write without a transaction."""
    context, carts, db = info.context, info.context.services.cart, info.context.db

    async def counted(tx: Tx) -> FilledCart:
        filled = await work(tx)
        await carts.admit_made(context.actor, ref, filled, context.request.ip)
        return filled

    async with carts.admitted(context.actor, ref, context.request.ip, lines):
        return await (db.run_alone if ref.is_nobodys else db.run)(counted, context.actor)
