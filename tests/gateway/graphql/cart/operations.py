"""Operations on carts, as frontends send them."""

CART = """
fragment Whole on Cart {
  id userId currency itemCount
  items { id productId variantId quantity name sku unitPrice { amount currency } priceSnapshot { amount } priceChanged
    available isAvailable product { slug } variant { sku } }
}
"""
QUERY = CART + "query ($cartToken: String) { cart(cartToken: $cartToken) { ...Whole } }"
ADD = (
    CART
    + """mutation ($input: CartItemAddInput!) {
  cartItemAdd(input: $input) { cartToken cart { ...Whole } errors { __typename code message path
    ... on InsufficientStockError { sku requested available } } } }"""
)
ADD_ALL = (
    CART
    + """mutation ($input: CartItemsAddInput!) {
  cartItemsAdd(input: $input) { cartToken cart { ...Whole } errors { code path } } }"""
)
UPDATE = (
    CART
    + """mutation ($input: CartItemUpdateInput!) {
  cartItemUpdate(input: $input) { cart { ...Whole } errors { code path } } }"""
)
REMOVE = (
    CART
    + """mutation ($input: CartItemRemoveInput!) {
  cartItemRemove(input: $input) { cart { ...Whole } errors { code path } } }"""
)
CLEAR = CART + "mutation { cartClear { cart { ...Whole } errors { code path } } }"
ACCEPT = CART + "mutation { cartPricesAccept { cart { ...Whole } errors { code path } } }"
SYNC = (
    CART
    + """mutation ($input: CartSyncInput!) { cartSync(input: $input) {
  cartToken cart { ...Whole } rejectedLines { productId variantId requested added reason } errors { code path } } }"""
)
MERGE = (
    CART
    + """mutation ($input: CartMergeInput) { cartMerge(input: $input) {
  cart { ...Whole } rejectedLines { productId requested added reason } errors { code path } } }"""
)
CARTS = """query ($filter: CartFilterInput, $search: String, $sortBy: CartSortInput, $first: Int, $after: String) {
  carts(filter: $filter, search: $search, sortBy: $sortBy, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id userId itemCount user { email } } } }"""
