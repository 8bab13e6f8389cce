import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../src/adapters/http/public-address.ts";

describe("isPublicAddress", () => {
  it.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"])(
    "takes %s",
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ...["127.0.0.1", "127.255.1.2", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255"],
    ...["192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16"],
    ...["192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "203.0.113.9"],
    ...["::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::127.0.0.1"],
    ...["64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1"],
    ...["fd00:ec2::254", "ff02::1", "2002:7f00:1::", "2001:0:7f00::1", "2001:db8::1", "3fff::1"],
    ...["localhost", "", "1.2.3", "2130706433"],
  ])("refuses %s", (address) => expect(isPublicAddress(address)).toBe(false));
});
