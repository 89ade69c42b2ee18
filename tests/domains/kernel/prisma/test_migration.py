"""What is added to a migration that Prisma drafts."""

from domains.kernel.prisma.migration import grants

TABLES = """
-- CreateTable
CREATE TABLE "wishlists" (
    "id" UUID NOT NULL
);
ALTER TABLE "users" ADD COLUMN "note" TEXT;
CREATE TABLE "wishlist_items" ("id" UUID);
"""


def test_new_tables_are_granted_to_requests() -> None:
    statement = "grant select, insert, update, delete on wishlists, wishlist_items to commerce_gateway;"
    assert grants(TABLES) == f"\n{statement}\n"


def test_a_migration_without_new_tables_grants_nothing() -> None:
    assert grants('ALTER TABLE "users" ADD COLUMN "note" TEXT;\n') == ""
