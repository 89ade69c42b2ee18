-- Alt texts of images, by their URLs: an image keeps its text when the others are reordered or replaced.
alter table "products" add column "image_alt_texts" jsonb not null default '{}';
alter table "product_variants" add column "image_alt_texts" jsonb not null default '{}';
alter table "categories" add column "image_alt_text" text;
