import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.js';
import { cubeGlb } from '../support/cube.js';

describe('render and distance', () => {
  let user: CommandLine;
  beforeAll(() => {
    user = commandLine();
    writeFileSync(user.file('cube.glb'), cubeGlb(0.8));
    writeFileSync(user.file('large.glb'), cubeGlb(3));
    writeFileSync(user.file('text.glb'), 'no model at all');
  });
  afterAll(() => user[Symbol.dispose]());

  it('renders the grid that judges see', async () => {
    const ended = await user.tiltyard('render', 'cube.glb', '-o', 'grid.png', '--json');
    expect(ended).toMatchObject({ status: 0, err: '' });
    expect(ended.json()).toMatchObject({
      ok: true,
      glb: { triangles: 12, meshes: 1 },
      written: [{ file: 'grid.png' }],
    });
    expect(await sharp(user.file('grid.png')).metadata()).toMatchObject({ format: 'png', width: 2 * 518 + 5 });
  });

  it('renders one view of a file that is fitted first', async () => {
    const view = ['--view', 'back', '--size', '128'];
    const ended = await user.tiltyard('render', 'large.glb', '--fit', '-o', 'back.png', ...view);
    expect(ended.status).toBe(0);
    expect(ended.out).toMatch(/\b12 triangles, 1 mesh, 0 images, /);
    expect(await sharp(user.file('back.png')).metadata()).toMatchObject({ width: 128, height: 128 });
  });

  it('refuses a file with its code, and writes nothing', async () => {
    const large = await user.tiltyard('render', 'large.glb', '-o', 'large.png', '--json');
    expect({ status: large.status, ...large.json() }).toMatchObject({ status: 1, ok: false, code: 'out_of_bounds' });
    expect(() => readFileSync(user.file('large.png'))).toThrow('ENOENT');
    const text = await user.tiltyard('render', 'text.glb');
    expect(text).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringMatching(/^tiltyard: text\.glb is refused \(not_glb\): /),
    });
  });

  it('refuses a file of which nothing is to be seen', async () => {
    writeFileSync(user.file('ghost.glb'), cubeGlb(0.8, { invisible: true }));
    const ended = await user.tiltyard('render', 'ghost.glb', '--json');
    expect({ status: ended.status, ...ended.json() }).toMatchObject({ status: 1, code: 'degenerate' });
  });

  it('measures distances between pictures, and holds them to a limit', async () => {
    const cubes = await user.tiltyard('distance', 'grid.png', 'grid.png', '--json');
    expect(cubes.json()).toMatchObject({ ok: true, embedder: 'descriptor-v1' });
    expect(cubes.json().distance).toBeLessThan(1e-6);
    const far = await user.tiltyard('distance', 'grid.png', 'back.png', '--max', '0.000001');
    expect(far.status).toBe(1);
    expect(Number(far.out)).toBeGreaterThan(0.000001);
    expect(far.err).toBe('tiltyard: grid.png and back.png are farther apart than 0.000001\n');
    const garbage = await user.tiltyard('distance', 'grid.png', 'cube.glb', '--json');
    expect({ status: garbage.status, ...garbage.json() }).toMatchObject({
      ...{ status: 2, code: 'not_an_image' },
      message: expect.stringMatching(/^cube\.glb: /),
    });
  });

  it('says what to do when the model is not there', async () => {
    const ended = await user.tiltyard(
      'distance',
      'grid.png',
      'grid.png',
      '--embedder',
      'dinov3',
      '--model-dir',
      'models',
    );
    expect(ended).toMatchObject({ status: 2, err: expect.stringContaining('fetch or import it') });
  });
});

describe('fit', () => {
  let user: CommandLine;
  beforeAll(() => {
    user = commandLine();
    mkdirSync(user.file('fitted'));
    writeFileSync(user.file('house.glb'), cubeGlb(9));
    writeFileSync(user.file('text.glb'), 'no model at all');
  });
  afterAll(() => user[Symbol.dispose]());

  it('writes a model that preflight refused for its bounds so that it is accepted', async () => {
    expect(await user.tiltyard('fit', 'house.glb', 'fitted/house.glb')).toMatchObject({
      ...{ status: 0, err: '' },
      out: expect.stringMatching(/^wrote fitted\/house\.glb: house\.glb spanned x -4\.500\.\.4\.500, /),
    });
    expect(readFileSync(user.file('house.glb'))).toEqual(cubeGlb(9));
    const ended = await user.tiltyard('preflight', 'fitted', '--json');
    expect(ended.json()).toMatchObject({ ok: true, usable: 1, files: [{ stem: 'house', ok: true }] });
  });

  it('prints one JSON object when asked to', async () => {
    const ended = await user.tiltyard('fit', 'house.glb', 'again.glb', '--json');
    const bytes = readFileSync(user.file('again.glb')).length;
    expect(ended.json()).toMatchObject({ ok: true, file: 'house.glb', written: 'again.glb', bytes });
  });

  it('never overwrites its input, by whatever name', async () => {
    symlinkSync('house.glb', user.file('link.glb'));
    for (const output of ['house.glb', './fitted/../house.glb', 'link.glb']) {
      expect(await user.tiltyard('fit', 'house.glb', output)).toMatchObject({
        status: 64,
        err: 'tiltyard: fit does not overwrite its input: give another file than house.glb.\n',
      });
    }
    expect(readFileSync(user.file('house.glb'))).toEqual(cubeGlb(9));
  });

  it('says in a sentence what it could not do, and leaves nothing behind', async () => {
    const refused = await user.tiltyard('fit', 'text.glb', 'fitted/text.glb');
    expect(refused).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringMatching(/^tiltyard: .* \(not_glb\): .*\n$/),
    });
    const missing = await user.tiltyard('fit', 'nowhere.glb', 'fitted/nowhere.glb');
    expect(missing).toMatchObject({ status: 2, err: 'tiltyard: nowhere.glb: there is no such file or folder\n' });
    const noFolder = await user.tiltyard('fit', 'house.glb', 'no/such/folder.glb');
    expect(noFolder).toMatchObject({ status: 2, err: expect.stringContaining('no/such/folder.glb: ') });
    expect(readdirSync(user.file('fitted'))).toEqual(['house.glb']);
  });
});

