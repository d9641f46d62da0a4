import { hexToU8a } from '@polkadot/util';
import { BlockNumber, Hotkey } from '@tiltyard/schema';
import { z } from 'zod';

/** Storage values arrive as the library's JSON: integers above 2^52 and byte strings as hex, addresses as SS58. */

export const U16 = z.int().min(0).max(0xffff);
export const Flag = z.boolean();
export const Address = Hotkey;
export const Height = BlockNumber;

/** A 64-bit integer that is a count or a height: never near 2^53. */
export const SmallU64 = z.int().nonnegative();

/** A 64-bit integer of any size. */
export const BigU64 = z
  .union([z.int().nonnegative(), z.string().regex(/^0x[0-9a-f]{1,16}$/)])
  .transform((value) => BigInt(value));

const Hex = z.string().regex(/^0x([0-9a-f]{2})*$/);

export const Bytes = Hex.transform((hex) => hexToU8a(hex));

/** What storage of an account holds before anything was written to it. */
export const NO_ACCOUNT = Hotkey.parse('5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM');
