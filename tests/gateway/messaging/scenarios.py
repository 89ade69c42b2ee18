"""What happens to companies, people, the catalogue and settings, so that each event of these domains is emitted."""

from decimal import Decimal
from typing import Any, Final, cast

from domains.account.models import AddressType, NewAddress
from domains.auth.errors import SessionRevoked
from domains.auth.models import NewAccount
from domains.auth.policy import require_user_id
from domains.catalog.models import NewCategory
from domains.kernel.ids import new_id
from domains.ledger.models import AdjustmentLine, LedgerSide, NewAdjustment
from domains.notification.announcements.models import AnnouncementText, NewAnnouncement
from domains.notification.models import (
    NewNotification,
    NotificationCategory,
    NotificationKind,
    NotificationType,
)
from domains.notification.preferences.preferences import ChannelChoice
from domains.role.models import NewRole, SystemRole
from domains.shipping.models import ShippingZoneType
from domains.tax.models import NewTaxRate
from domains.webhook.models import EndpointChanges, WebhookDisabledReason
from tests.domains.actors import super_administrator
from tests.domains.auth.conftest import HOME, PASSWORD, Shop
from tests.domains.notification.mailbox import Mailbox, watched
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.carriers.depot import Depot
from tests.gateway.people import personal_data
from tests.gateway.site import services_of

NEW_PASSWORD: Final = "a new horse battery staple"


async def ledger(shop: Storefront) -> None:
    boss, adjustments = super_administrator(shop.company_id), shop.services.ledger.adjustments
    lines = [
        AdjustmentLine("6000", LedgerSide.DEBIT, Decimal(1)),
        AdjustmentLine("1000", LedgerSide.CREDIT, Decimal(1)),
    ]
    new = NewAdjustment(lines=lines, reason="A bank fee")
    posted = await shop.run(lambda tx: adjustments.create(tx, new), boss)
    await shop.run(lambda tx: adjustments.reverse(tx, posted.id, "A mistake"), boss)


async def companies(shop: Storefront) -> None:
    company, root = shop.services.company, super_administrator(shop.company_id)

    async def lives(tx: Any) -> None:
        slug = f"another-shop-{new_id().hex[:12]}"
        made = await company.create_company(tx, root, slug=slug, changes={"name": "Another shop"})
        await company.rename_company(tx, root, made.id, name="A third shop")
        await company.deactivate_company(tx, root, made.id)
        await company.activate_company(tx, root, made.id)

    await shop.database.run(lives, root, platform=True)


async def roles(shop: Storefront) -> None:
    role, boss = shop.services.role, super_administrator(shop.company_id)

    async def nobody(*_args: Any) -> int:
        return 0

    async def lives(tx: Any) -> None:
        made = await role.create_role(tx, boss, NewRole(name="Packer"))
        await role.update_role(tx, boss, made.id, {"name": "Senior packer"})
        await role.delete_role(tx, boss, made.id, count_users=nobody)

    await shop.run(lives, boss)


def accounts_of(shop: Storefront) -> Shop:
    """The company's side of the accounts, where an account can be used before its address is confirmed."""
    mailbox = Mailbox()
    services = services_of(shop.clock, shop.database, mailbox, require_confirmed_email=False)
    cache: Any = None
    return Shop(
        services.auth, services.account, watched(shop.database, mailbox), shop.company_id, shop.clock, mailbox, cache
    )


async def users(shop: Storefront) -> None:
    people = accounts_of(shop)
    await _own_changes(people)
    await _changes_by_staff(people)
    kept, duplicate = await people.account(), await people.account()
    await personal_data(shop).merge(duplicate.email, kept.email)
    await personal_data(shop).erase(kept.email)


async def _own_changes(people: Shop) -> None:
    email, changed_email = people.email(), people.email()
    new = NewAccount(email=email, password=PASSWORD, first_name="Ada")
    ticket = (await people.auth.register(people.db, people.guest, HOME, new)).ticket
    code = people.mailbox.last(email).code
    await people.auth.registration.confirm(people.db, people.guest, HOME, email, ticket, code)
    user = await people.logged_in(email)
    await people.run(people.accounts.profile.update, user, {"first_name": "Augusta"})
    await people.auth.passwords.change(people.db, user, HOME, PASSWORD, NEW_PASSWORD, end_others=True)
    await people.auth.email_change.request(people.db, user, HOME, changed_email, NEW_PASSWORD)
    await people.auth.email_change.confirm(people.db, user, HOME, people.mailbox.last(changed_email).code)
    stolen = await people.login(changed_email, NEW_PASSWORD)
    await people.refresh(stolen.refresh_token)
    try:
        await people.refresh(stolen.refresh_token)
    except SessionRevoked:
        await people.run(people.auth.logout, user)


