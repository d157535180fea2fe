/**
 * Names for the types of WIT that TypeScript has no word for. Only the build and the codec know the
 * difference: to TypeScript they are plain numbers, texts and big integers.
 *
 * @module
 */

/** Whole number from 0 to 255. */
export type u8 = number;
/** Whole number from -128 to 127. */
export type s8 = number;
/** Whole number from 0 to 65,535. */
export type u16 = number;
/** Whole number from -32,768 to 32,767. */
export type s16 = number;
/** Whole number from 0 to 4,294,967,295. */
export type u32 = number;
/** Whole number from -2,147,483,648 to 2,147,483,647. */
export type s32 = number;
/** Whole number from 0 to 2^64 - 1. */
export type u64 = bigint;
/** Whole number from -2^63 to 2^63 - 1. */
export type s64 = bigint;
/** Number of single precision. */
export type f32 = number;
/** One character, which may take two UTF-16 units. */
export type char = string;

/** A value or why there is none, as data. A function that throws a `TypedError` needs it not. */
export type Result<Value, Why> = { readonly ok: Value } | { readonly err: Why };
