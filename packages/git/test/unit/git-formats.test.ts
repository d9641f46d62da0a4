import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCommit, parseCommit, readCommitObject } from '../../src/commit-object.js';
import { FILE_MODE, FOLDER_MODE, formatTree, isFolder, parseTree, type Tree } from '../../src/tree-object.js';

const id = fc.stringMatching(/^[0-9a-f]{40}$/);
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !/[/\0]|^\.{1,2}$/.test(text));
const tree = fc
  .array(fc.tuple(name, fc.record({ mode: fc.constantFrom(FILE_MODE, FOLDER_MODE, '100755', '120000'), id })))
  .map((entries): Tree => new Map(entries.map(([key, entry]) => [Buffer.from(key).toString('latin1'), entry])));

describe('trees', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(tree, (before) => {
        expect(Object.fromEntries(parseTree(formatTree(before)))).toEqual(Object.fromEntries(before));
      }),
    );
  });

  it('that are cut short are refused', () => {
    const whole = formatTree(new Map([['file', { mode: FILE_MODE, id: 'a'.repeat(40) }]]));
    for (let length = 1; length < whole.length; length += 1) {
      expect(() => parseTree(whole.subarray(0, length))).toThrow(RangeError);
    }
  });
});

describe('a hostile tree', () => {
  it('with a name of a megabyte is refused', () => {
    const tree = new Map([['z'.repeat(1_000_000), { mode: FILE_MODE, id: 'a'.repeat(40) }]]);
    expect(() => parseTree(formatTree(tree))).toThrow('holds a name of 1000000 bytes');
  });

  const entry = (mode: string, name: string, digit: string) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.alloc(20, digit.charCodeAt(0))]);

  it('that names a file twice is refused, wherever the second stands: readers would see different files', () => {
    const [first, between, second] = [
      entry('100644', 'leader.json', 'a'),
      entry('100644', 'leader.txt', 'b'),
      entry('40000', 'leader.json', 'c'),
    ];
    expect(() => parseTree(Buffer.concat([first, second]))).toThrow('holds "leader.json" twice');
    expect(() => parseTree(Buffer.concat([first, between, second]))).toThrow(RangeError);
  });

  it('cannot hide a folder behind another spelling of its mode', () => {
    const tree = parseTree(entry('040000', 'rounds', 'a'));
    expect([...tree.values()].map(isFolder)).toEqual([true]);
  });
});

describe('commits', () => {
  const author = { name: 'judge-service', email: 'judge-service@tiltyard.invalid' };
  const content = {
    tree: 'a'.repeat(40),
    parents: ['b'.repeat(40)],
    author,
    at: new Date(1_700_000_000_999),
    message: 'One\n\nService: x\n',
  };

  it('come back as they were written, signed or not', () => {
    const read = { ...content, committedAt: new Date(1_700_000_000_000) };
    const { at: _, ...expected } = read;
    expect(parseCommit(formatCommit(content))).toEqual(expected);
    const signature = '-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n';
    const signed = { armoured: signature.trimEnd(), payload: formatCommit(content) };
    expect(parseCommit(formatCommit(content, signature))).toEqual({ ...expected, signature: signed });
  });

  it('without a tree are refused, and without a date as old as git takes them for', () => {
    expect(() => parseCommit(Buffer.from('parent x\n\nhello'))).toThrow(RangeError);
    expect(() => parseCommit(Buffer.alloc(0))).toThrow(RangeError);
    const dateless = parseCommit(Buffer.from(`tree ${'a'.repeat(40)}\nparent ${'b'.repeat(40)}\n\nhello`));
    expect(dateless).toMatchObject({ parents: ['b'.repeat(40)], committedAt: new Date(0), message: 'hello' });
    const endless = `tree ${'a'.repeat(40)}\ncommitter a <a@x> ${'9'.repeat(400)} +0000\n\nhello`;
    expect(parseCommit(Buffer.from(endless)).committedAt).toEqual(new Date(0));
  });

  const people = 'author Ada Ü <a@x> 1700000000 +0100\ncommitter b <b@x> 1700000060 -0800\n';
  const head = `tree ${'1'.repeat(40)}\nparent ${'2'.repeat(40)}\nparent ${'3'.repeat(40)}\n`;

  it('are taken apart into parents, author, time and message', () => {
    expect(readCommitObject(Buffer.from(`${head}${people}\nsubject ü\n\nbody\n`))).toEqual({
      tree: '1'.repeat(40),
      parents: ['2'.repeat(40), '3'.repeat(40)],
      author: { name: 'Ada Ü', email: 'a@x' },
      committedAt: new Date(1_700_000_060_000),
      message: 'subject ü\n\nbody\n',
      signature: undefined,
      faults: [],
    });
  });

  it('give the bytes that were signed: all but the signature, which may stand anywhere among the headers', () => {
    const lines = ['-----BEGIN SSH SIGNATURE-----', 'AAAA', '-----END SSH SIGNATURE-----'];
    const signature = `gpgsig ${lines.join('\n ')}\n`;
    for (const signed of [`${head}${people}${signature}\nm\n`, `${head}${signature}${people}\nm\n`]) {
      const commit = parseCommit(Buffer.from(signed));
      expect(commit.signature?.armoured).toBe(lines.join('\n'));
      expect(commit.signature?.payload.toString()).toBe(`${head}${people}\nm\n`);
    }
  });

  it('are never too broken to be told of', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => readCommitObject(Buffer.from(bytes))).not.toThrow();
      }),
    );
  });

  it.each([
    ['author', `author ${'x <'.repeat(300_000)}\n`],
    ['author', `author x${' <'.repeat(450_000)}> 1 +0000\n`],
    ['author', `author ${'<x> 1 '.repeat(150_000)}\n`],
    ['committer', `committer x <x> ${'1'.repeat(900_000)} +0000\n`],
    ['committer', `committer x${'> -1 +0000 '.repeat(80_000)}\n`],
    ['gpgsig', `gpgsig ${'\n '.repeat(450_000)}\n`],
    ['mergetag', `mergetag ${'x'.repeat(900_000)}\n`],
  ])('with a header %s of a megabyte are read at once, and refused', (name, header) => {
    const content = Buffer.from(`tree ${'1'.repeat(40)}\n${header}\nm\n`);
    expect(readCommitObject(content).faults).toEqual([expect.stringContaining(`header "${name}" has`)]);
    expect(() => parseCommit(content)).toThrow(RangeError);
  });

  it('that name a tree or a parent where git looks for none are refused', () => {
    const stray = Buffer.from(`${head}${people}parent ${'4'.repeat(40)}\n\nm\n`);
    expect(readCommitObject(stray).parents).toHaveLength(2);
    expect(() => parseCommit(stray)).toThrow('names a parent where git looks for none');
  });
});
