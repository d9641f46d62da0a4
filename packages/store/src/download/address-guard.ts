import ipaddr from 'ipaddr.js';

/**
 * Addresses that count as public by their range and are not: Azure's platform services (metadata, DNS, health) answer
 * here from within every virtual machine.
 * @see https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
const PLATFORM_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);

/** The only IPv6 space that is handed out to the public Internet. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address belongs to the public Internet, so that a stranger may send us there.
 *
 * Everything else is refused: private, loopback, link-local (where the metadata services of the clouds live), shared
 * (CGNAT), multicast, reserved and documentation ranges, and the IPv6 forms that carry an IPv4 address within them
 * (mapped, compatible, NAT64, 6to4, Teredo), since they may lead back to such a range. Text that is not an address
 * is refused.
 *
 * @see RFC 6890
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast' || PLATFORM_ADDRESSES.has(parsed.toString())) return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST);
}

/** Whether two texts name one address, however each of them is written. */
export function isSameAddress(one: string, other: string): boolean {
  if (!ipaddr.isValid(one) || !ipaddr.isValid(other)) return false;
  // A dual-stack socket reports an IPv4 peer in its mapped form.
  return ipaddr.process(one).toNormalizedString() === ipaddr.process(other).toNormalizedString();
}
