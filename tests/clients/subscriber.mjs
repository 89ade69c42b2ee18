// Subscribes with a client library as it comes, and prints each result as a line of JSON. A line of input ends it.
// Usage: node subscriber.mjs LIBRARY URL QUERY VARIABLES
import { createInterface } from "node:readline";
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import WebSocket from "ws";

const [library, url, query, variables] = [...process.argv.slice(2, 5), JSON.parse(process.argv[5])];
const operation = { query, variables };
globalThis.WebSocket ??= WebSocket; // browsers and newer versions of Node have it

const print = (result) => console.log(JSON.stringify(result));
const fail = (error) => print({ failure: error?.message ?? error?.reason ?? JSON.stringify(error) });
const complete = () => print({ completed: true });
const show = ({ error, ...result }) => (error ? fail(error) : print(result));
const sink = { next: show, error: fail, complete };

// The id of the last event makes each new connection of the client resume after it.
function overWebSocket() {
  let lastEventId;
  const client = createWsClient({
    url: url.replace("http", "ws"),
    connectionParams: () => ({ lastEventId }),
    retryAttempts: 1_000,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
    shouldRetry: () => true,
  });
  client.on("connected", (_socket, payload) => {
    lastEventId ??= payload?.eventId;
    print({ connected: true });
  });
  client.on("message", (message) => {
    lastEventId = message.payload?.extensions?.eventId ?? lastEventId;
  });
  return client;
}

const overSse = () => createSseClient({ url, retryAttempts: 0 });

function apollo() {
  const client = new ApolloClient({ cache: new InMemoryCache(), link: new GraphQLWsLink(overWebSocket()) });
  const subscription = client.subscribe({ query: gql(query), variables }).subscribe(sink);
  return () => subscription.unsubscribe();
}

function urql(exchange, options = {}) {
  const client = new Client({ url, exchanges: [exchange], preferGetMethod: false, ...options });
  const shown = ({ data, error, extensions }) => show({ data, error, extensions });
  const { unsubscribe } = client.subscription(query, variables).subscribe(shown);
  return unsubscribe;
}

function forwarding(client) {
  return subscriptionExchange({
    forwardSubscription: (request) => ({
      subscribe: (observer) => ({ unsubscribe: client.subscribe({ ...request, query: request.query }, observer) }),
    }),
  });
}

const LIBRARIES = {
  "graphql-ws": () => overWebSocket().subscribe(operation, sink),
  "graphql-sse": () => overSse().subscribe(operation, sink),
  apollo,
  "urql-ws": () => urql(forwarding(overWebSocket())),
  "urql-sse": () => urql(forwarding(overSse())),
  "urql-fetch": () => urql(fetchExchange, { fetchSubscriptions: true }),
};

const unsubscribe = LIBRARIES[library]();
createInterface({ input: process.stdin }).once("line", () => {
  unsubscribe();
  print({ unsubscribed: true });
  setTimeout(() => process.exit(0), 300);
});
