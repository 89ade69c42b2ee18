-- CreateEnum
CREATE TYPE "sample_material" AS ENUM ('WOOD', 'STEEL', 'glass');

-- CreateEnum
CREATE TYPE "sample_actor_kind" AS ENUM ('USER', 'GUEST', 'SYSTEM', 'IMPORT');

-- CreateTable
CREATE TABLE "sample_shops" (
    "id" UUID NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{"open": true}',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "sample_shops_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sample_widgets" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nickname" TEXT,
    "kind" "sample_material" NOT NULL DEFAULT 'WOOD',
    "maker" "sample_actor_kind",
    "price" DECIMAL(19,4) NOT NULL DEFAULT 0,
    "discount" DECIMAL(19,4),
    "weight" DOUBLE PRECISION,
    "stock" INTEGER NOT NULL DEFAULT 0,
    "rank" SMALLINT,
    "views" BIGINT NOT NULL DEFAULT 0,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "materials" "sample_material"[],
    "numbers" INTEGER[],
    "parents" UUID[],
    "attributes" JSONB,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "content" BYTEA,
    "day" DATE,
    "hour" TIME(6),
    "address" INET,
    "document" tsvector,
    "expires_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "sample_widgets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sample_parts" (
    "company_id" UUID NOT NULL,
    "widget_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "note" TEXT,

    CONSTRAINT "sample_parts_pkey" PRIMARY KEY ("company_id","widget_id","position")
);

-- CreateTable
CREATE TABLE "sample_labels" (
    "id" UUID NOT NULL,
    "company_id" UUID,
    "code" TEXT NOT NULL,
    "text" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "sample_labels_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sample_counters" (
    "company_id" UUID NOT NULL,
    "value" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "sample_counters_pkey" PRIMARY KEY ("company_id")
);

-- CreateTable
CREATE TABLE "sample_tickets" (
    "number" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "title" TEXT NOT NULL,

    CONSTRAINT "sample_tickets_pkey" PRIMARY KEY ("number")
);

-- CreateIndex
CREATE UNIQUE INDEX "sample_widgets_company_id_id_key" ON "sample_widgets"("company_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "sample_widgets_company_id_slug_key" ON "sample_widgets"("company_id", "slug");

-- CreateIndex
CREATE UNIQUE INDEX "sample_labels_company_id_code_key" ON "sample_labels"("company_id", "code");

-- CreateIndex
CREATE UNIQUE INDEX "sample_tickets_id_key" ON "sample_tickets"("id");

-- AddForeignKey
ALTER TABLE "sample_parts" ADD CONSTRAINT "sample_parts_company_id_widget_id_fkey" FOREIGN KEY ("company_id", "widget_id") REFERENCES "sample_widgets"("company_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

