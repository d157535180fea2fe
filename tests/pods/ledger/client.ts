/**
 * The interfaces of ledger in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, type u32 } from "../../../pods/sdk/mod.ts";

/** Keeps what it is told. */
export abstract class Ledger extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "pod:ledger/ledger",
    "capability": "16ba7b7508e709e080d2e6144d09c945fb8194893c89fc6e6735f6a3ee9c5ba4",
    "functions": [
      {"name":"note","method":"note","functionId":"a1cc5ae18ca2904badab5ca682bdcc633fbc0558227b625dda24d14a5a9caf9e","params":[["n","u32"]],"result":null},
    ],
  };

  /** Keeps a number. */
  abstract note(n: u32): Promise<void>;
}
