/**
 * Two houses with the ticker pod whose owners are friends, and what they hear.
 *
 * @module
 */

import { type Home, ownerOf, Town } from "./town.ts";

/** Something a continuation of the ticker pod was told. */
export interface Heard {
  readonly about: string;
  readonly item?: unknown;
  readonly index?: number;
  readonly end?: true;
  readonly ok?: unknown;
  readonly error?: { readonly kind: string; readonly subject: string };
}

/** Alice, who follows, and Bob, who tells. */
export interface Pair {
  readonly alice: Home;
  readonly bob: Home;
}

/** Two friends with ticker pods. */
export async function settleTickers(town: Town): Promise<Pair> {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  for (const house of [alice, bob]) await house.install("ticker");
  await town.rest(5);
  return { alice, bob };
}

/** Lines a command of the ticker pod prints. */
export async function tick(house: Home, ...argv: string[]): Promise<string[]> {
  return (await house.visit("pod.run", { pod: "ticker", argv })).lines;
}

/** All that the ticker pod of a house has heard. */
export async function heard(house: Home): Promise<Heard[]> {
  return (await tick(house, "heard")).map((line) => JSON.parse(line));
}

/** Waits until a house has heard so much, and gives it. */
export async function hears(house: Home, count: number): Promise<Heard[]> {
  await house.town.until(async () => (await heard(house)).length >= count, `${count} are heard`);
  return await heard(house);
}

/** Waits until a house has so many readers, and so many were cancelled. */
export async function hasReaders(house: Home, readers: number, cancelled = 0): Promise<void> {
  const text = `${readers} ${cancelled}`;
  await house.town.until(async () => (await tick(house, "readers"))[0] === text, text);
}

/** A house's owner as an address. */
export function who(house: Home): string {
  return ownerOf(house);
}

/** Rows of mail and streams that are left in a house, without those that may stay. */
export function leftovers(...houses: readonly Home[]): string[] {
  const open = ["outbox", "inbox", "open", "due", "key", "owed", "pace"];
  return houses.flatMap(({ disk }) => disk.rows()).map(({ key }) => key)
    .filter((key) => open.includes(String(key[3]))).map((key) => key.join(" "));
}
