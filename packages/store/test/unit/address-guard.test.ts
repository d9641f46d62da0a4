import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameAddress } from '../../src/download/address-guard.js';
import { isPublicAddress } from '../../src/index.js';

describe('the public Internet', () => {
  it.each(['8.8.8.8', '1.1.1.1', '104.16.0.1', '2606:4700::1111', '2a01:4f8::1'])('includes %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '4000::1',
    '',
    'localhost',
    '127.1',
    '1.2.3.4.5',
    '8.8.8.8 ',
  ])('does not include %j', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('includes no IPv4 address in an IPv6 dress', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '::', '64:ff9b::'), (address, prefix) => {
        expect(isPublicAddress(prefix + address)).toBe(false);
      }),
    );
  });

  it('includes no private address, whichever it is', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const prefix = fc.constantFrom([10], [127], [192, 168], [169, 254], [172, 20], [0], [100, 127], [224], [250]);
    fc.assert(
      fc.property(prefix, fc.tuple(octet, octet, octet, octet), (start, rest) => {
        expect(isPublicAddress([...start, ...rest].slice(0, 4).join('.'))).toBe(false);
      }),
    );
  });
});

describe('comparing addresses', () => {
  it('sees through spelling and the dress of a dual-stack socket', () => {
    expect(isSameAddress('::ffff:8.8.8.8', '8.8.8.8')).toBe(true);
    expect(isSameAddress('2606:4700:0:0::1111', '2606:4700::1111')).toBe(true);
    expect(isSameAddress('8.8.8.8', '8.8.4.4')).toBe(false);
    expect(isSameAddress('', '8.8.8.8')).toBe(false);
  });
});
