// Subscriptions with the generated types: it compiles only while a client has to notice that events were missed.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import { createClient, type Client } from "graphql-ws";
import {
  OrderStatusChangedDocument,
  ProductChangedDocument,
  StockChangedDocument,
  type OrderSummaryFragment,
} from "./generated/graphql";

type Show = (text: string) => void;

// Each new connection of the client resumes after the last event that any of its subscriptions has got.
export function connect(url: string, token: () => string | undefined): Client {
  let lastEventId: unknown;
  return createClient({
    url,
    connectionParams: () => ({ authorization: token() && `Bearer ${token()}`, lastEventId }),
    on: {
      connected: (_socket, payload) => (lastEventId ??= payload?.["eventId"]),
      message: (message) => {
        if (message.type === "next") lastEventId = message.payload.extensions?.["eventId"] ?? lastEventId;
      },
    },
  });
}

async function follow<Data, Variables extends Record<string, unknown>>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  receive: (data: Data) => Promise<void> | void,
): Promise<void> {
  for await (const { data, errors } of client.iterate<Data>({ query: print(document), variables })) {
    if (errors) throw new Error(errors[0]?.message);
    if (data) await receive(data);
  }
}

export async function followProduct(client: Client, productId: string, show: Show, refetch: () => Promise<void>) {
  await follow(client, ProductChangedDocument, { productId }, async ({ productChanged }) => {
    if (!productChanged) return refetch();
    const { name, price } = productChanged.product;
    show(`${name}: ${price.amount} ${price.currency}`);
  });
}

export async function followStock(client: Client, sku: string, show: Show, refetch: () => Promise<void>) {
  await follow(client, StockChangedDocument, { sku }, async ({ stockChanged }) => {
    if (!stockChanged) return refetch();
    show(`${stockChanged.sku}: ${stockChanged.stock}`);
  });
}

export async function followOrder(
  client: Client,
  order: { orderId: string; orderToken: string },
  show: (order: OrderSummaryFragment) => void,
  refetch: () => Promise<void>,
) {
  await follow(client, OrderStatusChangedDocument, order, async ({ orderStatusChanged }) => {
    if (!orderStatusChanged) return refetch();
    show(orderStatusChanged.order);
  });
}
