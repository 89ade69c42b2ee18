"""A person of whom every table that identifies people has a row, and a search through all tables."""

import secrets
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domains.auth.events import AccountEmailRequested
from domains.auth.models import Origin
from domains.cart.models import CartRef
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.notification.models import NewNotification, NotificationKind
from domains.notification.push_devices.models import NewPushDevice, PushProvider
from domains.order.models import AddressFields, Order, OrderStatus
from domains.payment.models import SavedMethodType
from domains.payment.providers.results import KeptMethod
from domains.promotion.coupons.models import CouponType
from gateway.personal_data import PersonalData
from tests.domains.actors import CUSTOMER_ID, make_membership
from tests.domains.order.buyers import WELCOME
from tests.domains.order.storefront import Storefront

REGISTRATION = """
insert into registrations (id, email, ticket_hash, password_hash, first_name, last_name, phone, code, expires_at)
values ($1, $2, md5($2) || md5($2), '$argon2id$x', 'Ann', $3, $4, md5($2) || md5($2), now() + interval '1 day')
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A person with an account or, as a guest, without. Names and addresses contain a `word` that is theirs alone."""

    email: str
    actor: Actor
    word: str
    phone: str

    @property
    def user_id(self) -> UUID:
        assert self.actor.user_id is not None
        return self.actor.user_id

    @property
    def traces(self) -> list[str]:
        """Patterns of everything that identifies the person, but for the id."""
        return [f"%{self.word}%", f"%{self.phone[3:]}%", f"%{self.email}%"]

    @property
    def home(self) -> AddressFields:
        return AddressFields(
            full_name=f"Ann {self.word.title()}",
            company_name=f"{self.word} Ltd",
            address_line_1=f"77 {self.word} Row",
            address_line_2=f"{self.word} Court",
            city=f"{self.word}ford",
            province=f"{self.word}shire",
            postal_code="WX9 4QT",
            country="GB",
            phone=self.phone,
        )


def personal_data(shop: Storefront) -> PersonalData:
    return PersonalData(shop.database, shop.services)


def subject_of(actor: Actor, email: str | None = None) -> Subject:
    word = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(12))
    return Subject(email or f"{word}@example.com", actor, word, f"+4420{secrets.randbelow(10**8):08}")


def guest(shop: Storefront) -> Subject:
    """A person without an account."""
    return subject_of(Actor.anonymous(shop.company_id))


async def register(shop: Storefront, email: str | None = None) -> Subject:
    """A person with an account in the shop."""
    made = subject_of(Actor(ActorKind.USER, shop.company_id, user_id=new_id()), email)
    await shop.owner.execute(
        "insert into users (id, email, email_verified, first_name, last_name, phone, search_text, role_id, "
        "updated_at) values ($1, $2, true, 'Ann', $3, $4, lower($3), $5, now())",
        made.user_id,
        made.email,
        made.word.title(),
        made.phone,
        CUSTOMER_ID,
    )
    await make_membership(shop.owner, shop.company_id, made.user_id, CUSTOMER_ID)
    return made


async def deliver(shop: Storefront, order: Order) -> None:
    """Ship and deliver a paid order."""
    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        await shop.run(lambda tx, status=status: shop.services.order.update_status(tx, shop.system, order.id, status))


async def delivered_order(shop: Storefront, subject: Subject, sku: str = "A", **given: Any) -> Order:
    """An order that was paid by card and delivered to the person's home."""
    token = await shop.fill(subject.actor, (sku, 1))
    notes = f"Ring at {subject.word}"
    placed = await shop.place(subject.actor, shipping=subject.home, notes=notes, cart_token=token, **given)
    await shop.pay(subject.actor, placed.order, token=placed.token)
    await deliver(shop, placed.order)
    return placed.order


async def cancelled_order(shop: Storefront, subject: Subject) -> Order:
    """An order that the person cancelled, with their name in the reason, and that was refunded."""
    await shop.fill(subject.actor, ("A", 2))
    order = (await shop.place(subject.actor, shipping=subject.home)).order
    await shop.pay(subject.actor, order)
    await shop.services.order.cancel_order(shop.database, subject.actor, order.id, reason=f"{subject.word} is ill")
    return order


async def add_review(
    shop: Storefront, actor: Actor, product_id: UUID, rating: int, comment: str | None = None
) -> UUID:
    """A published review, counted in the rating of the product."""
    review_id = new_id()
    bought = "select from product_purchases p where p.company_id = $2 and p.product_id = $3 and p.user_id = $4"
    await shop.owner.execute(
        "insert into reviews (id, company_id, product_id, user_id, rating, comment, is_verified_purchase, "  # noqa: S608 - fixed
        f"updated_at) values ($1, $2, $3, $4, $5, $6, exists ({bought}), now())",
        review_id,
        actor.company_id,
        product_id,
        actor.user_id,
        rating,
        comment,
    )
    async with shop.database.transaction(Actor.system(shop.company_id)) as tx:
        await shop.services.catalog.ratings.add(tx, product_id, rating=rating, count=1)
    return review_id


