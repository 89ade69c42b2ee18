-- The key under which a mail is encrypted, so that a process claims what it can read. Mail that waits has null.

-- AlterTable
ALTER TABLE "queued_mails" ADD COLUMN "key_id" TEXT;
