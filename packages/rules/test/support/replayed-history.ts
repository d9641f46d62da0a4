import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** One commit of a cloned history, with the paths that it added or changed. */
export interface ReplayedCommit {
  readonly id: string;
  readonly time: Date;
  readonly subject: string;
  readonly changed: readonly string[];
  /** The text of a file as of this commit. */
  readonly read: (file: string) => string | undefined;
}

const LIMIT = { maxBuffer: 2 ** 30 };

/** Clones a bundle into a folder of its own, reads every commit of its main branch, oldest first, and deletes the folder. */
export function replayBundle(bundle: string): readonly ReplayedCommit[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'tiltyard-history-'));
  try {
    execFileSync('git', ['clone', '--quiet', '--bare', '-b', 'main', bundle, folder], LIMIT);
    const git = (args: readonly string[], input = '') =>
      execFileSync('git', ['-C', folder, ...args], { ...LIMIT, input });
    const log = git([
      'log',
      '--raw',
      '--no-renames',
      '--no-abbrev',
      '--reverse',
      '--format=%x00%H%x09%cI%x09%s',
      'main',
    ]).toString();
    const parsed = log.split('\0').slice(1).map(parseCommit);
    const ids = new Set(parsed.flatMap((commit) => commit.changes.map((change) => change.blob)));
    const blobs = readBlobs(git(['cat-file', '--batch'], [...ids].join('\n')));
    return replay(parsed, blobs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseCommit(block: string) {
  const [head = '', ...lines] = block.split('\n');
  const [id = '', time = '', subject = ''] = head.split('\t');
  const changes = lines
    .filter((line) => line.startsWith(':'))
    .map((line) => {
      const [meta = '', file = ''] = line.split('\t');
      const [, , , blob = '', status = ''] = meta.split(' ');
      return { file, blob, deleted: status === 'D' };
    });
  return { id, time, subject, changes };
}

function readBlobs(output: Buffer): ReadonlyMap<string, string> {
  const blobs = new Map<string, string>();
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const [id = '', type, size] = output.subarray(at, end).toString().split(' ');
    const length = type === 'blob' ? Number(size) : -1; // A missing object has a line only.
    if (length >= 0) blobs.set(id, output.subarray(end + 1, end + 1 + length).toString());
    at = end + length + 2;
  }
  return blobs;
}

function replay(
  commits: readonly ReturnType<typeof parseCommit>[],
  blobs: ReadonlyMap<string, string>,
): readonly ReplayedCommit[] {
  let tree: ReadonlyMap<string, string> = new Map();
  return commits.map(({ id, time, subject, changes }) => {
    const next = new Map(tree);
    for (const { file, blob, deleted } of changes) {
      if (deleted) next.delete(file);
      else next.set(file, blob);
    }
    tree = next;
    const changed = changes.filter((change) => !change.deleted).map((change) => change.file);
    return { id, time: new Date(time), subject, changed, read: (file) => blobs.get(next.get(file) ?? '') };
  });
}
