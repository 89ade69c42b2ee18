"""What the use cases of an order need from the domains below, in one place."""

from dataclasses import dataclass

from domains.account.service import AccountService
from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.company.service import CompanyService
from domains.inventory.service import InventoryService
from domains.kernel.clock import Clock
from domains.kernel.settings import SettingsTable
from domains.order.models import OrderSettings
from domains.payment.service import PaymentService
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService


@dataclass(frozen=True, slots=True)
class Below:
    """The services that an order is made of, and the clock."""

    account: AccountService
    auth: AuthService
    cart: CartService
    company: CompanyService
    inventory: InventoryService
    payment: PaymentService
    pricing: PricingService
    promotion: PromotionService
    settings: SettingsTable[OrderSettings]
    clock: Clock
