/**
 * The interfaces of ticker.wit in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, type u32 } from "../../../pods/sdk/mod.ts";

/** Nobody offers it. */
export abstract class Nowhere extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "test:ticker/nowhere",
    "capability": "3d78a7d8f53af1f76c291b8924f8a88e0c8f7a5299d899114ee04adf6f3159a9",
    "functions": [
      {"name":"nothing","method":"nothing","functionId":"28734dbeff157d6ef826e4ab5849ad686737f403fff509a99db70b3d49f035c9","params":[],"result":null},
    ],
  };

  /** `nothing`. */
  abstract nothing(): Promise<void>;
}

/** `test:ticker/watch`. */
export abstract class Watch extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "test:ticker/watch",
    "capability": "05f4be2af75650c92c2b741e71242f32888933bea6e6082edb51f8d9a358d980",
    "functions": [
      {"name":"follow","method":"follow","functionId":"95ce48dcce481511b1b76bf707dc531239bd53b7d568474dc4dfe1c8d7a4ba94","params":[["topic","string"]],"result":{"stream":"u32"}},
      {"name":"lines","method":"lines","functionId":"404bc61e7883ab96b0f791712d9aea394a1629c4a5bf3628dac7de016a0342cb","params":[["count","u32"]],"result":{"stream":"string"}},
      {"name":"once","method":"once","functionId":"98b3c0da9cf2ac7fa167218b5e97c7c3446f40efb8fbdfd554d43369a24c6960","params":[["what","string"]],"result":"string"},
    ],
  };

  /** Numbers of a topic from now on, until one of the two sides ends it. */
  abstract follow(topic: string): AsyncIterable<u32>;

  /** So many lines, a page at a time. */
  abstract lines(count: u32): AsyncIterable<string>;

  /** One answer, or the kind of error that is asked for. */
  abstract once(what: string): Promise<string>;
}
