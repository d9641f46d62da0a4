import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { GLB_LIMITS_DEFAULTS, openRenderer, type RenderViewRequest } from '../../src/index.js';
import { boxGlb, overdrawnGlb } from '../support/glb-builder.js';
import { crash, freeze, GRID, isAlive, rendererUnderTest, thaw } from '../support/renderer-under-test.js';

const VIEW: RenderViewRequest = { azimuth: 24, elevation: -15, sizePx: 64 };
const box = boxGlb();

/** Long enough for a job to have reached its worker. */
const JOB_SENT_MS = 60;

/** A box with four images of 16 megapixels: a file of some hundred kilobytes that needs half a gigabyte. */
async function hungryBox(): Promise<Buffer> {
  const background = { r: 200, g: 100, b: 50, alpha: 0.9 };
  const image = await sharp({ create: { width: 4096, height: 4096, channels: 4, background } })
    .png()
    .toBuffer();
  return boxGlb(
    ({ json }) => {
      // A view of its own for each, or the loader would take them for one.
      const view = json.bufferViews[4];
      json.images = [0, 1, 2, 3].map((i) => ({ bufferView: 4 + i }));
      json.bufferViews.push(view, view, view);
      json.textures = json.images.map((_: object, source: number) => ({ source }));
      Object.assign(json.materials[0], {
        normalTexture: { index: 1 },
        occlusionTexture: { index: 2 },
        emissiveTexture: { index: 3 },
      });
    },
    { image },
  );
}

