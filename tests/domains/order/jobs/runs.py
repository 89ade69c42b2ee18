"""Runs of the jobs."""

from gateway.bootstrap import build_jobs
from tests.domains.order.storefront import Storefront


async def run_jobs(shop: Storefront) -> None:
    """Everything that comes round by itself for each company."""
    for job in build_jobs(shop.database, shop.services):
        await job.work()
