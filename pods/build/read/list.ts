/**
 * Arrays to lists, and tuples.
 *
 * @module
 */

import ts from "typescript";
import type { CanonicalType } from "../../../wit/types.ts";
import type { TypeReader } from "./reader.ts";

/** The list of a type. Bytes have a type of their own, so that they are one value everywhere. */
export function readList(
  reader: TypeReader,
  element: ts.TypeNode,
  path: string,
): CanonicalType | undefined {
  const type = reader.read(element, path);
  if (type !== "u8") return type && { list: type };
  return reader.context.refusals.at(element, "a list of u8 is bytes", "write Uint8Array");
}

/** The tuple of its parts, all of which are there. */
export function readTuple(
  reader: TypeReader,
  node: ts.TupleTypeNode,
  path: string,
): CanonicalType | undefined {
  const { refusals } = reader.context;
  if (node.elements.length === 0) {
    return refusals.at(node, "an empty tuple says nothing", "leave it away");
  }
  const parts = node.elements.map((element) => {
    const isNamed = ts.isNamedTupleMember(element);
    const isRest = ts.isRestTypeNode(element) || isNamed && element.dotDotDotToken !== undefined;
    const isOptional = ts.isOptionalTypeNode(element) || isNamed && element.questionToken;
    if (isRest || isOptional) {
      return refusals.at(element, "a tuple has all its parts", "write T | undefined, or an array");
    }
    return reader.read(isNamed ? element.type : element, path);
  });
  return parts.every((part) => part !== undefined) ? { tuple: parts } : undefined;
}
