-- State, province or emirate: what many countries need of an address, and addresses in hand do without.

ALTER TABLE "addresses" ADD COLUMN "province" TEXT;
ALTER TABLE "order_addresses" ADD COLUMN "province" TEXT;
