import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { gen3d, knownPath } from '../../src/gen3d/index.js';
import { parseCommitMessage } from '../../src/index.js';

/** Blobs of the real history that do not fit, each with the reason why that is right. */
const EXPLAINED: ReadonlyMap<string, string> = new Map([
  [
    'config.json: round_start_time: Invalid ISO time',
    '"8:00:00" is no ISO time; the reference refused it too, and the next commit is "fix: proper time format"',
  ],
]);

const bundle = sharedData('history/competition-1-rounds-0-1.bundle');

describe.skipIf(!bundle)('the real history of competition 1 (needs TILTYARD_SHARED)', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tiltyard-history-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { maxBuffer: 1 << 30 }).toString();
  beforeAll(() => {
    execFileSync('git', ['clone', '--quiet', '--bare', '-b', 'main', bundle ?? '', folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Many blobs by one process: a process each takes as long as the rest of the tests. */
  function texts(ids: readonly string[]): ReadonlyMap<string, string> {
    const input = ids.map((id) => `${id}\n`).join('');
    const output = execFileSync('git', ['-C', folder, 'cat-file', '--batch'], { input, maxBuffer: 1 << 30 });
    const found = new Map<string, string>();
    for (let at = 0; at < output.length; ) {
      const end = output.indexOf('\n', at);
      const [id = '', , size] = output.toString('latin1', at, end).split(' ');
      found.set(id, output.toString('utf8', end + 1, end + 1 + Number(size)));
      at = end + 1 + Number(size) + 1;
    }
    return found;
  }

  it('parses every blob of every commit, apart from those that are explained', () => {
    const blobs = new Map<string, string>();
    for (const line of git('log', '--raw', '--no-renames', '--no-abbrev', '--format=').split('\n')) {
      const [, id, file] = /^:\d+ \d+ \w+ (\w+) \w\t(.+)$/.exec(line) ?? [];
      if (id !== undefined && file !== undefined && !/^0+$/.test(id)) blobs.set(`${id} ${file}`, id);
    }
    expect(blobs.size).toBeGreaterThan(600);
    const contents = texts([...new Set(blobs.values())]);
    const faults: string[] = [];
    for (const [key, id] of blobs) {
      const file = key.slice(id.length + 1);
      const known = knownPath(file);
      if (known === undefined) faults.push(`${file} is unknown`);
      else {
        try {
          known.file.parse(contents.get(id) ?? '', file);
        } catch (error) {
          faults.push((error as Error).message);
        }
      }
    }
    expect(faults).toEqual([...EXPLAINED.keys()]);
  });

  it('knows every message line that a service wrote', () => {
    const commits = git('log', '--format=%an%x00%B%x01').split('\x01');
    const lines = commits
      .map((commit) => commit.trim().split('\0'))
      .filter(([author]) => author === 'service')
      .flatMap(([, message = '']) => parseCommitMessage(message, gen3d).lines);
    expect(lines.length).toBeGreaterThan(500);
    expect(lines.filter((line) => line.announcement === undefined)).toEqual([]);
  });
});
