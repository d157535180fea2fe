import assert from "node:assert/strict";
import { OpenedMessages } from "./opened.ts";

const message = (size: number) => ({
  content: new Uint8Array(size),
  verify: () => Promise.resolve(),
});
const kept = (messages: OpenedMessages, most: number) =>
  Array.from({ length: most }, (_, id) => id).filter((id) => messages.get(id) !== undefined);

Deno.test("opened messages are bounded by their number, the oldest go first", () => {
  const messages = new OpenedMessages(3, 1_000);
  for (let id = 0; id < 5; id++) messages.keep(id, message(1));
  assert.deepEqual(kept(messages, 5), [2, 3, 4]);
});

Deno.test("opened messages are bounded by their bytes, and the last one is always there", () => {
  const messages = new OpenedMessages(100, 1_000);
  for (let id = 0; id < 4; id++) messages.keep(id, message(400));
  assert.deepEqual(kept(messages, 4), [2, 3]);
  messages.keep(4, message(5_000));
  assert.deepEqual(kept(messages, 5), [4]);
  messages.keep(5, message(600));
  messages.keep(6, message(400));
  assert.deepEqual(kept(messages, 7), [5, 6]);
});