describe('a pool of render processes', () => {
  it('renders on after a worker was killed in the middle, and does not blame the file', async () => {
    process.env.TILTYARD_TEST_SECRET = 'hunter2';
    onTestFinished(() => {
      delete process.env.TILTYARD_TEST_SECRET;
    });
    let victims = 1;
    await using pool = await rendererUnderTest({}, (pid) => {
      if (victims-- > 0) freeze(pid);
    });
    const rendering = pool.renderer.renderView(box, VIEW);
    await sleep(JOB_SENT_MS);
    process.kill(pool.pids[0] ?? 0, 'SIGKILL');
    expect(await rendering).toMatchObject({ ok: true });
    expect(pool.troubles).toEqual(['killed']);
    expect(pool.pids).toHaveLength(2);

    // While there is a pool: strangers' files are opened where none of the service's secrets are.
    const environment = await readFile(`/proc/${pool.pids[1]}/environ`, 'latin1');
    expect(environment).toContain('ANGLE_DEFAULT_PLATFORM=vulkan');
    expect(environment).not.toContain('hunter2');
  });

  it('blames a file that crashes two fresh workers, and goes on', async () => {
    let crashes = 2;
    await using pool = await rendererUnderTest({}, (pid) => {
      if (crashes-- <= 0) return;
      freeze(pid);
      setTimeout(() => crash(pid), JOB_SENT_MS);
    });
    // The first worker is frozen and dies before any job: it is replaced, and only then does the file crash.
    await sleep(2 * JOB_SENT_MS);
    crashes = 2;
    expect(await pool.renderer.renderView(box, VIEW)).toMatchObject({
      ok: false,
      code: 'too_complex',
      fault: { what: 'crashes of the renderer' },
    });
    expect(pool.troubles).toEqual(['crash', 'crash']);
    expect(await pool.renderer.renderView(box, VIEW)).toMatchObject({ ok: true });
  });

  it('gives a file two more tries, alone, when other workers ran in parallel', async () => {
    const crashing = new Set<number>();
    await using pool = await rendererUnderTest({ processes: 2 }, (pid) => {
      if (crashing.size === 4) return;
      crashing.add(pid);
      freeze(pid);
      // The first two wait for their job; those after them are started for one.
      if (crashing.size > 2) setTimeout(() => crash(pid), JOB_SENT_MS);
    });
    const rendering = pool.renderer.renderView(box, VIEW);
    await sleep(JOB_SENT_MS);
    for (const pid of pool.pids) crash(pid);
    expect(await rendering).toMatchObject({ ok: false, code: 'too_complex' });
    expect(pool.troubles).toEqual(['crash', 'crash', 'crash']);
    const innocent = await Promise.all([1, 2].map(() => pool.renderer.renderView(box, VIEW)));
    expect(innocent).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it.each([1, 2])('ends a render at its deadline with a verdict, in one try (%i processes)', async (processes) => {
    await using pool = await rendererUnderTest({ processes });
    // Hundreds of times what the deadline allows: it passes on any machine.
    const costly = pool.renderer.render(overdrawnGlb(20_000), { ...GRID, deadlineMs: 200 });
    const innocent = pool.renderer.renderView(box, VIEW);
    const refused = await costly;
    expect(refused).toMatchObject({ ok: false, code: 'timeout', fault: { deadlineMs: 200 } });
    expect(refused.spentMs).toBeGreaterThanOrEqual(200);
    expect(await innocent).toMatchObject({ ok: true });
    expect(pool.troubles).toEqual(['deadline']);
  });

  const reported = sharedData('reported/security/fill-rate-blend.glb');
  it.skipIf(!reported)(
    'gives the reported file of blended layers one deadline, not two (needs TILTYARD_SHARED)',
    async () => {
      await using pool = await rendererUnderTest({ deadlineMs: 500 });
      const glb = await readFile(reported ?? '');
      expect(await pool.renderer.render(glb, GRID)).toMatchObject({ ok: false, code: 'timeout' });
      expect(pool.troubles).toEqual(['deadline']);
    },
  );

  it('says what a render cost, and takes the deadline from the request', async () => {
    await using pool = await rendererUnderTest({ deadlineMs: 1 });
    const drawn = await pool.renderer.render(box, { ...GRID, deadlineMs: 600_000 });
    expect(drawn).toMatchObject({ ok: true });
    expect(drawn.spentMs).toBeGreaterThan(0);
    const limits = { ...GLB_LIMITS_DEFAULTS, max_glb_bytes: 100 };
    expect(await pool.renderer.render(box, { ...GRID, limits })).toMatchObject({ code: 'too_large', spentMs: 0 });
    for (const deadlineMs of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const refused = pool.renderer.render(box, { ...GRID, deadlineMs });
      await expect(refused).rejects.toMatchObject({ fault: { code: 'bad_option', option: 'deadlineMs' } });
    }
  });

  it('does not blame a file for a machine that stands still', async () => {
    await using pool = await rendererUnderTest({ deadlineMs: 100 }, freeze);
    await expect(pool.renderer.renderView(box, VIEW)).rejects.toMatchObject({ fault: { code: 'worker_starved' } });
    expect(pool.troubles).toEqual(['starved']);
  });

  it('ends a render past its memory with a verdict', async () => {
    await using pool = await rendererUnderTest({ memoryLimitBytes: 450 * 1024 * 1024 });
    expect(await pool.renderer.renderView(await hungryBox(), VIEW)).toMatchObject({
      ok: false,
      code: 'too_complex',
      fault: { what: 'bytes of memory' },
    });
    expect(pool.troubles).toEqual(['memory', 'memory']);
  });

  it('lets a caller go at once when its signal aborts, and closes in the middle of work', async () => {
    const pool = await rendererUnderTest({}, freeze);
    const [pid = 0] = pool.pids;
    const stop = new AbortController();
    const rendering = pool.renderer.renderView(box, { ...VIEW, signal: stop.signal });
    await sleep(JOB_SENT_MS);
    stop.abort(new Error('enough'));
    await expect(rendering).rejects.toThrow('enough');
    thaw(pid);
    expect(await pool.renderer.renderView(box, VIEW)).toMatchObject({ ok: true });

    freeze(pid);
    const unfinished = [1, 2].map(() => pool.renderer.renderView(box, VIEW).catch((error: unknown) => error));
    await sleep(JOB_SENT_MS);
    await pool.renderer.close();
    // Had it waited for the jobs' deadline, they would have ended by that.
    for (const outcome of await Promise.all(unfinished)) expect(outcome).toMatchObject({ fault: { code: 'closed' } });
    expect(pool.pids).toEqual([pid]);
    expect(isAlive(pid)).toBe(false);
    await expect(pool.renderer.renderView(box, VIEW)).rejects.toMatchObject({ fault: { code: 'closed' } });
  });
});

describe('a machine that cannot render', () => {
  it('is told what is missing when there is no driver', async () => {
    const opening = openRenderer({ device: { icdFile: '/nowhere/lvp_icd.json' } });
    await expect(opening).rejects.toMatchObject({ fault: { code: 'context_unavailable' } });
  });

  it('is told what to install when the driver does not load', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tiltyard-icd-'));
    try {
      const icdFile = path.join(folder, 'broken_icd.json');
      const ICD = { library_path: '/nowhere/libvulkan_none.so', api_version: '1.1.0' };
      await writeFile(icdFile, JSON.stringify({ file_format_version: '1.0.0', ICD }));
      await expect(openRenderer({ device: { icdFile } })).rejects.toThrow(/no GL context.*mesa-vulkan-drivers/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
