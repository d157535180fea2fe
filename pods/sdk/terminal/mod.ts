/**
 * What a pod's author imports to show screens on a terminal. Not part of `sdk/mod.ts`: pods without a
 * terminal do not carry it.
 *
 * @module
 */

export type { Ink, Line, Look, Piece } from "./look.ts";
export { textOf } from "./look.ts";
export {
  input,
  type Key,
  list,
  type Part,
  type Screen,
  scroll,
  type Seat,
  table,
  text,
  type Turn,
} from "./screen.ts";
export { type Input, Screens, type ScreensOf } from "./screens.ts";
export { cut, fit, widthOf, wrap } from "./width.ts";
