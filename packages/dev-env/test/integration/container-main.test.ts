import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stem } from '@tiltyard/schema/gen3d';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogueEntry } from '../../src/gen3d/miners/catalogue.js';
import { makeGlb } from '../../src/gen3d/miners/make-glb.js';
import { sampleObjects } from '../../src/gen3d/objects/sample-object-source.js';
import { type ListeningProcess, startMain } from '../support/listening-process.js';

const picture = Buffer.from('stands for a picture of a mug');

function form(fields: Readonly<Record<string, string | Buffer>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') data.set(name, value);
    else data.set(name, new Blob([new Uint8Array(value)]), 'prompt.png');
  }
  return data;
}

describe("a sample miner's container", () => {
  let folder: string;
  let container: ListeningProcess;
  let env: Record<string, string>;
  const generate = (fields: Readonly<Record<string, string | Buffer>>, { url } = container) =>
    fetch(`${url}/generate`, { method: 'POST', body: form(fields) });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tiltyard-test-'));
    const catalogue = path.join(folder, 'catalogue.json');
    await writeFile(catalogue, JSON.stringify({ pictures: [catalogueEntry(picture, Stem.parse('mug-030'), 'mug')] }));
    env = { CHARACTER: 'faithful', CATALOGUE: catalogue, PORT: '0', WARM_UP_MS: '400', GENERATION_MS: '150-200' };
    container = await startMain('container-main', env);
  });

  afterAll(async () => {
    await container[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('is not healthy before it is warm, and healthy then', async () => {
    await using cold = await startMain('container-main', { ...env, WARM_UP_MS: '600000' });
    expect((await fetch(`${cold.url}/health`)).status).toBe(503);
    expect((await generate({ prompt_image_file: picture, seed: '7' }, cold)).status).toBe(503);
    await expect.poll(async () => (await fetch(`${container.url}/health`)).status, { timeout: 20_000 }).toBe(200);
  });

  it('answers a picture and a seed with the GLB that this character makes, after the time that it takes', async () => {
    const startedMs = performance.now();
    const response = await generate({ prompt_image_file: picture, seed: '7' });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(150);
    expect(response.status).toBe(200);
    const request = {
      character: 'faithful',
      role: 'container',
      source: sampleObjects,
      object: 'mug',
      seed: 7,
    } as const;
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), (await makeGlb(request)) ?? Buffer.of())).toBe(0);
  });

  it('works on one request at a time', async () => {
    const startedMs = performance.now();
    const responses = await Promise.all(
      [1, 2, 3].map((seed) => generate({ prompt_image_file: picture, seed: `${seed}` })),
    );
    expect(responses.map((response) => response.status)).toEqual([200, 200, 200]);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(450);
  });

  it('goes on after clients that did not wait for their answers or even their turns', async () => {
    const impatient = [8, 9, 10].map((seed) =>
      fetch(`${container.url}/generate`, {
        method: 'POST',
        body: form({ prompt_image_file: picture, seed: `${seed}` }),
        signal: AbortSignal.timeout(60),
      }),
    );
    for (const outcome of await Promise.allSettled(impatient)) expect(outcome.status).toBe('rejected');
    expect((await generate({ prompt_image_file: picture, seed: '7' })).status).toBe(200);
  });

  it('says what is wrong with a request that it cannot answer', async () => {
    const unknown = await generate({ prompt_image_file: Buffer.from('another picture'), seed: '7' });
    expect([unknown.status, await unknown.text()]).toEqual([422, expect.stringContaining('catalogue')]);
    expect((await generate({ seed: '7' })).status).toBe(422);
    expect((await generate({ prompt_image_file: picture, seed: '-1' })).status).toBe(422);
    expect((await generate({ prompt_image_file: picture, seed: '4294967296' })).status).toBe(422);
    expect((await fetch(`${container.url}/generate`, { method: 'POST', body: 'no form' })).status).toBe(400);
    expect((await fetch(`${container.url}/generate`)).status).toBe(405);
    expect((await fetch(`${container.url}/elsewhere`)).status).toBe(404);
  });

  it('does not start with a character that does not exist, and says which variable is wrong', async () => {
    await expect(startMain('container-main', { CHARACTER: 'saint', CATALOGUE: '/none' })).rejects.toThrow(/CHARACTER/);
  });
});
