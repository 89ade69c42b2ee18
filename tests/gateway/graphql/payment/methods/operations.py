"""The operations that tests of saved payment methods send."""

METHOD = """id userId provider type brand last4 expiryMonth expiryYear label alias isDefault isExpired createdAt"""
LIST = f"query {{ me {{ savedPaymentMethods {{ {METHOD} }} }} }}"
OF_USER = f"query ($id: ID!) {{ user(id: $id) {{ savedPaymentMethods {{ {METHOD} }} }} }}"
NODE = f"query ($id: ID!) {{ node(id: $id) {{ id ... on SavedPaymentMethod {{ {METHOD} }} }} }}"
BEGIN = """mutation ($input: PaymentMethodSetupBeginInput!) { paymentMethodSetupBegin(input: $input) {
  setup { setupId provider nextAction { type url clientSecret } } errors { code message path } } }"""
FINISH = f"""mutation ($input: PaymentMethodSetupFinishInput!) {{ paymentMethodSetupFinish(input: $input) {{
  paymentMethod {{ {METHOD} }} nextAction {{ type url clientSecret }} errors {{ code message path }} }} }}"""
UPDATE = f"""mutation ($input: PaymentMethodUpdateInput!) {{ paymentMethodUpdate(input: $input) {{
  paymentMethod {{ {METHOD} }} errors {{ code message path }} }} }}"""
DELETE = f"""mutation ($input: PaymentMethodDeleteInput!) {{ paymentMethodDelete(input: $input) {{
  paymentMethod {{ {METHOD} }} errors {{ code message path }} }} }}"""
