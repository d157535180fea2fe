/**
 * A line that both ends of a control session hold in this process.
 *
 * @module
 */

import { Input } from "./input.ts";
import type { Line } from "./session.ts";

/** Two ends of a line in memory. Closing one closes both. */
export function openLinePair(): { readonly near: Line; readonly far: Line } {
  const [toNear, toFar] = [new Input(), new Input()];
  const close = () => {
    toNear.end();
    toFar.end();
  };
  return {
    near: { incoming: toNear, send: (piece) => toFar.push(piece.slice()), close },
    far: { incoming: toFar, send: (piece) => toNear.push(piece.slice()), close },
  };
}
