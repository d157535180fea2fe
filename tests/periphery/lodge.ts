/**
 * People who come to live in a house of the town by an invitation.
 *
 * @module
 */

import { joinHost, meetHost } from "../../runtime/directory/join.ts";
import { parseInvitation } from "../../runtime/identity/join/invitation.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import type { TestPerson } from "../helpers/village.ts";
import type { Home, Town } from "./town.ts";

/** An invitation by the owner of a house: the line. */
export async function invite(house: Home, args: JsonRecord = {}): Promise<string> {
  const [item] = (await house.visit("person.invite", args)).items;
  return String(item!.invitation);
}

/** Somebody joins from their own computer. @throws {PeriError} what the house says. */
export async function join(town: Town, line: string, person: TestPerson): Promise<void> {
  const ports = { pgp: town.pgp, clock: town.clock, transport: town.network.transport() };
  const invitation = parseInvitation(line);
  const host = await meetHost(ports, invitation);
  await joinHost(ports, host, invitation, {
    person: person.fingerprint,
    certificate: person.certificate,
    sign: (document) => town.pgp.sign(person.secretKey, encodeUtf8(document)),
  });
}

/** Somebody new who lives in a house and has come in. */
export async function lodge(
  town: Town,
  house: Home,
  name: string,
  share: JsonRecord = {},
): Promise<{ readonly as: TestPerson }> {
  const person = await town.person(name);
  await join(town, await invite(house, { name, share }), person);
  return { as: person };
}
