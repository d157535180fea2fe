/**
 * Where somebody is: the screens they have come through, what they have typed, as text that the
 * periphery keeps.
 *
 * @module
 */

import type { Json } from "../text/json.ts";
import { EMPTY, type Typing } from "./edit.ts";

/** A screen on somebody's way. */
export interface Stop {
  readonly screen: string;
  readonly state: Json;
  readonly at: number;
  readonly top: number;
  readonly typing: Typing;
}

/** Where somebody is. */
export interface Memory {
  /** From the first screen to the one that they see; never empty. */
  readonly stops: readonly Stop[];
  /** What is said below, and whether something went wrong. */
  readonly said?: { readonly text: string; readonly isAlarm: boolean } | undefined;
  /** Whether the keys are shown. */
  readonly isHelp?: boolean;
  /** A key that waits for a y. */
  readonly asked?: string | undefined;
  /** Whether text is typed on the screen, as far as is known. */
  readonly takesText?: boolean | undefined;
  /** What the screen has loaded. */
  readonly data?: unknown;
}

/** The periphery keeps 16 Ki characters; what is typed goes first. */
const [MAX_VIEW, MAX_DATA] = [16_000, 8_000];

/** A new screen on the way. */
export function stopOf(screen: string, state: Json, text = ""): Stop {
  const typing = text === "" ? EMPTY : { text, at: text.length };
  return { screen, state, at: 0, top: 0, typing };
}

/** As text. What a screen has loaded is left out when there is much of it: it is loaded again. */
export function formatMemory(memory: Memory, version: string): string {
  const { data, ...rest } = memory;
  const text = JSON.stringify({ ...rest, version });
  const kept = data === undefined ? undefined : JSON.stringify(data);
  if (kept !== undefined && kept.length <= MAX_DATA && kept.length + text.length < MAX_VIEW) {
    return `${text.slice(0, -1)},"data":${kept}}`;
  }
  if (text.length <= MAX_VIEW) return text;
  const stops = rest.stops.slice(-1).map((stop) => ({ ...stop, at: 0, top: 0 }));
  const short = JSON.stringify({ stops, version });
  return short.length <= MAX_VIEW ? short : "";
}

/** From text that this version has made; undefined for any other. */
export function parseMemory(text: string, version: string): Memory | undefined {
  if (text === "") return undefined;
  const { version: made, ...memory } = JSON.parse(text) as Memory & { readonly version: string };
  return made === version && memory.stops.length > 0 ? memory : undefined;
}
