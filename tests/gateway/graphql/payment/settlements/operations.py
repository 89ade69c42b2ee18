"""The operations of settlement reports, and the upload of one."""

from typing import Any, Final

import httpx

from tests.gateway.graphql.payment.purchases.checkout import Checkout

REPORTS: Final = """query ($filter: SettlementReportFilterInput) { settlementReports(filter: $filter, first: 20) {
  totalCount nodes { id provider lineCount repeatedCount gross { amount } fee { amount } net { amount currency }
    openDifferenceCount } } }"""
REPORT: Final = "query ($id: ID!) { settlementReport(id: $id) { id periodFrom periodTo accountId } }"
IMPORTERS: Final = "query { settlementReports(first: 9) { nodes { importedBy importedByUser { id } } } }"
LINES: Final = """query ($id: ID!, $filter: SettlementLineFilterInput) {
  settlementLines(reportId: $id, filter: $filter, first: 20) { totalCount nodes {
    line type category reference gross { amount } transaction { type amount { amount } }
    difference { kind status } } } }"""
DIFFERENCES: Final = """query ($filter: SettlementDifferenceFilterInput) {
  settlementDifferences(filter: $filter, first: 20) { totalCount nodes {
    id kind status type reference reason resolvedBy amountHere { amount currency } amountReported { amount currency }
    report { id } transaction { payment { id } } } } }"""
BALANCES: Final = (
    """{ clearingBalances { provider balance { amount } reported { amount } unreconciled { amount } } }"""
)
RECONCILE: Final = """mutation ($input: SettlementReportReconcileInput!) { settlementReportReconcile(input: $input) {
  report { id openDifferenceCount } errors { code path } } }"""
RESOLVE: Final = """mutation ($input: SettlementDifferenceResolveInput!) {
  settlementDifferenceResolve(input: $input) {
  difference { id status reason resolvedBy } errors { code path } } }"""
COUNT: Final = "query ($id: ID!) { settlementLines(reportId: $id) { totalCount } }"
NODE: Final = "query ($id: ID!) { node(id: $id) { __typename id } }"


CSV: Final = {"content-type": "text/csv"}


async def upload(checkout: Checkout, content: bytes, who: Any, query: str = "provider=STRIPE") -> httpx.Response:
    """The response to an upload."""
    path = f"/import/settlements?{query}"
    return await checkout.site.send("POST", who, path, content=content, headers=CSV)
