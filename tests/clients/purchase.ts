// A whole purchase against the generated types: it compiles only while they say what a client may send and read.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import {
  CartItemAddDocument,
  OrderCreateDocument,
  OrderPayDocument,
  ProductPageDocument,
  type ProblemFragment,
} from "./generated/graphql";

type Send = <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => Promise<Data>;

function refuse(errors: readonly ProblemFragment[] | undefined): void {
  const [first] = errors ?? [];
  if (first) throw new Error(`${first.code}: ${first.message} (${first.path?.join(".") ?? "no path"})`);
}

export async function purchase(send: Send, slug: string): Promise<string> {
  const { product } = await send(ProductPageDocument, { slug });
  if (!product) throw new Error(`There is no product ${slug}.`);
  const variant = product.variants.find((each) => each.stock > 0);
  const added = await send(CartItemAddDocument, {
    input: { productId: product.id, variantId: variant?.id ?? null, quantity: 2 },
  });
  refuse(added.cartItemAdd?.errors);
  const created = await send(OrderCreateDocument, {
    input: {
      idempotencyKey: "order-1",
      cartToken: added.cartItemAdd?.cartToken ?? null,
      email: "vera@example.com",
      expectedTotal: added.cartItemAdd?.cart?.totals.total.amount ?? null,
      shippingAddress: {
        fullName: "Vera Field",
        addressLine1: "3 Kiln Lane",
        city: "Stoke",
        postalCode: "ST1 1AA",
        country: "GB",
      },
    },
  });
  refuse(created.orderCreate?.errors);
  const order = created.orderCreate?.order;
  if (!order) throw new Error("The order was not created.");
  const paid = await send(OrderPayDocument, {
    input: {
      idempotencyKey: "payment-1",
      orderId: order.id,
      orderToken: created.orderCreate?.orderToken ?? null,
      method: "CARD",
      card: { number: "4242 4242 4242 4242", expiryMonth: 12, expiryYear: 2030 },
    },
  });
  refuse(paid.orderPay?.errors);
  return `${order.orderNumber}: ${order.total.amount} ${order.total.currency}`;
}
