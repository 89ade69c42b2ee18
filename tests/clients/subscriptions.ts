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

export interface Live {
  client: Client;
  beginning: () => unknown; // the newest event at its first connection
}

export function connect(url: string, token: () => string | undefined): Live {
  let eventId: unknown;
  const client = createClient({
    url,
    connectionParams: () => ({ authorization: token() && `Bearer ${token()}` }),
    retryAttempts: Infinity,
    shouldRetry: () => true, // also when nothing listens, as while the server restarts
    on: { connected: (_socket, payload) => (eventId ??= payload?.["eventId"]) },
  });
  return { client, beginning: () => eventId };
}

// At each new connection the subscription resumes after its own last event. An event of another one may be newer.
async function follow<Data, Variables extends Record<string, unknown>>(
  { client, beginning }: Live,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  receive: (data: Data) => Promise<void> | void,
): Promise<void> {
  let last: string | undefined;
  const extensions = {
    get lastEventId() {
      return last ?? beginning();
    },
  };
  const payload = { query: print(document), variables, extensions };
  for await (const { data, errors, extensions: told } of client.iterate<Data, { eventId?: string }>(payload)) {
    last = told?.eventId ?? last;
    if (errors) throw new Error(errors[0]?.message);
    if (data) await receive(data);
  }
}

export async function followProduct(live: Live, productId: string, show: Show, refetch: () => Promise<void>) {
  await follow(live, ProductChangedDocument, { productId }, async ({ productChanged }) => {
    if (!productChanged) return refetch();
    const { name, price } = productChanged.product;
    show(`${name}: ${price.amount} ${price.currency}`);
  });
}

export async function followStock(live: Live, sku: string, show: Show, refetch: () => Promise<void>) {
  await follow(live, StockChangedDocument, { sku }, async ({ stockChanged }) => {
    if (!stockChanged) return refetch();
    show(`${stockChanged.sku}: ${stockChanged.stock}`);
  });
}

export async function followOrder(
  live: Live,
  order: { orderId: string; orderToken: string },
  show: (order: OrderSummaryFragment) => void,
  refetch: () => Promise<void>,
) {
  await follow(live, OrderStatusChangedDocument, order, async ({ orderStatusChanged }) => {
    if (!orderStatusChanged) return refetch();
    show(orderStatusChanged.order);
  });
}
