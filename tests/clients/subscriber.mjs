// Subscribes with a client library as it comes, and prints each result as a line of JSON. A line of input ends it.
// Usage: node subscriber.mjs LIBRARY URLS QUERY VARIABLES TOKENS
// Each connection is to the next of the URLs, which are separated by commas, and with the next of the access tokens.
import { createInterface } from "node:readline";
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import WebSocket from "ws";

const [library, urls, query] = [process.argv[2], process.argv[3].split(","), process.argv[4]];
const [variables, tokens] = process.argv.slice(5, 7).map((text) => JSON.parse(text));
const operation = { query, variables };
globalThis.WebSocket ??= WebSocket; // browsers and newer versions of Node have it

const print = (result) => console.log(JSON.stringify(result));
const reasonOf = (error) => error?.networkError?.reason ?? error?.message ?? error?.reason ?? JSON.stringify(error);
const fail = (error) => print({ failure: reasonOf(error) });
const complete = () => print({ completed: true });
const show = ({ error, ...result }) => (error ? fail(error) : print(result));
const sink = { next: show, error: fail, complete };

const retryWait = () => new Promise((resolve) => setTimeout(resolve, 100));
let turn = -1;
const nextUrl = () => urls[++turn % urls.length];
const authorization = () => (tokens.length ? { authorization: `Bearer ${tokens[turn] ?? tokens.at(-1)}` } : {});

// The id of the last event makes each new connection of the client resume after it.
function overWebSocket(options = {}) {
  let lastEventId;
  const client = createWsClient({
    url: () => nextUrl().replace("http", "ws"),
    connectionParams: () => ({ ...authorization(), lastEventId }),
    retryAttempts: 1_000,
    retryWait,
    shouldRetry: () => true,
    ...options,
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

function overSse() {
  let lastEventId;
  return createSseClient({
    url: nextUrl,
    headers: () => ({ ...authorization(), ...(lastEventId && { "last-event-id": lastEventId }) }),
    retryAttempts: 1_000,
    retry: retryWait,
    on: {
      connected: () => print({ connected: true }),
      message: ({ data }) => {
        lastEventId = data?.extensions?.eventId ?? lastEventId;
      },
    },
  });
}

// Connects before there is an operation, pings, and subscribes after the first answer.
function eagerly() {
  const client = overWebSocket({ lazy: false, keepAlive: 50, onNonLazyError: fail });
  let unsubscribe = () => client.dispose();
  const forget = client.on("pong", () => {
    forget();
    print({ pong: true });
    unsubscribe = client.subscribe(operation, sink);
  });
  return () => unsubscribe();
}

function apollo() {
  const client = new ApolloClient({ cache: new InMemoryCache(), link: new GraphQLWsLink(overWebSocket()) });
  const subscription = client.subscribe({ query: gql(query), variables }).subscribe(sink);
  return () => subscription.unsubscribe();
}

function urql(exchange, options = {}) {
  const client = new Client({ url: urls[0], exchanges: [exchange], preferGetMethod: false, ...options });
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
  "graphql-ws-eager": eagerly,
  "graphql-sse": () => overSse().subscribe(operation, sink),
  apollo,
  "urql-ws": () => urql(forwarding(overWebSocket())),
  "urql-sse": () => urql(forwarding(overSse())),
  "urql-fetch": () =>
    urql(fetchExchange, { fetchSubscriptions: true, fetchOptions: () => ({ headers: authorization() }) }),
};

const unsubscribe = LIBRARIES[library]();
createInterface({ input: process.stdin }).once("line", () => {
  unsubscribe();
  print({ unsubscribed: true });
  setTimeout(() => process.exit(0), 300);
});
