/**
 * Whether what a pod offers is enough for what another needs (PROTOCOL.md, "Matching"). Pure.
 *
 * @module
 */

/** The part of an offer that matching looks at: function hashes by name. */
export interface Surface {
  /** Without version: `peri:hey/mail`. */
  readonly interface: string;
  readonly functions: Readonly<Record<string, { readonly id: string }>>;
}

/** A function that is needed and not offered with that hash. */
export interface Lack {
  readonly interface: string;
  readonly function: string;
  /** Hash of the function as it is needed. */
  readonly needed: string;
  /** Hash under which it is offered; absent when there is none of that name. */
  readonly offered?: string;
}

/** Functions of `needs` that `offers` lacks, in the order of `needs`; empty when all fit. */
export function findLacks(needs: readonly Surface[], offers: readonly Surface[]): Lack[] {
  return needs.flatMap((need) =>
    Object.entries(need.functions).flatMap(([name, { id }]) => {
      const offered = offeredId(offers, need.interface, name);
      if (offered === id) return [];
      const lack = { interface: need.interface, function: name, needed: id };
      return [offered === undefined ? lack : { ...lack, offered }];
    })
  );
}

function offeredId(
  offers: readonly Surface[],
  interfaceName: string,
  name: string,
): string | undefined {
  const offer = offers.find((one) => one.interface === interfaceName);
  if (offer === undefined || !Object.hasOwn(offer.functions, name)) return undefined;
  return offer.functions[name]?.id;
}