async def add_vote(owner: Any, actor: Actor, review_id: UUID) -> None:
    """A vote, counted in the review."""
    await owner.execute(
        "with vote as (insert into review_votes (company_id, review_id, user_id) values ($1, $2, $3)) "
        "update reviews set helpful_count = helpful_count + 1 where id = $2",
        actor.company_id,
        review_id,
        actor.user_id,
    )


async def add_address(owner: Any, subject: Subject, *, is_default: bool = True) -> None:
    """An address of the address book."""
    await owner.execute(
        "insert into addresses (id, company_id, user_id, type, full_name, address_line_1, city, postal_code, "
        "country, phone, is_default, updated_at) "
        "values ($1, $2, $3, 'SHIPPING', $4, $5, $6, 'WX9 4QT', 'GB', $7, $8, now())",
        new_id(),
        subject.actor.company_id,
        subject.user_id,
        subject.home.full_name,
        subject.home.address_line_1,
        subject.home.city,
        subject.phone,
        is_default,
    )


async def live(shop: Storefront, subject: Subject) -> list[Order]:
    """Let a person leave a row in every table that identifies people; their orders, as a customer and as a guest."""
    owner, actor, company = shop.owner, subject.actor, shop.company_id
    for sku in ("A", "B"):
        await shop.stock(sku, 50)
    await shop.promotion(**{**WELCOME, "code": f"W{new_id().hex[:8].upper()}"})
    delivered = await delivered_order(shop, subject)
    cancelled = await cancelled_order(shop, subject)
    visitor = replace(subject, actor=Actor.anonymous(company))
    as_guest = await delivered_order(shop, visitor, "B", email=subject.email)
    guest_cart = await shop.fill(Actor.anonymous(company), ("A", 1))
    await owner.execute(
        "update carts set confirmed_email = $2 where company_id = $1 and session_id = $3",
        company,
        subject.email,
        CartRef.of_token(guest_cart).token_hash,
    )
    await shop.fill(actor, ("B", 1))
    await _account_rows(owner, subject)
    await _company_rows(shop, subject, delivered)
    await _notifications(shop, subject)
    return [delivered, cancelled, as_guest]


async def _account_rows(owner: Any, subject: Subject) -> None:
    user_id, email = subject.user_id, subject.email
    secret = new_id().hex * 2
    await owner.execute(
        "insert into user_sessions (id, user_id, refresh_token, ip_address, user_agent, expires_at) "
        "values ($1, $2, $3, '198.51.100.77', $4, now() + interval '9 days')",
        new_id(),
        user_id,
        secret,
        subject.word,
    )
    await owner.execute(
        "insert into verification_codes (id, user_id, code, type, target, expires_at) "
        "values ($1, $2, $3, 'EMAIL', $4, now() + interval '1 day')",
        new_id(),
        user_id,
        secret,
        email,
    )
    await owner.execute(
        "insert into password_reset_tokens (id, user_id, token_hash, expires_at) "
        "values ($1, $2, $3, now() + interval '1 day')",
        new_id(),
        user_id,
        secret,
    )
    await owner.execute(REGISTRATION, new_id(), email, subject.word, subject.phone)


async def _company_rows(shop: Storefront, subject: Subject, order: Order) -> None:
    owner, actor, company = shop.owner, subject.actor, shop.company_id
    product, other = shop.products["A"], shop.products["B"]
    await add_address(owner, subject)
    await add_method(shop, subject)
    await shop.run(
        lambda tx: shop.services.review.purchases.record(
            tx, user_id=subject.user_id, order_id=order.id, product_ids=[product.id]
        )
    )
    await add_review(shop, actor, product.id, 5, f"Signed, Ann {subject.word}")
    voted = await add_review(shop, await shop.customer(), other.id, 2, "So so")
    await add_vote(owner, actor, voted)
    await owner.execute(
        "insert into activity_logs (id, company_id, user_id, action, resource, ip_address, user_agent) "
        "values ($1, $2, $3, 'PAGE_VIEW', '/', '198.51.100.77', $4)",
        new_id(),
        company,
        subject.user_id,
        subject.word,
    )
    await _request_rows(shop, subject)
    await _promotion_use(shop, subject, order)
    await _coupon_use(shop, subject, order)


async def add_method(shop: Storefront, subject: Subject) -> None:
    """A saved payment method with a label and an alias."""
    saved = shop.services.payment.saved_methods
    account = KeptMethod(Secret(f"pm_{subject.word}"), SavedMethodType.PAYPAL, "cus_1", label=f"{subject.word}@...")

    async def save(tx: Tx) -> None:
        method = await saved.keep(tx, subject.user_id, "MOCK", account)
        assert method is not None
        await saved.update(tx, subject.actor, method.id, {"alias": f"Card of {subject.word}"})

    await shop.run(save, subject.actor)


