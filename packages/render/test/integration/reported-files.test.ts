import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { type GlbFaultCode, openRenderer, type Renderer, type RenderViewRequest } from '../../src/index.js';
import { meanDifference } from '../support/images.js';

const LOOK: RenderViewRequest = { azimuth: 24, elevation: -20, sizePx: 256, normalise: true };

const alike: readonly (readonly [file: string, expected: string])[] = [
  ['unaligned-to-element/positions-at-4', 'unaligned-to-element/expected'],
  ['unaligned-to-element/matrices-at-12', 'unaligned-to-element/expected'],
  ['fallback-beside-unknown-image/avif', 'fallback-beside-unknown-image/expected'],
  ['fallback-beside-unknown-image/dds', 'fallback-beside-unknown-image/expected'],
  ['draco-with-morph/draco', 'draco-with-morph/expected'],
  ['meshopt-khr/khr', 'meshopt-khr/ext'],
  ['fifth-texcoord/texcoord4', 'fifth-texcoord/expected'],
  ['sparse-on-interleaved/sparse', 'sparse-on-interleaved/expected'],
];

const refused: readonly (readonly [file: string, code: GlbFaultCode])[] = [
  ['security/png-65536x1', 'image_too_large'],
  ['security/jpeg-65500x1', 'image_too_large'],
  ['security/sparse-index-oob', 'bad_accessor'],
];

describe('files that were reported', () => {
  let renderer: Renderer;
  const troubles: unknown[] = [];
  beforeAll(async () => {
    renderer = await openRenderer({ log: { info: () => undefined, warn: (facts) => troubles.push(facts) } });
  });
  afterAll(() => renderer.close());

  async function picture(file: string): Promise<Uint8Array> {
    const result = await renderer.renderView(readFileSync(file), LOOK);
    if (!result.ok) throw new Error(result.message);
    return result.png;
  }

  for (const [name, like] of alike) {
    const [file, expected] = [sharedData(`reported/${name}.glb`), sharedData(`reported/${like}.glb`)];
    it.skipIf(!file || !expected)(`reported: ${name} looks like ${like} (needs TILTYARD_SHARED)`, async () => {
      expect(await meanDifference(await picture(file ?? ''), await picture(expected ?? ''))).toBeLessThan(2);
    });
  }

  for (const [name, code] of refused) {
    const file = sharedData(`reported/${name}.glb`);
    it.skipIf(!file)(`reported: ${name} is refused as ${code}, at the first try (needs TILTYARD_SHARED)`, async () => {
      const before = troubles.length;
      expect(await renderer.renderView(readFileSync(file ?? ''), LOOK)).toMatchObject({ ok: false, code });
      expect(troubles.slice(before)).toEqual([]);
    });
  }
});
