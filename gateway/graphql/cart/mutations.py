"""Mutations of the caller's own cart."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from domains.cart.models import CartRef, ChangedCart, MergeResult, PricedCart
from domains.kernel.database import Tx
from domains.kernel.text.validation import Required
from gateway.graphql.cart import inputs, payloads
from gateway.graphql.cart.loaders import load_contents, load_priced, load_quantities
from gateway.graphql.cart.queries import guest_token, ref_of
from gateway.graphql.cart.types import Cart, CartRejectedLine
from gateway.graphql.catalog.selections import selects
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, PUBLIC, command, present, present_all, sensitive, workflow


@strawberry.type
class CartMutation:
    """The cart domain's fields of Mutation. Each changes the caller's own cart."""

    @workflow(PUBLIC)
    async def cart_item_add(
        self,
        info: Info,
        input: Annotated[
            inputs.CartItemAddInput,
            strawberry.argument(description="The product or variant with the number of units to add."),
        ],
    ) -> payloads.CartItemAddPayload:
        """Add units of a product or variant to the cart; the quantity of an existing line is increased.

        A guest without a cart gets one and its token.
        """
        ref, add = ref_of(info, input.cart_token), info.context.services.cart.add_item
        opened = await _add(info, ref, 1, lambda tx: add(tx, ref, input.as_line()))
        info.context.loaders.of(load_quantities).cache_value(opened.cart, opened.units)
        return payloads.CartItemAddPayload(cart=present(Cart, opened.cart), cart_token=opened.token)

    @workflow(PUBLIC)
    async def cart_items_add(
        self,
        info: Info,
        input: Annotated[
            inputs.CartItemsAddInput,
            strawberry.argument(description="The products or variants to add, all of them or none."),
        ],
    ) -> payloads.CartItemsAddPayload:
        """Add units of several products or variants to the cart, all or none.

        A guest without a cart gets one and its token. To add what fits of a list, use `cartSync`.
        """
        ref, add = ref_of(info, input.cart_token), info.context.services.cart.items.add
        new_lines = [item.as_line() for item in input.items]
        opened = await _add(info, ref, len(new_lines), lambda tx: add(tx, ref, new_lines))
        info.context.loaders.of(load_quantities).cache_value(opened.cart, opened.units)
        return payloads.CartItemsAddPayload(cart=present(Cart, opened.cart), cart_token=opened.token)

    @command(PUBLIC)
    async def cart_item_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartItemUpdateInput,
            strawberry.argument(description="The line of the cart with its new number of units."),
        ],
    ) -> payloads.CartItemUpdatePayload:
        """Set the number of units of a line."""
        ref = ref_of(info, input.cart_token)
        cart = await info.context.services.cart.update_item_quantity(tx, ref, input.id, input.quantity)
        return payloads.CartItemUpdatePayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_item_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartItemRemoveInput, strawberry.argument(description="The id of the line to remove.")
        ],
    ) -> payloads.CartItemRemovePayload:
        """Remove a line from the cart."""
        cart = await info.context.services.cart.remove_item(tx, ref_of(info, input.cart_token), input.id)
        return payloads.CartItemRemovePayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_clear(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartClearInput | None,
            strawberry.argument(
                description="The guest's token, when the request has no session and no `X-Cart-Token`."
            ),
        ] = None,
    ) -> payloads.CartClearPayload:
        """Remove all lines and codes from the cart. The cart and its token stay."""
        ref = ref_of(info, input.cart_token if input else None)
        cart = await info.context.services.cart.clear_cart(tx, ref)
        return payloads.CartClearPayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_prices_accept(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartPricesAcceptInput | None,
            strawberry.argument(
                description="The guest's token, when the request has no session and no `X-Cart-Token`."
            ),
        ] = None,
    ) -> payloads.CartPricesAcceptPayload:
        """Accept the current prices: `priceChanged` becomes false on all lines."""
        ref = ref_of(info, input.cart_token if input else None)
        cart = await info.context.services.cart.items.accept_prices(tx, ref)
        return payloads.CartPricesAcceptPayload(cart=present(Cart, cart))

    @workflow(PUBLIC)
    async def cart_promotion_apply(
        self,
        info: Info,
        input: Annotated[
            inputs.CartPromotionApplyInput,
            strawberry.argument(description="The code as the buyer enters it."),
        ],
    ) -> payloads.CartPromotionApplyPayload:
        """Add the code of a promotion or coupon to the cart. Wrong codes are limited by network address.

        A cart has at most ten codes, and one of a coupon: another one replaces it. Its totals show
        the discount, or the reason if the code stops applying.
        """
        context = info.context
        ref = ref_of(info, input.cart_token)

        is_shown = selects(info, "cart", "totals")

        async def work(tx: Tx) -> PricedCart:
            return await context.services.cart.apply_promotion(tx, ref, input.code, is_shown=is_shown)

        async with context.services.promotion.code_attempts.attempt(context.actor.company_id, context.request.ip):
            priced = await context.db.run_statement(work, context.actor)
        cart = priced.contents.cart
        context.loaders.of(load_contents).cache_value(cart, priced.contents)
        context.loaders.of(load_priced).cache_value(cart, priced)
        return payloads.CartPromotionApplyPayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_promotion_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartPromotionRemoveInput,
            strawberry.argument(description="The promotion whose code to remove from the cart."),
        ],
    ) -> payloads.CartPromotionRemovePayload:
        """Remove the code of a promotion from the cart."""
        ref = ref_of(info, input.cart_token)
        cart = await info.context.services.cart.promotions.remove(tx, ref, input.promotion_id)
        return payloads.CartPromotionRemovePayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_destination_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartDestinationUpdateInput,
            strawberry.argument(description="The place to which the goods are to be sent, and the VAT number."),
        ],
    ) -> payloads.CartDestinationUpdatePayload:
        """Set where the goods of the cart are to be sent: its totals have the taxes of that place. Or remove it.

        Set it before the checkout asks for the address: an order is taxed for its shipping address, and refused when
        its total is not the one that the cart last showed.
        """
        destinations = info.context.services.cart.destinations
        cart = await destinations.update(tx, ref_of(info, input.cart_token), input.as_destination())
        return payloads.CartDestinationUpdatePayload(cart=present(Cart, cart))

    @command(PUBLIC)
    async def cart_coupon_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartCouponRemoveInput,
            strawberry.argument(description="The coupon whose code to remove from the cart."),
        ],
    ) -> payloads.CartCouponRemovePayload:
        """Remove the code of a coupon from the cart."""
        ref = ref_of(info, input.cart_token)
        cart = await info.context.services.cart.promotions.remove_coupon(tx, ref, input.coupon_id)
        return payloads.CartCouponRemovePayload(cart=present(Cart, cart))

    @sensitive
    @workflow(PUBLIC)
    async def cart_email_code_send(
        self,
        info: Info,
        input: Annotated[
            inputs.CartEmailCodeSendInput,
            strawberry.argument(description="The address of the guest, which gets a six-digit code."),
        ],
    ) -> payloads.CartEmailCodeSendPayload:
        """Mail a six-digit code to a guest's e-mail address, valid for ten minutes; it replaces an earlier one.

        An address that is confirmed with `cartEmailConfirm` can use promotions for loyal customers and those with a
        limit per buyer. Logged-in users confirm the address of their account instead.
        """
        context = info.context
        await context.services.cart.emails.request_code(
            context.db,
            context.actor,
            context.request.origin(),
            ref_of(info, input.cart_token),
            input.email,
        )
        return payloads.CartEmailCodeSendPayload()

    @sensitive
    @workflow(PUBLIC)
    async def cart_email_confirm(
        self,
        info: Info,
        input: Annotated[
            inputs.CartEmailConfirmInput, strawberry.argument(description="The six-digit code from the mail.")
        ],
    ) -> payloads.CartEmailConfirmPayload:
        """Confirm a guest's e-mail address with the mailed code. An order of the cart has this address."""
        context = info.context
        cart = await context.services.cart.emails.confirm(
            context.db,
            context.actor,
            context.request.origin(),
            ref_of(info, input.cart_token),
            input.code,
        )
        return payloads.CartEmailConfirmPayload(cart=present(Cart, cart))

    @workflow(PUBLIC)
    async def cart_sync(
        self,
        info: Info,
        input: Annotated[
            inputs.CartSyncInput,
            strawberry.argument(
                description="The lines that the frontend has stored; they are added as far as they fit."
            ),
        ],
    ) -> payloads.CartSyncPayload:
        """Add lines that a frontend has stored to the cart, as far as they fit. The frontend then deletes them.

        For a logged-in user with the token of a guest's cart, that cart is merged as well.
        """
        context, carts = info.context, info.context.services.cart
        ref, lines = ref_of(info, input.cart_token), [line.as_line() for line in input.items]
        token = guest_token(info, input.cart_token)

        async def work(tx: Tx) -> MergeResult:
            result = await carts.sync_from_local_storage(tx, ref, lines, guest_token=token)
            await carts.quotas.count_created(context.actor, ref, result.opened, context.request.ip)
            return result

        async with carts.quotas.counting(context.actor, ref, context.request.ip, len(lines)):
            result = await context.db.run(work, context.actor)
        opened = result.opened
        return payloads.CartSyncPayload(
            cart=present(Cart, opened.cart if opened else None),
            cart_token=opened.token if opened else None,
            rejected_lines=present_all(CartRejectedLine, list(result.rejected)),
        )

    @command(AUTHENTICATED)
    async def cart_merge(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CartMergeInput | None,
            strawberry.argument(description="The token of the guest's cart to merge."),
        ] = None,
    ) -> payloads.CartMergePayload:
        """Merge a guest's cart into that of the logged-in user, as far as it fits. The guest's cart is deleted.

        Quantities of the same product and variant add up. An invalid or expired token merges nothing.
        """
        token = guest_token(info, input.cart_token if input else None)
        if token is None:
            raise Required("Give the guest's cart token.", field=("cart_token",))
        result = await info.context.services.cart.items.merge(tx, ref_of(info, None), guest_token=token)
        return payloads.CartMergePayload(
            cart=present(Cart, result.opened.cart if result.opened else None),
            rejected_lines=present_all(CartRejectedLine, list(result.rejected)),
        )


async def _add(info: Info, ref: CartRef, lines: int, work: Callable[[Tx], Awaitable[ChangedCart]]) -> ChangedCart:
    """Add lines to a cart. The new cart of a guest and its first lines are one statement without a transaction."""
    context, carts, db = info.context, info.context.services.cart, info.context.db

    async def counted(tx: Tx) -> ChangedCart:
        changed = await work(tx)
        await carts.quotas.count_created(context.actor, ref, changed, context.request.ip)
        return changed

    async with carts.quotas.counting(context.actor, ref, context.request.ip, lines):
        return await (db.run_statement if ref.is_empty_reference else db.run)(counted, context.actor)
