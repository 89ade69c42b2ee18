"""The buyer at the checkout: e-mail address, shipping and billing address."""

from typing import Any, Final, cast
from uuid import UUID

from domains.account.models import AddressChanges
from domains.account.postal_addresses import checked_address
from domains.account.service import AccountService
from domains.auth.emails.addresses import normalize_email
from domains.auth.service import AuthService
from domains.cart.models import Cart
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors, prefix_errors
from domains.order.checkout.delivery_addresses import normalized_address
from domains.order.checkout.order_addresses import OrderAddresses
from domains.order.data import OrderAddressCreate
from domains.order.errors import EmailNotConfirmed
from domains.order.models import AddressFields, NewOrder
from domains.promotion.rules import BuyerIdentity
from domains.tax.vat_numbers import require_vat_number

FIELDS: Final = (
    "full_name",
    "company_name",
    "address_line_1",
    "address_line_2",
    "city",
    "postal_code",
    "province",
    "country",
    "phone",
)


class Buyers:
    """Determines the e-mail address and the addresses of buyers."""

    def __init__(self, auth: AuthService, account: AccountService) -> None:
        self._auth = auth
        self._account = account

    async def email(self, tx: Tx, actor: Actor, new_order: NewOrder, cart: Cart) -> tuple[str, bool]:
        """The buyer's e-mail address, and whether it is confirmed: a customer's is the account's, a guest enters one.

        An order of a cart with a confirmed address has that address. Raises Required, EmailNotConfirmed,
        InvalidInput.
        """
        if actor.user_id is not None:
            user = await self._auth.users.me(tx, actor)
            return user.email, user.email_verified
        confirmed = cart.confirmed_email
        if not new_order.email and confirmed is None:
            raise Required("A guest's order needs an `email`.", field=("email",))
        email = normalize_email(new_order.email) if new_order.email else confirmed
        if confirmed is not None and email != confirmed:
            raise EmailNotConfirmed
        return email or "", confirmed is not None

    async def addresses(
        self, tx: Tx, actor: Actor, new_order: NewOrder, *, is_shipping_required: bool
    ) -> OrderAddresses:
        """Copies of the shipping address and, if it differs, the billing address, with their new ids.

        No statement for an address that was entered, one for an address of the book. Raises, for both addresses at
        once, AddressNotFound (also for another user's), Required, TooLong, InvalidInput.
        """
        shipping: OrderAddressCreate | None = None
        billing: OrderAddressCreate | None = None
        with collect_errors() as each:
            with each:
                if new_order.shipping is not None:
                    shipping = await self._copy(tx, actor, new_order.shipping, "shipping_address")
                elif is_shipping_required:
                    raise shipping_address_required()
            with each:
                if new_order.billing is not None and new_order.billing != new_order.shipping:
                    billing = await self._copy(tx, actor, new_order.billing, "billing_address")
                elif new_order.shipping is None and not is_shipping_required:
                    raise Required("Give `billing_address` or `billing_address_id`.", field=("billing_address",))
        return OrderAddresses.of(shipping, billing)

    def identity(self, actor: Actor, email: str, address: OrderAddressCreate, *, is_confirmed: bool) -> BuyerIdentity:
        """The identity by which promotions count a buyer: account, e-mail address and the address of the delivery.

        It is the billing address of an order that is not delivered.
        """
        keys = self._auth.fingerprints.digests("delivery", normalized_address(address))
        return BuyerIdentity(user_id=actor.user_id, email=email, email_confirmed=is_confirmed, address_keys=keys)

    async def _copy(self, tx: Tx, actor: Actor, address: AddressFields | UUID, field: str) -> OrderAddressCreate:
        if isinstance(address, UUID):
            return address_copy(await self._account.addresses.find_own(tx, actor, address, field=(f"{field}_id",)))
        with prefix_errors((field,)):
            return entered_address(address)


def entered_address(address: AddressFields) -> OrderAddressCreate:
    """A new address of an order as it was entered. Raises Required, TooLong and InvalidInput, all at once."""
    return _row(dict(checked_address(cast("AddressChanges", _fields(address)))))


def address_copy(address: object) -> OrderAddressCreate:
    """A new address of an order with the fields of another, and an id of its own."""
    return _row(_fields(address))


def _row(fields: dict[str, Any]) -> OrderAddressCreate:
    return cast("OrderAddressCreate", {"id": new_id(), **{name: fields[name] for name in FIELDS}})


def shipping_address_required() -> Required:
    """The error of an order without a shipping address whose goods are sent."""
    return Required("Give `shipping_address` or `shipping_address_id`.", field=("shipping_address",))


def vat_number_of(new_order: NewOrder, cart: Cart, address: OrderAddressCreate) -> str | None:
    """The buyer's VAT number in the country of an address: the given one, otherwise that of the cart.

    Raises the errors of `require_vat_number`.
    """
    number = cart.vat_number if new_order.vat_number is None else new_order.vat_number
    return require_vat_number(number, address["country"]) if number and number.strip() else None


def _fields(address: object) -> dict[str, Any]:
    return {name: getattr(address, name) for name in FIELDS}
