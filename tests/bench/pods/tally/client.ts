/**
 * The interfaces of tally in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, type u32 } from "../../../../pods/sdk/mod.ts";

/** What others may ask. */
export abstract class Sums extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "pod:tally/sums",
    "capability": "cc71625a9fe095f7db067cac203e82ee94c38987f641c13842337cd4783d26da",
    "functions": [
      {"name":"add","method":"add","functionId":"c1687201e7f23e55eed97fe379fcd36b9ecf40a4e7b685ffbc1ed6af049a4afa","params":[["by","u32"]],"result":"u32"},
    ],
  };

  /** Adds to the sum and says it. */
  abstract add(by: u32): Promise<u32>;
}
