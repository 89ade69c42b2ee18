// Reads messages of a server, one of JSON a line, and fails at the first that graphql-ws does not accept.
import { createInterface } from "node:readline";
import { validateMessage } from "graphql-ws";

for await (const line of createInterface({ input: process.stdin })) {
  try {
    validateMessage(JSON.parse(line));
  } catch (error) {
    console.error(`${error.message}\n${line}`);
    process.exit(1);
  }
}
