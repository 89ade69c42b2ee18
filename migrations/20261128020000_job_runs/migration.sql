-- CreateTable
CREATE TABLE "job_runs" (
    "name" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL,
    "finished_at" TIMESTAMPTZ(6),
    "error" TEXT,

    CONSTRAINT "job_runs_pkey" PRIMARY KEY ("name")
);

alter table job_runs
    add constraint job_runs_finished_after_start check (finished_at >= started_at),
    add constraint job_runs_error_of_finished check (error is null or finished_at is not null);

grant select, insert, update on job_runs to commerce_relay;
