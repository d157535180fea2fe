import { equal, ok, throws } from "node:assert/strict";
import {
  formatListenAddress,
  formatPeer,
  isInRanges,
  isLoopback,
  isPublicAddress,
  parseIpAddress,
  parseIpRange,
  parseListenAddress,
} from "./address.ts";

function isPublic(text: string): boolean {
  const address = parseIpAddress(text);
  ok(address, `${text} should be an address`);
  return isPublicAddress(address);
}

Deno.test("addresses that everyone can reach are public", () => {
  const reachable = ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255"];
  const six = ["2606:4700::1111", "2a00:1450:4001::8a", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"];
  for (const text of [...reachable, ...six]) equal(isPublic(text), true, text);
});

Deno.test("addresses of one's own machine and network are not public, however they are wrapped", () => {
  const four = ["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.1.1"];
  const more = ["172.16.0.1", "172.31.255.255", "192.168.0.1", "198.19.0.1", "224.0.0.1"];
  const rest = ["255.255.255.255", "240.0.0.1", "192.0.0.1", "203.0.113.9"];
  const six = ["::", "::1", "fe80::1", "fc00::1", "fdff::1", "ff02::1", "fec0::1", "2001:db8::1"];
  const wrapped = ["::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1"];
  const tunnels = ["2002:7f00:1::", "2002:808:808::1", "2001::1", "::127.0.0.1", "64:ff9b:1::1"];
  for (const text of [...four, ...more, ...rest, ...six, ...wrapped, ...tunnels]) {
    equal(isPublic(text), false, text);
  }
});

Deno.test("text that is no address is not read as one", () => {
  const wrong = ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "0x7f.0.0.1"];
  const six = [":", ":::", "1::2::3", "12345::", "fe80::1%eth0", "1:2:3:4:5:6:7", "g::", "::1.2.3"];
  const long = ["1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "1:2:3:4:5:6:7:8::"];
  for (const text of [...wrong, ...six, ...long]) equal(parseIpAddress(text), undefined, text);
});

Deno.test("an address is in a block when its first bits agree", () => {
  const inside = (address: string, range: string) =>
    isInRanges(parseIpAddress(address)!, [parseIpRange(range)]);
  equal(inside("10.255.0.1", "10.0.0.0/8"), true);
  equal(inside("11.0.0.1", "10.0.0.0/8"), false);
  equal(inside("100.127.255.255", "100.64.0.0/10"), true);
  equal(inside("100.128.0.0", "100.64.0.0/10"), false);
  equal(inside("1.2.3.4", "1.2.3.4"), true);
  equal(inside("1.2.3.5", "1.2.3.4"), false);
  equal(inside("9.9.9.9", "0.0.0.0/0"), true);
  equal(inside("fd12::1", "fd00::/8"), true);
  equal(inside("fd12::1", "0.0.0.0/0"), false);
  equal(inside("::ffff:127.0.0.1", "127.0.0.0/8"), true);
});

Deno.test("a block with a typing error is refused with an example", () => {
  const wrong = ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1", "::/129", "x/8"];
  for (const text of [...wrong, "10.0.0.1/8", "fd00::1/8"]) {
    throws(() => parseIpRange(text), { kind: "invalid", hint: /127\.0\.0\.0\/8/ }, text);
  }
});

Deno.test("peers are told apart by IPv4 address and by IPv6 network", () => {
  equal(formatPeer("::ffff:1.2.3.4"), formatPeer("1.2.3.4"));
  equal(formatPeer("2001:db8:1:2::1"), formatPeer("2001:db8:1:2:ffff::9"));
  ok(formatPeer("2001:db8:1:2::1") !== formatPeer("2001:db8:1:3::1"));
  equal(isLoopback("::1") && isLoopback("127.8.8.8") && isLoopback("::ffff:127.0.0.1"), true);
  equal(isLoopback("10.0.0.1") || isLoopback("localhost"), false);
});

Deno.test("a listen address is read and written the same way", () => {
  for (const text of ["127.0.0.1:7777", "[::1]:0", "0.0.0.0:65535"]) {
    equal(formatListenAddress(parseListenAddress(text)), text);
  }
  equal(formatListenAddress(parseListenAddress(":80")), "[::]:80");
  for (
    const text of ["", "7777", "localhost:1", "::1:80", "1.2.3.4:65536", "1.2.3.4:", "[1.2.3.4]:1"]
  ) {
    throws(() => parseListenAddress(text), { kind: "invalid" }, text);
  }
});
