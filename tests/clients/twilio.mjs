// Twilio as `emulate` has it, on a port of this machine with one account: twilio.mjs PORT SID TOKEN NUMBER
import { createEmulator } from "emulate";

const [port, sid, token, number] = process.argv.slice(2);
const seed = { twilio: { account: { sid, auth_token: token }, phone_numbers: [{ phone_number: number }] } };
await createEmulator({ service: "twilio", port: Number(port), seed });