describe('preflight', () => {
  let user: CommandLine;
  beforeAll(() => {
    user = commandLine();
    mkdirSync(user.file('models'));
    writeFileSync(user.file('models/chair.glb'), cubeGlb(0.9));
    writeFileSync(user.file('models/house.glb'), cubeGlb(9));
    writeFileSync(
      user.file('prompts.txt'),
      'https://p.example/chair.png\nhttps://p.example/house.png\nhttps://p.example/tree.png\n',
    );
  });
  afterAll(() => user[Symbol.dispose]());

  it('checks whatever a folder holds, and writes previews of what is accepted', async () => {
    const ended = await user.tiltyard('preflight', 'models', '--out', 'previews', '--json');
    expect({ status: ended.status, ...ended.json() }).toMatchObject({
      status: 1,
      usable: 1,
      round: null,
      files: [
        { stem: 'chair', ok: true },
        { stem: 'house', ok: false, code: 'out_of_bounds' },
      ],
    });
    expect(readdirSync(user.file('previews'))).toEqual(['chair.png']);
  });

  it('says how a file that is only too large is mended', async () => {
    const ended = await user.tiltyard('preflight', 'models');
    expect(ended).toMatchObject({ status: 1, out: expect.stringContaining('tiltyard fit FILE.glb FITTED.glb') });
    rmSync(user.file('models/house.glb'));
    expect(await user.tiltyard('preflight', 'models')).toMatchObject({
      status: 0,
      out: expect.not.stringContaining('fit'),
    });
    writeFileSync(user.file('models/house.glb'), cubeGlb(9));
  });

  it('checks what a server serves, for the prompts that are named', async () => {
    const server = createServer((request, response) => {
      const file = path.join(user.file('models'), path.basename(request.url ?? ''));
      if (existsSync(file)) response.end(readFileSync(file));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const check = ['preflight', `http://${host}/r7/`, '--prompts', 'prompts.txt', '--json'];
      const ended = await user.tiltyard(...check, '--allow-host', host);
      expect({ status: ended.status, ...ended.json() }).toMatchObject({
        status: 1,
        files: [
          { stem: 'chair', ok: true },
          { stem: 'house', code: 'out_of_bounds' },
          { stem: 'tree', code: 'http_404' },
        ],
      });
      const guarded = await user.tiltyard(...check);
      expect(guarded.json()).toMatchObject({ usable: 0, files: [{ code: 'blocked_address' }, {}, {}] });
    } finally {
      server.close();
    }
  });

  it('asks which files are meant when a server cannot be listed', async () => {
    expect(await user.tiltyard('preflight', 'https://cdn.example.com/r7')).toMatchObject({ status: 64 });
  });
});

describe('model', () => {
  it('takes no file that is no model', async () => {
    using user = commandLine();
    writeFileSync(user.file('weights.bin'), 'nothing that was ever trained');
    const ended = await user.tiltyard('model', 'import', 'weights.bin', '--model-dir', 'models', '--json');
    expect({ status: ended.status, ...ended.json() }).toMatchObject({ status: 2, code: 'bad_model' });
  });

  it('sends the token to the endpoint and tells why it gets no weights', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(403).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      using user = commandLine({ HF_TOKEN: 'hf_of_this_test' });
      const { port } = server.address() as AddressInfo;
      const ended = await user.tiltyard('model', 'fetch', '--model-dir', 'm', '--endpoint', `http://127.0.0.1:${port}`);
      expect(ended).toMatchObject({ status: 2, err: expect.stringContaining("accept the model's licence") });
      expect(ended.err).not.toContain('hf_of_this_test');
      expect(asked).toEqual(['Bearer hf_of_this_test']);
    } finally {
      server.close();
    }
  });
});
