import assert from "node:assert/strict";
import { errorFromRecord } from "./errors.ts";
import { findSuperseding, type KnownOffer, missingFunction } from "./missing.ts";
import {
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  parsePodName,
} from "./words.ts";

const capability = (digit: string) => parseCapabilityId(digit.repeat(64));
const BIRDS = parsePodName("birds");
const WANTED = {
  interface: parseInterfaceName("a:birds/sightings"),
  function: parseFunctionName("report"),
  functionId: parseFunctionId("1".repeat(64)),
  capability: capability("a"),
};
const OFFER: KnownOffer = {
  interface: WANTED.interface,
  capability: capability("b"),
  functions: { report: { id: "2".repeat(64) } },
};

Deno.test("a function with another hash is named with both hashes and both capabilities", () => {
  const { kind, op, subject } = missingFunction(BIRDS, WANTED, [OFFER]);
  assert.deepEqual([kind, op], ["missing-implementation", "call a:birds/sightings#report"]);
  assert.equal(
    subject,
    `the pod birds has no a:birds/sightings#report with hash ${"1".repeat(64)} (capability ` +
      `${"a".repeat(64)}): it offers the function with hash ${"2".repeat(64)} (capability ` +
      `${"b".repeat(64)})`,
  );
});

Deno.test("a missing function and a missing interface are told apart", () => {
  const subject = (offers: KnownOffer[]) => missingFunction(BIRDS, WANTED, offers).subject;
  const without = { ...OFFER, functions: {} };
  assert.match(subject([without]), /offers the interface without this function \(capability b{64}/);
  assert.match(subject([]), /does not offer this interface$/);
  const inherited = { ...WANTED, function: parseFunctionName("constructor") };
  assert.match(missingFunction(BIRDS, inherited, [OFFER]).subject, /without this function/);
});

Deno.test("what supersedes the wanted capability stands in the hint", () => {
  const newer: KnownOffer = {
    interface: parseInterfaceName("a:birds/sightings-2"),
    capability: capability("c"),
    supersedes: [capability("9"), capability("a")],
  };
  const { hint } = missingFunction(BIRDS, WANTED, [OFFER, newer]);
  assert.equal(
    hint,
    `a:birds/sightings-2 (capability ${"c".repeat(64)}) supersedes what was asked for`,
  );
  assert.equal(findSuperseding([OFFER, newer], capability("a")), newer);
  assert.equal(findSuperseding([OFFER, newer], capability("c")), undefined);
  assert.match(missingFunction(BIRDS, WANTED, [OFFER]).hint!, /ask its person/);
});

Deno.test("the longest names there are fit into an error as it travels", () => {
  const long = "x".repeat(64);
  const name = parseInterfaceName(`${long}:${long}/${long}`);
  const wanted = { ...WANTED, interface: name, function: parseFunctionName(long) };
  const offer = { ...OFFER, interface: name, functions: { [long]: { id: "2".repeat(64) } } };
  const error = missingFunction(parsePodName("x".repeat(32)), wanted, [
    { ...offer, supersedes: [WANTED.capability] },
  ]);
  assert.deepEqual(errorFromRecord(error).toRecord(), error);
});
