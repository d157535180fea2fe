/**
 * The interfaces of mill.wit in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape } from "../../../../pods/sdk/mod.ts";

/** What mills grind. */
export abstract class Grain extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:mill/grain",
    "capability": "0549102722b02157003357bd26ee3732737ed5579da85cfd0794a83e5657ba9d",
    "functions": [
      {"name":"leave","method":"leave","functionId":"e6dc5a9b9757204fb005a755b611c43639d93223a17a488365e0220c8c856e20","params":[["text","string"]],"result":null},
    ],
  };

  /** Keeps a text in one of a thousand places. */
  abstract leave(text: string): Promise<void>;
}
