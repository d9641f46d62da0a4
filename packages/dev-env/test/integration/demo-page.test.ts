import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hotkey, type HttpUrl, LEADER } from '@tiltyard/schema';
import type { MatchReport, Stem } from '@tiltyard/schema/gen3d';
import { NamedKey, type ObjectStore, openStore } from '@tiltyard/store';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPageWriter } from '../../src/gen3d/demo/page/page-writer.js';
import { nameBook } from '../../src/gen3d/demo/story/name-book.js';
import { sampleRound } from '../support/sample-round.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const ATTACK = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';

describe.skipIf(!CHROMIUM)("the demo's page in a browser (needs chromium)", () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const trouble: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tiltyard-page-'));
    await writePages(path.join(folder, 'page'), path.join(folder, 'objects'));
    // The pages have to stand alone.
    await rm(path.join(folder, 'objects'), { recursive: true });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('pageerror', (error) => trouble.push(String(error)));
    page.on('console', (message) => void (message.type() === 'error' && trouble.push(message.text())));
    page.on('requestfailed', (request) => trouble.push(`cannot load ${request.url()}`));
    page.on('request', (request) => void (request.url().startsWith('file:') || trouble.push(request.url())));
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (name: string) => page.goto(pathToFileURL(path.join(folder, 'page', name)).href);

  it('leads from the first page to a duel with its prompt, both grids and the verdict', async () => {
    await open('index.html');
    await page.getByRole('link', { name: 'Round 0' }).first().click();
    await page.locator('table.matrix').getByRole('link', { name: '+1' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('cheat challenges base (leader)');
    const duel = page.locator('#boat');
    await duel.scrollIntoViewIfNeeded();
    await page.waitForFunction("[...document.querySelectorAll('#boat img')].every((image) => image.naturalWidth > 0)");
    expect(await duel.locator('img').count()).toBe(3);
    expect(await duel.textContent()).toContain('cheat wins');
    expect(await duel.textContent()).toContain('penalty 1.5');
  });

  it('says in the place of a missing picture why there is none', async () => {
    await open(`round-0/${matchName()}`);
    expect(await page.locator('#mug .none').textContent()).toBe(`external_uri: ${ATTACK}`);
  });

  it('obeys nothing that miners or judges wrote', async () => {
    for (const name of ['index.html', 'round-0/index.html', `round-0/${matchName()}`]) {
      await open(name);
      expect(await page.title()).not.toBe('owned');
      expect(await page.locator('script').count()).toBe(0);
    }
    expect(await page.locator('body').textContent()).toContain(ATTACK);
  });

  it('fits a telephone and a dark room', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const name of ['index.html', 'round-0/index.html', `round-0/${matchName()}`]) {
      await open(name);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(21, 20, 18)');
    }
    await open('index.html');
    // What fits is not made to scroll.
    const { x = Number.NaN, width = 0 } =
      (await page.getByRole('columnheader', { name: 'weight' }).boundingBox()) ?? {};
    expect(x + width).toBeLessThan(390);
  });

  it('loads nothing from anywhere else, and reports no error', () => {
    expect(trouble).toEqual([]);
  });

  it('has pictures that are small', async () => {
    const match = await readFile(path.join(folder, 'page', 'round-0', matchName()), 'utf8');
    const [, name] = /src="\.\.\/pictures\/([^"]+)"/.exec(match) ?? [];
    const { width = 0 } = await sharp(path.join(folder, 'page', 'pictures', name ?? '')).metadata();
    expect(width).toBeLessThanOrEqual(640);
  });
});

const cheat = sampleRound().timeline.find((row) => row.name === 'cheat')?.hotkey ?? Hotkey.parse('');

function matchName(): string {
  return `leader-${cheat.slice(0, 10)}.html`;
}

async function writePages(folder: string, objects: string): Promise<void> {
  await using store = await openStore({
    kind: 'filesystem',
    dir: objects,
    publicUrl: 'http://127.0.0.1:9/' as HttpUrl,
  });
  const report = sampleRound();
  const match = await matchWithPictures(store);
  const names = nameBook(report.timeline.map(({ hotkey, name }) => ({ hotkey, name })));
  const writer = await openPageWriter(folder, store, names);
  const deliveries = report.deliveries.map((delivery) =>
    delivery.name === 'cheat'
      ? { ...delivery, failed: [{ stem: 'mug' as Stem, code: 'external_uri', message: ATTACK }] }
      : delivery,
  );
  const audits = report.audits.map((audit) => ({ ...audit, reason: `${audit.reason} ${ATTACK}` }));
  const matches = report.matches.map((other) => (other.right === cheat ? match : other));
  const round = { ...report, deliveries, audits, matches };
  await writer.writeRound(round);
  await writer.writeIndex({
    reports: [round],
    leaders: [],
    weights: [{ uid: 3, name: 'faithful', weight: 1 }],
    outcomes: { cheat: `said ${ATTACK}` },
    audit: { ok: true, commits: 7, findings: [ATTACK] },
    deviations: [],
    repository: '/somewhere',
  });
}

async function matchWithPictures(store: ObjectStore): Promise<MatchReport> {
  const png = await sharp({ create: { width: 1041, height: 1041, channels: 3, background: '#c33' } })
    .png()
    .toBuffer();
  const { url: prompt } = await store.putNamed(NamedKey.parse('prompts/boat.png'), png);
  const { url: grid } = await store.put(png, { contentType: 'image/png', maxBytes: 1e7 });
  const calls = (['left_first', 'right_first'] as const).map((order) => ({
    ...{ order, left_penalty: 5, right_penalty: 1.5, issues: ATTACK },
    request_sha256: 'ab'.repeat(32),
  }));
  const penalties = { left_penalty: 5, right_penalty: 1.5 };
  const detail = {
    strategy: 'pairwise',
    draw_threshold: 1,
    ...penalties,
    judges: [{ model: 'a judge', winner: 'right', ...penalties, calls }],
  };
  const common = { prompt, left_glb: null, left_png: grid, right_glb: null };
  return {
    left: LEADER,
    right: cheat,
    score: 1,
    margin: 1,
    judge: { models: ['a judge'], strategy: 'pairwise' },
    duels: [
      { ...common, name: 'boat' as Stem, right_png: grid, winner: 'right', issues: ATTACK, detail },
      { ...common, name: 'mug' as Stem, right_png: null, winner: 'left', issues: 'No preview for mug from right' },
    ],
  };
}
