"""The operations of taxes."""

from typing import Any, Final

from domains.kernel.actor import Actor
from tests.gateway.site import Site

CLASS: Final = "id code name isDefault"
RATE: Final = "id name country province postalPrefix rate validFrom validUntil taxClass { code }"
CREATE_CLASS: Final = f"""mutation ($input: TaxClassCreateInput!) {{ taxClassCreate(input: $input) {{
  taxClass {{ {CLASS} }} errors {{ code message path }} }} }}"""
UPDATE_CLASS: Final = f"""mutation ($input: TaxClassUpdateInput!) {{ taxClassUpdate(input: $input) {{
  taxClass {{ {CLASS} }} errors {{ code message path }} }} }}"""
DELETE_CLASS: Final = """mutation ($input: TaxClassDeleteInput!) { taxClassDelete(input: $input) {
  deletedId errors { code message path } } }"""
CREATE_RATE: Final = f"""mutation ($input: TaxRateCreateInput!) {{ taxRateCreate(input: $input) {{
  taxRate {{ {RATE} }} errors {{ code message path }} }} }}"""
UPDATE_RATE: Final = f"""mutation ($input: TaxRateUpdateInput!) {{ taxRateUpdate(input: $input) {{
  taxRate {{ {RATE} }} errors {{ code message path }} }} }}"""
DELETE_RATE: Final = """mutation ($input: TaxRateDeleteInput!) { taxRateDelete(input: $input) {
  deletedId errors { code message path } } }"""
INSTALL: Final = """mutation ($input: TaxRatesInstallInput!) { taxRatesInstall(input: $input) {
  taxClass { code isDefault } createdCount unchangedCount errors { code message path } } }"""
CLASSES: Final = "query { taxClasses(first: 10) { totalCount nodes { code isDefault } } }"
RATES: Final = """query ($filter: TaxRateFilterInput, $sortBy: TaxRateSortInput) {
  taxRates(first: 10, filter: $filter, sortBy: $sortBy) {
    totalCount nodes { name country rate taxClass { code } } } }"""
ONE_CLASS: Final = "query ($id: ID!) { taxClass(id: $id) { code } }"
ONE_RATE: Final = "query ($id: ID!) { taxRate(id: $id) { name } }"


async def make_class(site: Site, who: Actor, code: str = "standard", **given: Any) -> str:
    """The id of a new class."""
    made = await site.do(CREATE_CLASS, who, code=code, name=code.title(), **given)
    return str(made["taxClass"]["id"])


async def make_rate(site: Site, who: Actor, tax_class_id: str, **given: Any) -> Any:
    """A new rate: German VAT of 19 % since 2026 by default."""
    values = {"name": "VAT", "country": "DE", "rate": "0.19", "validFrom": "2026-01-01", **given}
    return (await site.do(CREATE_RATE, who, taxClassId=tax_class_id, **values))["taxRate"]
