/**
 * Nothing: the floor of every program that Deno starts.
 *
 * @module
 */
