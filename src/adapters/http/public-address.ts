/**
 * Which IP addresses are the public internet's: not this machine's, not its network's, not a cloud's
 * metadata service. A decision on text; it opens no connection. After the registries of
 * special-purpose addresses (RFC 6890 and its updates).
 */
import { BlockList, isIP } from "node:net";

const NOT_PUBLIC = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // Azure's platform services, on a public-looking address.
  ["168.63.129.16", 32],
] as const) {
  NOT_PUBLIC.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  // Teredo, benchmarking, ORCHID: they carry or stand for other addresses.
  ["2001::", 23],
  ["2001:db8::", 32],
  // 6to4 carries an IPv4 address.
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  NOT_PUBLIC.addSubnet(network, bits, "ipv6");
}

/** All of IPv6 that is given out; mapped IPv4, NAT64, private, link-local and multicast are outside. */
const GIVEN_OUT = new BlockList();
GIVEN_OUT.addSubnet("2000::", 3, "ipv6");

/** False for what is no IP address at all. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !NOT_PUBLIC.check(address, "ipv4");
    case 6:
      // A zone ("fe80::1%eth0") belongs to a link.
      return (
        !address.includes("%") &&
        !/\d+\.\d+\.\d+\.\d+$/.test(address) &&
        GIVEN_OUT.check(address, "ipv6") &&
        !NOT_PUBLIC.check(address, "ipv6")
      );
    default:
      return false;
  }
}