async def _request_rows(shop: Storefront, subject: Subject) -> None:
    owner, company = shop.owner, shop.company_id
    cart = await owner.fetchval(
        "select id from carts where company_id = $1 and user_id = $2", company, subject.user_id
    )
    await owner.execute(
        "insert into cart_email_codes (id, company_id, cart_id, email, code, expires_at) "
        "values ($1, $2, $3, $4, $5, now() + interval '1 hour')",
        new_id(),
        company,
        cart,
        subject.email,
        new_id().hex * 2,
    )
    for actor_key in (f"user:{subject.user_id}", f"guest:{new_id().hex}"):
        await owner.execute(
            "insert into idempotency_keys (id, company_id, actor_key, operation, key, request_hash, version, "
            "outcome, claimed_at, expires_at) "
            "values ($1, $2, $3, 'order_create', 'key', 'hash', 2, $4, now(), now())",
            new_id(),
            company,
            actor_key,
            {"values": {}, "errors": [{"type": "X", "code": "X", "message": f"No mail to {subject.email}."}]},
        )


async def _notifications(shop: Storefront, subject: Subject) -> None:
    """Notifications that were sent, wait, and are of a guest, choices, and a request for an e-mail."""
    kind, key = NotificationKind.EMAIL_CHANGED, new_id().hex
    new = [
        NewNotification(kind=kind, dedupe_key=f"{key} {number}", user_id=user_id, recipient=subject.email)
        for number, user_id in enumerate((subject.user_id, subject.user_id, None))
    ]
    created = await shop.run(lambda tx: shop.services.notification.notifications.create(tx, new))
    await shop.owner.execute(
        "update notifications set status = 'SENT', sent_at = now(), content = null, subject = $2, body = $3"
        " where id = $1",
        created[0],
        f"For {subject.word}",
        f"To {subject.email}",
    )
    await shop.owner.execute(
        "insert into notification_preferences (id, company_id, user_id, category, channel, enabled, updated_at)"
        " values ($1, $2, $3, 'NEWS', 'EMAIL', true, now())",
        new_id(),
        shop.company_id,
        subject.user_id,
    )
    await shop.owner.execute(
        "insert into notification_profiles (id, company_id, user_id, language, updated_at)"
        " values ($1, $2, $3, 'de', now())",
        new_id(),
        shop.company_id,
        subject.user_id,
    )
    await shop.owner.execute(
        "insert into notification_suppressions (id, company_id, channel, address, reason)"
        " values ($1, $2, 'EMAIL', mailbox_of($3), 'UNSUBSCRIBED')",
        new_id(),
        shop.company_id,
        subject.email,
    )
    phone = NewPushDevice(
        provider=PushProvider.FIREBASE,
        address=f"{subject.word} {key}".replace(" ", ":"),
        name=f"Phone of {subject.word}",
    )
    owner = Actor(ActorKind.USER, shop.company_id, subject.user_id)
    devices = shop.services.notification.push_devices
    await shop.run(lambda tx: devices.register(tx, owner, Origin(user_agent=subject.word), phone), owner)
    request = AccountEmailRequested(email=subject.email, kind="CART_CODE", content=f"code of {subject.word}")

    async def ask(tx: Tx) -> None:
        tx.emit(request)

    await shop.run(ask)


async def _promotion_use(shop: Storefront, subject: Subject, order: Order) -> None:
    owner, company = shop.owner, shop.company_id
    promotion = await owner.fetchval("select id from promotions where company_id = $1", company)
    await owner.execute(
        "with one as (update promotions set current_usage_count = current_usage_count + 1 where id = $3) "
        "insert into promotion_uses (id, company_id, promotion_id, order_id, user_id, email, address_key, "
        "discount_amount, currency) values ($1, $2, $3, $4, $5, $6, 'marmalade', 1, 'EUR')",
        new_id(),
        company,
        promotion,
        order.id,
        subject.user_id,
        subject.email,
    )


async def _coupon_use(shop: Storefront, subject: Subject, order: Order) -> None:
    """A use of a coupon, and a place on the list of a customer segment."""
    promotions, company = shop.services.promotion, shop.company_id
    new: Any = {"name": "Five", "code": f"F{new_id().hex[:8].upper()}", "type": CouponType.FREE_SHIPPING}
    coupon = await shop.run(lambda tx: promotions.coupons.create(tx, new))
    await shop.owner.execute(
        "with one as (update coupons set usage_count = usage_count + 1 where id = $3) "
        "insert into coupon_usages (id, company_id, coupon_id, order_id, user_id, email, discount_amount, currency) "
        "values ($1, $2, $3, $4, $5, $6, 1, 'EUR')",
        new_id(),
        company,
        coupon.id,
        order.id,
        subject.user_id,
        subject.email,
    )
    segment: Any = {"name": f"Press {new_id()}", "conditions": {"is_member": True}}
    made = await shop.run(lambda tx: promotions.segments.create(tx, segment))
    await shop.run(lambda tx: promotions.segments.add_members(tx, made.id, [subject.user_id]))


async def tables_with(owner: Any, patterns: list[str]) -> set[str]:
    """The tables with a row whose values, of whatever column, match one of these patterns."""
    found = set()
    for name in await tables(owner):
        if await owner.fetchval(f'select exists (select from "{name}" t where t::text ilike any($1))', patterns):  # noqa: S608 - a table
            found.add(name)
    return found


async def tables(owner: Any) -> list[str]:
    rows = await owner.fetch(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
    )
    return [row[0] for row in rows]
