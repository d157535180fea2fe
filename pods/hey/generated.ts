/**
 * The interfaces of hey.wit as values travel; written by `deno task build`, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import type { FunctionRef } from "../sdk/mod.ts";

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

/** The functions of `peri:face/petnames`. */
export const petnames = {
  personOf: {
    interface: "peri:face/petnames",
    function: "person-of",
    capability: "675fefacd49b8cfde762fc397265ef53cc8cc3752a27d3085f409728825e77aa",
    functionId: "b23c8efb7d39cba623b586379049f1de3b489b76f20883e4cf654d1d562fa4eb",
  } as FunctionRef<[name: string], string | null>,
  setName: {
    interface: "peri:face/petnames",
    function: "set-name",
    capability: "675fefacd49b8cfde762fc397265ef53cc8cc3752a27d3085f409728825e77aa",
    functionId: "1e202e1cef3e5f91ae0bcddb875bc839db3efc51cdfd1f3bba5edb9338767651",
  } as FunctionRef<[name: string, person: string], void>,
  nameOf: {
    interface: "peri:face/petnames",
    function: "name-of",
    capability: "675fefacd49b8cfde762fc397265ef53cc8cc3752a27d3085f409728825e77aa",
    functionId: "f0b8e3dc6ce0a8a2ea5adb2449d11314d7f50d43e164cb0253b8ae593cea6090",
  } as FunctionRef<[person: string], string | null>,
} as const;

/** `letter` of `peri:hey/mail`. */
export type Letter = { id: string; text: string; "in-reply-to": string | null };

/** `receipt` of `peri:hey/mail`. */
export type Receipt = { "received-ms": number };

/** The functions of `peri:hey/mail`. */
export const mail = {
  leave: {
    interface: "peri:hey/mail",
    function: "leave",
    capability: "ffdc3ce1104675164a0dce5a26d8283e52bdc98886f11cb86858c7415234ed18",
    functionId: "5ee9d1dac0539962dda2f5a1c5338874ca331b74dfdd56ad00c2524e01686864",
  } as FunctionRef<[letter: Letter], Receipt>,
} as const;
