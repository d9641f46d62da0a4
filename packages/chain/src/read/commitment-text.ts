import { concatBytes } from '@noble/hashes/utils';

/** The runtime keeps at most 1024 encrypted bytes; longer answers are an endpoint's, and are cut here. */
export const MAX_COMMITMENT_BYTES = 4096;

/**
 * The text of a commitment's bytes, whatever they are: a SCALE string (compact length before UTF-8) loses its prefix;
 * other bytes are taken as they stand. Broken UTF-8 becomes replacement characters. Never throws.
 *
 * A prefix counts only when it gives exactly the length of what follows, so raw JSON is never cut.
 */
export function decodeCommitmentText(bytes: Uint8Array): string {
  const bounded = bytes.subarray(0, MAX_COMMITMENT_BYTES);
  return new TextDecoder('utf-8').decode(bounded.subarray(prefixLength(bytes)));
}

/** A text as the SDK commits it: SCALE string, compact length before UTF-8. */
export function encodeCommitmentText(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return concatBytes(compactLength(bytes.length), bytes);
}

/** SCALE's compact form of a length below 2^30: 1, 2 or 4 bytes, told apart by the low two bits. */
function compactLength(length: number): Uint8Array {
  if (length < 1 << 6) return Uint8Array.of(length << 2);
  if (length < 1 << 14) return Uint8Array.of(((length << 2) | 1) & 255, length >> 6);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, ((length << 2) | 2) >>> 0, true);
  return bytes;
}

function prefixLength(bytes: Uint8Array): number {
  const [a, b, c, d] = bytes;
  if (a === undefined) return 0;
  switch (a & 3) {
    case 0:
      return a >> 2 === bytes.length - 1 ? 1 : 0;
    case 1:
      return b !== undefined && ((b << 8) | a) >> 2 === bytes.length - 2 ? 2 : 0;
    case 2: {
      if (b === undefined || c === undefined || d === undefined) return 0;
      return (((d << 24) | (c << 16) | (b << 8) | a) >>> 0) >>> 2 === bytes.length - 4 ? 4 : 0;
    }
    default:
      return 0;
  }
}
