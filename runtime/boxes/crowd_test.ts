import assert from "node:assert/strict";
import { MAX_BUNDLE_MESSAGES } from "../model/limits.ts";
import { Crowd } from "./crowd.ts";
import type { Lane } from "./lane.ts";

const laneOf = (name: string) => ({ name }) as Lane;

Deno.test("a backlog takes small bundles while single messages of another lane come and go", () => {
  const crowd = new Crowd();
  const [bulk, chat] = [laneOf("bulk"), laneOf("chat")];
  assert.equal(crowd.room(bulk, 0), MAX_BUNDLE_MESSAGES);
  crowd.sent(chat, 1, 0);
  assert(crowd.room(bulk, 999) < MAX_BUNDLE_MESSAGES / 4);
  assert.equal(crowd.room(bulk, 1_000), MAX_BUNDLE_MESSAGES);
  assert.equal(crowd.room(bulk, -3_600_000), MAX_BUNDLE_MESSAGES, "the clock was set back");
});

Deno.test("two backlogs, or one lane by itself, have large bundles", () => {
  const crowd = new Crowd();
  const [bulk, other] = [laneOf("bulk"), laneOf("other")];
  crowd.sent(other, MAX_BUNDLE_MESSAGES, 0);
  assert.equal(crowd.room(bulk, 1), MAX_BUNDLE_MESSAGES);
  crowd.sent(bulk, 1, 2);
  assert.equal(crowd.room(bulk, 3), MAX_BUNDLE_MESSAGES);
});

Deno.test("a lane with few messages of its own does not hide those of another", () => {
  const crowd = new Crowd();
  const [bulk, chat] = [laneOf("bulk"), laneOf("chat")];
  crowd.sent(chat, 1, 0);
  crowd.sent(bulk, 3, 1);
  crowd.sent(bulk, 2, 2);
  assert(crowd.room(bulk, 3) < MAX_BUNDLE_MESSAGES);
});
