/**
 * The interfaces of bank in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, type u32 } from "../../../pods/sdk/mod.ts";

/** Keeps accounts. */
export abstract class Bank extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "pod:bank/bank",
    "capability": "c5908ae2c1d1c329925a8bdf39ef8061d25ef6a41a0f2307d1073533f5cb918e",
    "functions": [
      {"name":"move","method":"move","functionId":"46f2821c8e3f0380980baeadaa542b8bad09ee18a640e11c838b867664530716","params":[["id","string"],["from","string"],["to","string"],["amount","u32"]],"result":"string"},
      {"name":"credit","method":"credit","functionId":"866320f46b9f9c4a96da3f51db919808db839d77e5a80a7f3425acfb727ca01c","params":[["id","string"]],"result":"u32"},
    ],
  };

  /** Takes money from an account and awaits that it has come to the other. */
  abstract move(id: string, from: string, to: string, amount: u32): Promise<string>;

  /** What is on its way comes to its account. */
  abstract credit(id: string): Promise<u32>;
}
