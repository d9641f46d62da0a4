import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { flipByte, objectFiles } from '../../../../test-support/damage.js';
import { git } from '../../../../test-support/git-cli.js';
import { scratchDir } from '../../../../test-support/scratch-dir.js';
import { gitEnvironment } from '../../src/git-environment.js';
import { frameObject, objectId } from '../../src/object-format.js';
import { ObjectReader } from '../../src/object-reader.js';
import { writeLooseObject } from '../../src/object-writer.js';

const LIMIT = 1 << 20;

async function repository(): Promise<{ dir: string; reader: ObjectReader } & AsyncDisposable> {
  const scratch = await scratchDir();
  const dir = path.join(scratch.path, 'r.git');
  await git(scratch.path, 'init', '-q', '--bare', dir);
  const reader = new ObjectReader(dir, { env: gitEnvironment(process.env) });
  return {
    dir,
    reader,
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

describe('reading objects', () => {
  it('gives back what git or we wrote, whatever its bytes, in the order asked for', async () => {
    await using repo = await repository();
    const contents = [Buffer.alloc(0), Buffer.from('\n\n'), Buffer.from([0, 255, 10, 13]), randomBytes(300_000)];
    const ids: string[] = [];
    for (const content of contents) {
      const file = path.join(repo.dir, 'spare');
      await writeFile(file, content);
      ids.push(await git(repo.dir, 'hash-object', '-w', file));
    }
    const own = frameObject('blob', Buffer.from('ours'));
    await writeLooseObject(repo.dir, own);
    expect(await git(repo.dir, 'cat-file', 'blob', own.id)).toBe('ours');
    const read = await Promise.all([...ids, own.id].map((id) => repo.reader.read(id, LIMIT)));
    expect(read).toEqual(
      [...contents, Buffer.from('ours')].map((content) => ({
        kind: 'object',
        id: objectId('blob', content),
        type: 'blob',
        content,
      })),
    );
  });

  it('tells what is missing, and finds it once it is there, without another process', async () => {
    await using repo = await repository();
    const late = frameObject('blob', Buffer.from('late'));
    expect(await repo.reader.read(late.id, LIMIT)).toEqual({ kind: 'missing' });
    expect(await repo.reader.read('refs/heads/main', LIMIT)).toEqual({ kind: 'missing' });
    const { pid } = repo.reader;
    await writeLooseObject(repo.dir, late);
    expect(await repo.reader.read(late.id, LIMIT)).toMatchObject({ type: 'blob' });
    expect(repo.reader.pid).toBe(pid);
  });

  it('does not hold what is too large, and goes on behind it', async () => {
    await using repo = await repository();
    const huge = frameObject('blob', Buffer.alloc(5 << 20, 7));
    const small = frameObject('blob', Buffer.from('small'));
    await writeLooseObject(repo.dir, huge);
    await writeLooseObject(repo.dir, small);
    const reads = [repo.reader.read(huge.id, LIMIT), repo.reader.read(small.id, LIMIT)];
    const { pid } = repo.reader;
    const [first, second] = await Promise.all(reads);
    expect(first).toEqual({ kind: 'too_large', id: huge.id, sizeBytes: 5 << 20 });
    expect(second).toMatchObject({ content: Buffer.from('small') });
    // Nor is it read over, which could take longer than anybody waits: another process gave the second answer.
    expect(repo.reader.pid).not.toBe(pid);
  });

  it('takes no object for damaged because too large ones were asked for before it', async () => {
    await using repo = await repository();
    const huge = [7, 8, 9].map((byte) => frameObject('blob', Buffer.alloc(5 << 20, byte)));
    const small = frameObject('blob', Buffer.from('small'));
    for (const object of [...huge, small]) await writeLooseObject(repo.dir, object);
    const answers = await Promise.all([...huge, small].map(({ id }) => repo.reader.read(id, LIMIT)));
    expect(answers.map(({ kind }) => kind)).toEqual(['too_large', 'too_large', 'too_large', 'object']);
  });

  it('asks a new process for what a killed one left unanswered', async () => {
    await using repo = await repository();
    const object = frameObject('blob', randomBytes(LIMIT));
    await writeLooseObject(repo.dir, object);
    await repo.reader.read(object.id, LIMIT);
    const reads = Array.from({ length: 20 }, () => repo.reader.read(object.id, LIMIT));
    process.kill(repo.reader.pid ?? 0, 'SIGKILL');
    expect((await Promise.all(reads)).every((read) => 'id' in read && read.id === object.id)).toBe(true);
  });

  it('reports damage only to the request that met it', async () => {
    await using repo = await repository();
    const good = frameObject('blob', Buffer.from('good'));
    const bad = frameObject('blob', Buffer.from('bad'.repeat(1000)));
    await writeLooseObject(repo.dir, bad);
    for (const file of await objectFiles(repo.dir)) await flipByte(file, 0.5);
    await writeLooseObject(repo.dir, good);
    const reads = [bad, good, bad, good].map(({ id }) => repo.reader.read(id, LIMIT));
    const outcomes = await Promise.allSettled(reads);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(reads[0]).rejects.toMatchObject({ fault: { code: 'corrupt', object: bad.id } });
  });

  it('refuses names that would be more than one line', async () => {
    await using repo = await repository();
    await expect(repo.reader.read('main\nother', LIMIT)).rejects.toThrow(RangeError);
    await expect(repo.reader.read('', LIMIT)).rejects.toThrow(RangeError);
  });

  it('answers nothing after it was closed', async () => {
    await using repo = await repository();
    await repo.reader[Symbol.asyncDispose]();
    await expect(repo.reader.read('main', LIMIT)).rejects.toMatchObject({ code: 'closed' });
  });
});
