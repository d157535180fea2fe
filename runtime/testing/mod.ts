/**
 * The test kit for authors of pods, `@peri/testing`: people with peripheries of their own in one
 * process, on a network, a clock and chance that a test has in its hands.
 *
 * ```ts
 * Deno.test("a friend hears of a sighting", async () => {
 *   await using village = openVillage();
 *   const [alice, bob] = await village.friends("alice", "bob");
 *   await alice.install(Capybara);
 *   await bob.install(Capybara);
 *   await alice.run("capybara", "report", "pond", "2");
 *   const { out } = await bob.run("capybara", "sightings", "--of", "alice");
 *   assert.match(out, /pond/);
 * });
 * ```
 *
 * @module
 */

export type { CallOptions, Logged, Ran } from "./villager.ts";
export { Villager } from "./villager.ts";
export { openVillage, Village, type VillageOptions } from "./village.ts";
export type { PodSource } from "./source.ts";
export type { Weather } from "./weather.ts";
