/**
 * The interfaces of relay.wit as values travel; written by `deno task build`, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import type { FunctionRef, Stream } from "../../../pods/sdk/mod.ts";

/** `verb` of `peri:face/command`. */
export type Verb = { name: string; usage: string; about: string };

/** The functions of `peri:face/command`. */
export const command = {
  verbs: {
    interface: "peri:face/command",
    function: "verbs",
    capability: "8e616b048e433a8f3f9425ab0d856378e47d6921f32291b3ee6c2bb6e7566025",
    functionId: "310579c44f47516101b13aca0eaaec37f3d1909f58e84261ce1bebb7fefc7f6b",
  } as FunctionRef<[], Array<Verb>>,
  run: {
    interface: "peri:face/command",
    function: "run",
    capability: "8e616b048e433a8f3f9425ab0d856378e47d6921f32291b3ee6c2bb6e7566025",
    functionId: "d88c637f241f51cc2fafd0f8facd058f30f336391151c45469fd11dc28e79702",
  } as FunctionRef<[argv: Array<string>, terminal: boolean], number>,
  complete: {
    interface: "peri:face/command",
    function: "complete",
    capability: "8e616b048e433a8f3f9425ab0d856378e47d6921f32291b3ee6c2bb6e7566025",
    functionId: "950cab7bfa9deb123d2918ae0232980aff325d39c179a70d318dbc4153f00140",
  } as FunctionRef<[argv: Array<string>], Array<string>>,
} as const;

/** The functions of `test:relay/hops`. */
export const hops = {
  echo: {
    interface: "test:relay/hops",
    function: "echo",
    capability: "35c1982edf8d4fd75b4608c9e7b848d5ed7c9cc09479324b56b9c8ef154d506d",
    functionId: "1a29a939dea258cdccd1458dfea86e30046719d1e876bbb31883fa8888079e73",
  } as FunctionRef<[text: string], string>,
  chain: {
    interface: "test:relay/hops",
    function: "chain",
    capability: "35c1982edf8d4fd75b4608c9e7b848d5ed7c9cc09479324b56b9c8ef154d506d",
    functionId: "440ecf6a28086081a2ac002b1ad148d9195b94fd8c448fce468704feb3454acf",
  } as FunctionRef<[path: Array<string>, text: string], string>,
  gather: {
    interface: "test:relay/hops",
    function: "gather",
    capability: "35c1982edf8d4fd75b4608c9e7b848d5ed7c9cc09479324b56b9c8ef154d506d",
    functionId: "a3ec4f665afa6425bdd140a3bd622ec99d314954a054d3ecf35a766ae0421a0e",
  } as FunctionRef<[who: Array<string>, text: string], Array<string>>,
  count: {
    interface: "test:relay/hops",
    function: "count",
    capability: "35c1982edf8d4fd75b4608c9e7b848d5ed7c9cc09479324b56b9c8ef154d506d",
    functionId: "cdfcdf0827ce67719f5463b3a94484386c0258717dc97ff88e994815a21c1270",
  } as FunctionRef<[to: number], Stream<number>>,
  sum: {
    interface: "test:relay/hops",
    function: "sum",
    capability: "35c1982edf8d4fd75b4608c9e7b848d5ed7c9cc09479324b56b9c8ef154d506d",
    functionId: "2c71e9e0d228c775da775090b4e02032bd95132e3a14d97434110c73b7dfe861",
  } as FunctionRef<[of: string, to: number, most: number], number>,
  wait: {
    interface: "test:relay/hops",
    function: "wait",
    capability: "35c1982edf8d4fd75b4608c9e7b848d5ed7c9cc09479324b56b9c8ef154d506d",
    functionId: "5eff36bae82888faf82a31dac287f346d49b731f92a25c6394a8815ea19762a8",
  } as FunctionRef<[], string>,
} as const;
