import { GLB_LIMITS_DEFAULTS, openRenderer, type Renderer } from '@tiltyard/render';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE_FILES, type HostileFile } from '../../src/gen3d/miners/hostile-files.js';

const CODES: Readonly<Record<HostileFile, string>> = {
  huge_accessor: 'bad_accessor',
  png_bomb: 'image_too_large',
  external_uri: 'external_uri',
  node_cycle: 'node_cycle',
  non_finite: 'non_finite',
  deep_nodes: 'too_complex',
  garbage: 'not_glb',
};

describe('a hostile file', () => {
  let renderer: Renderer;

  beforeAll(async () => {
    renderer = await openRenderer();
  });

  afterAll(() => renderer?.close());

  it.each(Object.entries(CODES) as [HostileFile, string][])('%s is refused as %s', async (name, code) => {
    const request = { views: 'reference-grid@1', lighting: 'studio@1', limits: GLB_LIMITS_DEFAULTS } as const;
    expect(await renderer.render(HOSTILE_FILES[name](), request)).toMatchObject({ ok: false, code });
  });
});