async def _changes_by_staff(people: Shop) -> None:
    boss, user = await people.actor(SystemRole.SUPER_ADMIN), await people.account()
    support = await people.auth._roles.system_role(people.db.reader(people.company_id), SystemRole.SUPPORT)
    invited = {"email": people.email(), "first_name": "Grace", "last_name": "Hopper", "role_id": support.id}
    await people.auth.invitations.invite(people.db, boss, **cast("Any", invited))
    await people.run(people.auth.members.assign_role, boss, user.id, support.id)
    await people.run(people.auth.members.disable, boss, user.id)
    await people.run(people.auth.members.enable, boss, user.id)


async def notifications(shop: Storefront) -> None:
    """One notification is sent, and another one is not wanted; settings and choices change."""
    parts, customer = shop.services.notification, require_user_id(await shop.customer())
    wanted = ChannelChoice(category=NotificationCategory.NEWS, channel=NotificationType.EMAIL, enabled=True)
    await shop.run(lambda tx: parts.preferences.update(tx, customer, [wanted]))
    refused = await shop.run(lambda tx: parts.suppressions.add(tx, NotificationType.EMAIL, "a@b.example", None))
    await shop.run(lambda tx: parts.suppressions.remove(tx, refused.id))
    await shop.run(lambda tx: parts.settings.update(tx, {"footer": "Street 1"}, "EUR"))
    kinds = (NotificationKind.NO_ACCOUNT, NotificationKind.NEWS)
    new = [NewNotification(kind=kind, dedupe_key=kind.value, recipient="ann@example.com") for kind in kinds]
    for created in await shop.run(lambda tx: parts.notifications.create(tx, new)):
        await parts.delivery.send(shop.database, shop.company_id, created, 1)
    text = NewAnnouncement(kind=NotificationKind.NEWS, texts=[AnnouncementText("en", "Spring", "It is here.")])
    announcements = parts.marketing.announcements
    await shop.run(lambda tx: announcements.create(tx, text))
    await shop.run(parts.marketing.dispatch.send)
    cancelled = await shop.run(lambda tx: announcements.create(tx, text))
    await shop.run(lambda tx: announcements.cancel(tx, cancelled.id))


async def webhooks(shop: Storefront) -> None:
    """An endpoint is created, changed, disabled, enabled and deleted."""
    endpoints = shop.services.webhook.endpoints
    new: EndpointChanges = {"url": "https://hooks.example.com/", "topics": ["order.paid"]}
    issued = await shop.run(lambda tx: endpoints.create(tx, new))
    endpoint_id = issued.endpoint.id
    await shop.run(lambda tx: endpoints.update(tx, endpoint_id, {"description": "Warehouse"}))
    await shop.run(lambda tx: endpoints.disable(tx, endpoint_id, WebhookDisabledReason.BY_STAFF))
    await shop.run(lambda tx: endpoints.enable(tx, endpoint_id))
    await shop.run(lambda tx: endpoints.delete(tx, endpoint_id))


async def catalogue(shop: Storefront) -> None:
    catalog, product = shop.services.catalog, await shop.stock("A", 5)
    await shop.run(lambda tx: shop.services.inventory.projection.show_stock(tx, [product.id]))

    async def lives(tx: Any) -> None:
        category = await catalog.categories.create(tx, NewCategory(name="Tea"))
        await catalog.categories.delete(tx, category.id)
        await catalog.update_product(tx, product.id, {"base_price": Decimal(12)})
        await catalog.delete_product(tx, product.id)
        await catalog.settings.update(tx, {"unit_price_decimals": 3}, "EUR")

    await shop.run(lives)


