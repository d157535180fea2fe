/**
 * The interfaces of mill.wit as values travel; written by `deno task build`, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import type { FunctionRef } from "../../../../pods/sdk/mod.ts";

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

/** The functions of `peri:mill/grain`. */
export const grain = {
  leave: {
    interface: "peri:mill/grain",
    function: "leave",
    capability: "0549102722b02157003357bd26ee3732737ed5579da85cfd0794a83e5657ba9d",
    functionId: "e6dc5a9b9757204fb005a755b611c43639d93223a17a488365e0220c8c856e20",
  } as FunctionRef<[text: string], void>,
} as const;
