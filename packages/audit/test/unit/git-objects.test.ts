import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRawCommit } from '../../src/git/raw-commit.js';

const TREE = '1'.repeat(40);
const SIGNATURE = ['-----BEGIN SSH SIGNATURE-----', 'AAAA', '-----END SSH SIGNATURE-----'];

describe('a commit object', () => {
  const head = `tree ${TREE}\nparent ${'2'.repeat(40)}\nparent ${'3'.repeat(40)}\n`;
  const people = 'author Ada Ü <a@x> 1700000000 +0100\ncommitter b <b@x> 1700000060 -0800\n';

  it('is taken apart into parents, author, time and message', () => {
    const commit = parseRawCommit(Buffer.from(`${head}${people}\nsubject ü\n\nbody\n`));
    expect(commit).toEqual({
      tree: TREE,
      parents: ['2'.repeat(40), '3'.repeat(40)],
      author: 'Ada Ü',
      committedAtMs: 1_700_000_060_000,
      message: 'subject ü\n\nbody\n',
      signature: undefined,
      faults: [],
    });
  });

  it('gives the bytes that were signed: all but the signature, which may stand anywhere among the headers', () => {
    const signature = `gpgsig ${SIGNATURE.join('\n ')}\n`;
    for (const signed of [`${head}${people}${signature}\nm\n`, `${head}${signature}${people}\nm\n`]) {
      const commit = parseRawCommit(Buffer.from(signed));
      expect(commit.signature?.armoured).toBe(SIGNATURE.join('\n'));
      expect(commit.signature?.payload.toString()).toBe(`${head}${people}\nm\n`);
    }
  });

  it('is never too broken to be read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => parseRawCommit(Buffer.from(bytes))).not.toThrow();
      }),
    );
  });
});
