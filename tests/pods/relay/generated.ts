/**
 * The interfaces of relay.wit in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, type u32 } from "../../../pods/sdk/mod.ts";

/** `test:relay/hops`. */
export abstract class Hops extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "test:relay/hops",
    "capability": "35c1982edf8d4fd75b4608c9e7b848d5ed7c9cc09479324b56b9c8ef154d506d",
    "functions": [
      {"name":"echo","method":"echo","functionId":"1a29a939dea258cdccd1458dfea86e30046719d1e876bbb31883fa8888079e73","params":[["text","string"]],"result":"string"},
      {"name":"chain","method":"chain","functionId":"440ecf6a28086081a2ac002b1ad148d9195b94fd8c448fce468704feb3454acf","params":[["path",{"list":"string"}],["text","string"]],"result":"string"},
      {"name":"gather","method":"gather","functionId":"a3ec4f665afa6425bdd140a3bd622ec99d314954a054d3ecf35a766ae0421a0e","params":[["who",{"list":"string"}],["text","string"]],"result":{"list":"string"}},
      {"name":"count","method":"count","functionId":"cdfcdf0827ce67719f5463b3a94484386c0258717dc97ff88e994815a21c1270","params":[["to","u32"]],"result":{"stream":"u32"}},
      {"name":"sum","method":"sum","functionId":"2c71e9e0d228c775da775090b4e02032bd95132e3a14d97434110c73b7dfe861","params":[["of","string"],["to","u32"],["most","u32"]],"result":"u32"},
      {"name":"wait","method":"wait","functionId":"5eff36bae82888faf82a31dac287f346d49b731f92a25c6394a8815ea19762a8","params":[],"result":"string"},
    ],
  };

  /** The text, one answer for every call of it. */
  abstract echo(text: string): Promise<string>;

  /** The text, by way of everybody on the path; each one notes that it came by. */
  abstract chain(path: Array<string>, text: string): Promise<string>;

  /** What everybody answers at once; the kind of error of those who do not. */
  abstract gather(who: Array<string>, text: string): Promise<Array<string>>;

  /** Numbers from 1, a few in each run. */
  abstract count(to: u32): AsyncIterable<u32>;

  /** The sum of the numbers of somebody else, of so many at most. */
  abstract sum(of: string, to: u32, most: u32): Promise<u32>;

  /** Never answers. */
  abstract wait(): Promise<string>;
}
