"""Migrations of a database with data: the buyer history is created from existing orders."""

from pathlib import Path
from typing import Any
from uuid import UUID

from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

HISTORY = "20261127"
USER = """
insert into users (id, email, email_verified, role_id, updated_at)
select $1, $2, $3, id, now() from roles where code = 'CUSTOMER' and company_id is null
"""
ORDER = """
insert into orders (id, company_id, order_number, user_id, email, status, currency, subtotal, tax_amount,
  shipping_cost, discount_amount, total, tax_rate, prices_include_tax, paid_at, cancelled_at, updated_at)
values ($1, $2, $1::uuid::text, $3, $4, $5::order_status, 'EUR', 10, 0, 0, 0, 10, 0, true,
  case when $6 then now() end, case when $5 in ('CANCELLED', 'REFUNDED') then now() end, now())
"""
PAYMENT = """
insert into payments (id, company_id, order_id, provider, provider_transaction_id, method, status, amount, currency,
  settled_at, updated_at)
values ($1, $2, $3, 'MOCK', $1::uuid::text, 'CARD', 'SUCCEEDED', 10, 'EUR', now(), now())
"""
REFUND = """
insert into refunds (id, company_id, payment_id, order_id, amount, currency, status, actor_kind, settled_at,
  updated_at)
values ($1, $2, $3, $4, $5, 'EUR', 'SUCCEEDED', 'SYSTEM', now(), now())
"""
PROMOTION = """
insert into promotions (id, company_id, name, code, type, discount_type, discount_value, currency, start_date,
  current_usage_count, updated_at)
values ($1, $2, 'Welcome', 'WELCOME', 'WELCOME', 'PERCENTAGE', 10, 'EUR', now(), $3, now())
"""
PRODUCT = """
with c as (insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, 'Tea', 'tea', now()))
insert into products (id, company_id, name, slug, base_price, currency, category_id, updated_at)
values ($1, $2, 'Tea', 'tea', 10, 'EUR', $1, now())
"""


class Filled:
    """A shop before the migrations under test, row by row."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.company, self.promotion, self.product = new_id(), new_id(), new_id()

    async def open(self) -> None:
        await self.connection.execute(
            "insert into companies (id, name, slug, currency, updated_at) values ($1, 'A', 'a', 'EUR', now())",
            self.company,
        )
        await self.connection.execute(PROMOTION, self.promotion, self.company, 4)
        await self.connection.execute(PRODUCT, self.product, self.company)

    async def user(self, email: str, *, verified: bool) -> UUID:
        user_id = new_id()
        await self.connection.execute(USER, user_id, email, verified)
        return user_id

    async def order(self, email: str, status: str, *, user: UUID | None = None, refunded: int = 0) -> UUID:
        """An order that uses the promotion; of a customer with a purchase and a verified review."""
        order_id, payment_id, is_paid = new_id(), new_id(), status not in ("PENDING", "FAILED")
        await self.connection.execute(ORDER, order_id, self.company, user, email, status, is_paid)
        if is_paid:
            await self.connection.execute(PAYMENT, payment_id, self.company, order_id)
        if refunded:
            await self.connection.execute(REFUND, new_id(), self.company, payment_id, order_id, refunded)
        await self.connection.execute(
            "insert into promotion_uses (id, company_id, promotion_id, order_id, user_id, email) "
            "values ($1, $2, $3, $4, $5, $6)",
            *(new_id(), self.company, self.promotion, order_id, user, email),
        )
        if user is not None and is_paid:
            await self.connection.execute(
                "insert into product_purchases (company_id, product_id, user_id, order_id) values ($1, $2, $3, $4)",
                *(self.company, self.product, user, order_id),
            )
            await self.connection.execute(
                "insert into reviews (id, company_id, product_id, user_id, rating, is_verified_purchase, updated_at) "
                "values ($1, $2, $3, $4, 5, true, now()) on conflict do nothing",
                *(new_id(), self.company, self.product, user),
            )
        return order_id


async def test_the_buyer_history_is_created_from_existing_orders(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(HISTORY, tmp_path))
    async with connected(empty_database) as connection:
        shop = Filled(connection)
        await shop.open()
        ann = await shop.user("a.nn+1@gmail.com", verified=True)
        bob = await shop.user("bob@example.com", verified=False)
        orders = {
            "bought": await shop.order("a.nn+1@gmail.com", "PAID", user=ann),
            "given back": await shop.order("bob@example.com", "SHIPPED", user=bob, refunded=10),
            "partly": await shop.order("gus@example.com", "DELIVERED", refunded=4),
            "cancelled": await shop.order("gus@example.com", "REFUNDED", refunded=10),
        }
        names = {order_id: name for name, order_id in orders.items()}
        await migrate(empty_database)
        history = await connection.fetch(
            "select order_id, mailbox, email_confirmed, withdrawn_at is null as counts from buyer_orders"
        )
        assert {names[row["order_id"]]: tuple(row)[1:] for row in history} == {
            "bought": ("ann@gmail.com", True, True),
            "given back": ("bob@example.com", False, False),
            "partly": ("gus@example.com", False, True),
            "cancelled": ("gus@example.com", False, False),
        }
        uses = await connection.fetch(
            "select order_id, mailbox, email_confirmed, released_at is null as counts from promotion_uses"
        )
        assert {names[row["order_id"]] for row in uses if row["counts"]} == {"bought", "partly"}
        assert {row["mailbox"]: row["email_confirmed"] for row in uses} == {
            "ann@gmail.com": True,
            "bob@example.com": False,
            "gus@example.com": False,
        }
        assert await connection.fetchval("select current_usage_count from promotions") == 2
        assert [tuple(row) for row in await connection.fetch("select user_id from product_purchases")] == [(ann,)]
        marks = await connection.fetch("select user_id, is_verified_purchase from reviews")
        assert {row[0]: row[1] for row in marks} == {ann: True, bob: False}
