
"use strict";
const LOAD_TIMEOUT = 8000;
const EXAMPLE = `# Ctrl+Enter runs the query, Ctrl+Space completes it.
# Log in with the mutation login, and put its access token under "Headers":
#   {"Authorization": "Bearer …"}

query Products {
  products(first: 3) {
    totalCount
    nodes { name slug price { amount currency } }
  }
}
`;

function explain(reason) {
  if (document.documentElement.classList.contains("started")) return;
  document.getElementById("reason").textContent = reason;
  document.getElementById("address").textContent = location.origin + location.pathname;
  document.getElementById("loading").hidden = true;
  document.getElementById("missing").hidden = false;
}

function start() {
  const explorer = GraphiQLPluginExplorer.explorerPlugin();
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  root.render(React.createElement(GraphiQL, {
    // Subscriptions run over a WebSocket (graphql-transport-ws), whose connection_init has the "Headers".
    fetcher: GraphiQL.createFetcher({
      url: location.pathname,
      subscriptionUrl: location.origin.replace("http", "ws") + location.pathname,
    }),
    defaultQuery: EXAMPLE,
    query: new URLSearchParams(location.search).get("query") || undefined,
    plugins: [explorer],
    defaultEditorToolsVisibility: true,
    inputValueDeprecation: true,
    isHeadersEditorEnabled: true,
  }));
  document.documentElement.classList.add("started");
}

let failed = "";
addEventListener("error", (event) => {
  const source = event.target.src || event.target.href;
  if (!source) return;
  failed = failed || source + " failed";
  if (document.readyState !== "loading") explain(failed);
}, true);
addEventListener("DOMContentLoaded", () => {
  if (window.React && window.ReactDOM && window.GraphiQL && window.GraphiQLPluginExplorer) start();
  else explain(failed || "they did not arrive");
});
setTimeout(() => explain(failed || "they have not arrived yet"), LOAD_TIMEOUT);
