"""Operations of accounts at payment providers."""

from typing import Any, Final

PROVIDERS: Final = """{ paymentProviders {
  name isConnected isEnabled webhookUrl credentials { name description isSecret isSet value } } }"""
CONNECT: Final = """
mutation ($input: PaymentProviderUpdateInput!) {
  paymentProviderUpdate(input: $input) {
    provider { name isConnected isEnabled webhookUrl credentials { name isSecret isSet value } }
    errors { code message path }
  }
}
"""
CHOOSE: Final = """
mutation ($input: CompanySettingsUpdateInput!) {
  companySettingsUpdate(input: $input) { company { paymentProvider } errors { code message path } }
}
"""


def listed(**values: str) -> list[dict[str, Any]]:
    """Credentials as the input has them."""
    return [{"name": name, "value": value} for name, value in values.items()]
