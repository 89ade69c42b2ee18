// A receiver of webhooks that answers what the code of docs/webhooks.md says of them: hook.mjs PORT SECRET
import { createServer } from "node:http";
import { isValid } from "./guide.mjs";

const [port, secret] = process.argv.slice(2);
const other = `whsec_${Buffer.alloc(32).toString("base64")}`;
const now = Date.now;

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks), headers = request.headers;
  const answers = [isValid(secret, headers, body), isValid(other, headers, body), isValid(secret, headers, `${body} `)];
  for (const seconds of [299, 301, -299, -301]) {
    Date.now = () => Number(headers["webhook-timestamp"]) * 1000 + seconds * 1000;
    answers.push(isValid(secret, headers, body));
    Date.now = now;
  }
  response.end(JSON.stringify(answers));
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
