/**
 * The client of ssh2, for what OpenSSH's client would never do.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";

/** A session that the client has opened. */
export interface ClientChannel extends Duplex {
  readonly outgoing: { readonly id: number };
  close(): void;
}

/** What the client library does for these tests. */
export interface Client extends EventEmitter {
  readonly _protocol: {
    channelData(channel: number, data: Uint8Array): void;
    channelWindowAdjust(channel: number, amount: number): void;
    readonly _packetRW: {
      readonly write: {
        readonly allocStart: number;
        alloc(size: number): Uint8Array;
        finalize(packet: Uint8Array): Uint8Array;
      };
    };
    readonly _cipher: { encrypt(packet: Uint8Array): void };
  };
  connect(options: object): void;
  exec(command: string, done: (error: Error | undefined, channel: ClientChannel) => void): void;
  exec(
    command: string,
    options: object,
    done: (error: Error | undefined, channel: ClientChannel) => void,
  ): void;
  subsys(name: string, done: (error: Error | undefined, channel: ClientChannel) => void): void;
  forwardOut(...args: unknown[]): void;
  forwardIn(host: string, port: number, done: (error: Error | undefined) => void): void;
  shell(
    terminal: object,
    options: object,
    done: (error: Error | undefined, channel: ClientChannel) => void,
  ): void;
  readonly _sock?: { setNoDelay(on: boolean): void };
  end(): void;
  destroy(): void;
}

const { Client } = ssh2 as unknown as { Client: new () => Client };

/** How it comes in. */
export interface ClientOptions {
  readonly port: number;
  readonly username?: string;
  /** Text of a key file. */
  readonly privateKey?: string;
  readonly password?: string;
  readonly algorithms?: object;
  /** Tries these one after the other; each is a method with its answer. */
  readonly authHandler?: unknown;
}

/** Connects. Resolves to a client that is in. @throws {Error} when it is not let in. */
export function connect(options: ClientOptions): Promise<Client> {
  const client = new Client();
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  client.on("ready", () => {
    // A key would else wait for what was sent before it.
    client._sock?.setNoDelay(true);
    resolve(client);
  });
  client.on("error", reject);
  client.on("close", () => reject(new Error("closed")));
  client.connect({ host: "127.0.0.1", username: "nobody", readyTimeout: 20_000, ...options });
  return promise;
}

/** Sends any packet at all, encrypted as the others. */
export function sendPacket(
  { _protocol: { _packetRW, _cipher } }: Client,
  content: Uint8Array,
): void {
  const { write } = _packetRW;
  const packet = write.alloc(content.length);
  packet.set(content, write.allocStart);
  _cipher.encrypt(write.finalize(packet));
}

/** Opens a session with a command. */
export function exec(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => error ? reject(error) : resolve(channel));
  });
}

/** Opens a terminal; without a command the server's own. */
export function shell(client: Client, command?: string): Promise<ClientChannel> {
  const pty = { term: "xterm-256color", cols: 80, rows: 24 };
  return new Promise((resolve, reject) => {
    const done = (error: Error | undefined, channel: ClientChannel) =>
      error ? reject(error) : resolve(channel);
    if (command === undefined) client.shell(pty, {}, done);
    else client.exec(command, { pty }, done);
  });
}

/** Opens a session of a subsystem. */
export function subsystem(client: Client, name: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.subsys(name, (error, channel) => error ? reject(error) : resolve(channel));
  });
}

/** All that a session says until it is closed. */
export function outputOf(channel: ClientChannel): Promise<string> {
  const pieces: Uint8Array[] = [];
  channel.on("data", (piece: Uint8Array) => pieces.push(piece));
  return new Promise((resolve) => {
    channel.on("close", () => resolve(Buffer.concat(pieces).toString()));
  });
}