async def addresses(shop: Storefront) -> None:
    book, owner, staff = shop.services.account.addresses, await shop.customer(), await shop.staff()
    new = NewAddress(
        type=AddressType.SHIPPING,
        full_name="Ada Lovelace",
        address_line_1="12 St James's Square",
        city="London",
        postal_code="SW1Y 4JH",
        country="GB",
    )

    async def lives(tx: Any) -> None:
        address = await book.create(tx, owner, new)
        await book.update(tx, staff, address.id, {"city": "Leeds"})
        await book.delete(tx, owner, address.id)

    await shop.run(lives, owner)


async def reviews(shop: Storefront) -> None:
    review, author, product = shop.services.review, await shop.customer(), await shop.stock("A", 5)

    async def lives(tx: Any) -> None:
        made = await review.create(tx, author, product.id, {"rating": 4, "title": None, "comment": None})
        await review.update(tx, author, made.id, {"rating": 5})
        await review.hide(tx, made.id)
        await review.delete(tx, author, made.id)

    await shop.run(lives, author)


async def taxes(shop: Storefront) -> None:
    """The settings change; a class and its rate are created, changed and deleted; starter rates are installed."""
    tax = shop.services.tax
    await shop.run(lambda tx: tax.settings.update(tx, {"tax_rate": Decimal("0.07")}, "EUR"))
    books = await shop.run(lambda tx: tax.classes.create(tx, {"code": "books", "name": "Books"}))
    new: NewTaxRate = {"tax_class_id": books.id, "name": "VAT", "country": "DE", "rate": Decimal("0.07")}
    rate = await shop.run(lambda tx: tax.rates.create(tx, new))
    await shop.run(lambda tx: tax.classes.update(tx, books.id, {"is_default": True}))
    await shop.run(lambda tx: tax.rates.update(tx, rate.id, {"rate": Decimal("0.05")}))
    await shop.run(lambda tx: tax.rates.delete(tx, rate.id))
    await shop.run(lambda tx: tax.classes.delete(tx, books.id))
    await shop.run(lambda tx: tax.starter.install(tx, ["DE"]))


async def warehouses(shop: Storefront) -> None:
    """A warehouse is created, renamed and deleted."""
    places = shop.services.inventory.warehouses
    made = await shop.run(lambda tx: places.create(tx, {"code": "B1", "name": "First"}))
    second = await shop.run(lambda tx: places.create(tx, {"code": "B2", "name": "Second"}))
    await shop.run(lambda tx: places.update(tx, made.id, {"name": "Main"}))
    await shop.run(lambda tx: places.delete(tx, second.id))


async def shipping(shop: Storefront) -> None:
    """The settings change; a profile, a zone and its method are created, changed and deleted."""
    service = shop.services.shipping
    new: Any = {"name": "World", "type": ShippingZoneType.REST_OF_WORLD}
    zone = await shop.run(lambda tx: service.zones.create(tx, new))
    method = await shop.run(lambda tx: service.methods.create(tx, {"zone_id": zone.id, "name": "Parcel"}))
    profile = await shop.run(lambda tx: service.profiles.create(tx, {"name": "Furniture"}))
    await shop.run(lambda tx: service.zones.update(tx, zone.id, {"name": "Everywhere"}))
    await shop.run(lambda tx: service.methods.update(tx, method.id, {"base_price": Decimal(5)}))
    await shop.run(lambda tx: service.profiles.update(tx, profile.id, {"is_default": True}))
    await shop.run(lambda tx: service.methods.delete(tx, method.id))
    await shop.run(lambda tx: service.zones.delete(tx, zone.id))
    await shop.run(lambda tx: service.profiles.delete(tx, profile.id))
    await shop.run(lambda tx: shop.services.shipping.settings.update(tx, {"handling_days": 5}, "EUR"))
    await carriers(shop)


async def carriers(shop: Storefront) -> None:
    """A carrier is created, changed and deleted; labels are bought and voided, and a parcel moves."""
    carriers = shop.services.shipping.carriers
    carrier = await shop.run(lambda tx: carriers.create(tx, {"name": "Mock", "code": "mock", "adapter": "MOCK"}))
    await shop.run(lambda tx: carriers.update(tx, carrier.id, {"name": "Parcels"}))
    await shop.run(lambda tx: carriers.delete(tx, carrier.id))
    await shop.run(lambda tx: shop.services.tax.settings.update(tx, {"tax_country": "GB"}, "EUR"))
    depot = await Depot.opened(shop)
    await depot.void(await depot.buy())
    await depot.buy()
    await shop.services.shipping.tracking.follow_due(shop.database, shop.system)
