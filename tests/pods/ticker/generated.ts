/**
 * The interfaces of ticker.wit as values travel; written by `deno task build`, not by hand.
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

/** The functions of `test:ticker/nowhere`. */
export const nowhere = {
  nothing: {
    interface: "test:ticker/nowhere",
    function: "nothing",
    capability: "3d78a7d8f53af1f76c291b8924f8a88e0c8f7a5299d899114ee04adf6f3159a9",
    functionId: "28734dbeff157d6ef826e4ab5849ad686737f403fff509a99db70b3d49f035c9",
  } as FunctionRef<[], void>,
} as const;

/** The functions of `test:ticker/watch`. */
export const watch = {
  follow: {
    interface: "test:ticker/watch",
    function: "follow",
    capability: "05f4be2af75650c92c2b741e71242f32888933bea6e6082edb51f8d9a358d980",
    functionId: "95ce48dcce481511b1b76bf707dc531239bd53b7d568474dc4dfe1c8d7a4ba94",
  } as FunctionRef<[topic: string], Stream<number>>,
  lines: {
    interface: "test:ticker/watch",
    function: "lines",
    capability: "05f4be2af75650c92c2b741e71242f32888933bea6e6082edb51f8d9a358d980",
    functionId: "404bc61e7883ab96b0f791712d9aea394a1629c4a5bf3628dac7de016a0342cb",
  } as FunctionRef<[count: number], Stream<string>>,
  once: {
    interface: "test:ticker/watch",
    function: "once",
    capability: "05f4be2af75650c92c2b741e71242f32888933bea6e6082edb51f8d9a358d980",
    functionId: "98b3c0da9cf2ac7fa167218b5e97c7c3446f40efb8fbdfd554d43369a24c6960",
  } as FunctionRef<[what: string], string>,
} as const;
