"""The list of domains: one line for each, from the ground up, and what follows from the list."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any, TypeVar, get_type_hints

from domains.activity.service import ActivityService
from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.catalog.reviews.service import ReviewService
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.feed.service import FeedService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Domain, Parts
from domains.kernel.invariants import INVARIANTS, Rule
from domains.order.service import OrderService
from domains.payment.service import PaymentService
from domains.promotion.service import PromotionService
from domains.role.service import RoleService

S = TypeVar("S", bound="Services")


@dataclass(frozen=True, slots=True)
class Services:
    """The services of all domains, each under its domain's name. A domain is built after those above its line.

    The declaration of a domain stands beside its service: `domains.order.domain.DOMAIN`.
    """

    company: CompanyService
    role: RoleService
    auth: AuthService
    activity: ActivityService
    catalog: CatalogService
    reviews: ReviewService
    inventory: InventoryService
    payment: PaymentService
    promotion: PromotionService
    feed: FeedService
    cart: CartService
    order: OrderService


def domains_of(services: type[Services] = Services) -> Mapping[str, Domain[Any]]:
    """The declarations of the listed domains by name, in the order of the list.

    Raises ImportError for a service without a declaration beside it, ValueError for one of another name.
    """
    kinds, found = get_type_hints(services), {}
    for field in fields(services):
        declared: Domain[Any] = import_module(f"{kinds[field.name].__module__.rpartition('.')[0]}.domain").DOMAIN
        if declared.name != field.name:
            raise ValueError(f"The domain {declared.name!r} is listed as {field.name!r}.")
        found[field.name] = declared
    return found


def build_services(parts: Parts, services: type[S]) -> S:
    """The services of a list of domains, each built from the parts and the services before it."""
    built = {}
    for name, domain in domains_of(services).items():
        built[name] = domain.build(parts)
        parts.add(built[name])
    return services(**built)


def rules_of(services: type[Services] = Services) -> tuple[Rule, ...]:
    """What `commerce doctor` checks: the rules of the kernel and of all domains."""
    return (*INVARIANTS, *(rule for domain in domains_of(services).values() for rule in domain.rules))
