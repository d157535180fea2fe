/**
 * The version of what compiling gives.
 *
 * @module
 */

/**
 * Part of the name of every program in the cache. Raise the number whenever a component would
 * compile to other bytes; `version_test.ts` notices.
 */
export const COMPILER_VERSION = "jco-0.15.0-peri-4";
