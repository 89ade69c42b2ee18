"""The list of domains, from the lowest floor up, and the functions that read it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any, TypeVar, get_type_hints

from domains.account.service import AccountService
from domains.activity.service import ActivityService
from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.catalog.service import CatalogService
from domains.company.invariants import amounts_in_currency
from domains.company.service import CompanyService
from domains.feed.service import FeedService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies, Domain
from domains.kernel.invariants import INVARIANTS, AnyInvariant
from domains.kernel.prisma.privileges import Privileges
from domains.ledger.service import LedgerService
from domains.notification.service import NotificationService
from domains.order.service import OrderService
from domains.payment.service import PaymentService
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService
from domains.returns.service import ReturnsService
from domains.review.service import ReviewService
from domains.role.service import RoleService
from domains.shipping.service import ShippingService
from domains.tax.service import TaxService
from domains.webhook.service import WebhookService

S = TypeVar("S", bound="Services")


@dataclass(frozen=True, slots=True)
class Services:
    """The services of all domains by the name of the domain. Domains are built in this order.

    The declaration of a domain is next to its service: `domains.order.domain.DOMAIN`.
    """

    company: CompanyService
    role: RoleService
    ledger: LedgerService
    auth: AuthService
    activity: ActivityService
    catalog: CatalogService
    account: AccountService
    review: ReviewService
    inventory: InventoryService
    payment: PaymentService
    tax: TaxService
    promotion: PromotionService
    shipping: ShippingService
    feed: FeedService
    pricing: PricingService
    cart: CartService
    order: OrderService
    returns: ReturnsService
    notification: NotificationService
    webhook: WebhookService


def domains_of(services: type[Services] = Services) -> Mapping[str, Domain[Any]]:
    """The declarations of the listed domains by name, in the order of the list.

    Raises ImportError for a service without a declaration, ValueError for a declaration with another name.
    """
    kinds, found = get_type_hints(services), {}
    for field in fields(services):
        declared: Domain[Any] = import_module(f"{kinds[field.name].__module__.rpartition('.')[0]}.domain").DOMAIN
        if declared.name != field.name:
            raise ValueError(f"The domain {declared.name!r} is listed as {field.name!r}.")
        found[field.name] = declared
    return found


def build_services(dependencies: Dependencies, services: type[S]) -> S:
    """The services of a list of domains, each built from the dependencies and the earlier services."""
    built = {}
    dependencies.money_tables = money_tables_of(services)
    for name, domain in domains_of(services).items():
        built[name] = domain.build(dependencies)
        dependencies.add(built[name])
    return services(**built)


def rules_of(services: type[Services] = Services) -> tuple[AnyInvariant, ...]:
    """The invariants of the kernel and of all domains, which `commerce doctor` checks."""
    declared = (rule for domain in domains_of(services).values() for rule in domain.invariants)
    return (*INVARIANTS, amounts_in_currency(money_tables_of(services)), *declared)


def privileges_of(services: type[Any] = Services) -> Mapping[str, Privileges]:
    """The privileges of requests on the tables of all listed domains that restrict them."""
    return {table: held for domain in domains_of(services).values() for table, held in domain.privileges.items()}


def money_tables_of(services: type[Any] = Services) -> tuple[str, ...]:
    """The tables of all listed domains with amounts in the company's currency."""
    return tuple(table for domain in domains_of(services).values() for table in domain.money_tables)
