import { strictEqual } from "node:assert/strict";
import { MAX_RECIPIENTS } from "../../pods/sdk/post/recipients.ts";
import { MAX_ROW_BYTES, MAX_TURN_POSTS } from "../../pods/sdk/post/spread.ts";
import * as limits from "../../runtime/model/limits.ts";

Deno.test("the SDK divides posts by the bounds of the periphery", () => {
  strictEqual(MAX_RECIPIENTS, limits.MAX_RECIPIENTS);
  strictEqual(MAX_TURN_POSTS, limits.MAX_TURN_POSTS);
  strictEqual(MAX_ROW_BYTES, limits.MAX_STATE_VALUE_BYTES);
});
