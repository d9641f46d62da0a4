import { readdir, rename, writeFile } from 'node:fs/promises';
import { openRenderer, type Renderer } from '@tiltyard/render';
import { type BlockNumber, type Hotkey, shortName } from '@tiltyard/schema';
import { promptOf, type Rules, type Submissions, stateFiles } from '@tiltyard/schema/gen3d';
import { sha256Of } from '@tiltyard/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hotkeyOf,
  NETUID,
  startChain,
  type TestChain,
  walletOf,
} from '../../../../packages/service-kit/test/support/chain.js';
import {
  startCompetition,
  submissionOf,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { until } from '../../../../packages/service-kit/test/support/scratch.js';
import { smallGlb } from '../../../../packages/service-kit/test/support/small-glb.js';
import { tick } from '../../src/tick.js';
import { type Cdn, cdnWith, nameOf, objectsOf, serveObjects, startProcess, withLimits } from '../support/collector.js';

const PROMPTS = ['https://p.example/chair.png', 'text: a red lamp'];
const [CHAIR, LAMP] = PROMPTS.map(promptOf) as [ReturnType<typeof promptOf>, ReturnType<typeof promptOf>];
const GENERATION_BLOCKS = 200;
/** The same model in other bytes: four blanks more at the end of its JSON chunk, which every reader passes over. */
function padded(glb: Uint8Array): Uint8Array {
  const jsonEnd = 20 + Buffer.from(glb).readUInt32LE(12);
  const result = Buffer.concat([glb.subarray(0, jsonEnd), Buffer.from('    '), glb.subarray(jsonEnd)]);
  result.writeUInt32LE(result.length, 8);
  result.writeUInt32LE(jsonEnd - 20 + 4, 12);
  return result;
}

/** Downloads that are over soon. */
const SHORT = withLimits({ download_seconds: 0.15 });
const red = smallGlb();
const blue = smallGlb({ colour: [0.1, 0.1, 0.8] });

let chain: TestChain;
let renderer: Renderer;
let A: Hotkey;
let B: Hotkey;
beforeAll(async () => {
  chain = await startChain(['//A', '//B'], { blockTimeMs: 250 });
  renderer = await openRenderer({ processes: 1 });
  [A, B] = [await hotkeyOf('//A'), await hotkeyOf('//B')];
});
afterAll(async () => {
  await renderer.close();
  await chain[Symbol.asyncDispose]();
});

/** Miners with their CDNs, in order of reveal. */
function downloadingOf(
  miners: readonly (readonly [Hotkey, Cdn | string])[],
  rules?: (rules: Rules) => Rules,
  prompts: readonly string[] = PROMPTS,
) {
  const submissions: Submissions = Object.assign(
    {},
    ...miners.map(([hotkey, cdn], index) =>
      submissionOf(hotkey, 500 + index, { cdn_url: typeof cdn === 'string' ? cdn : `${cdn.url}/` }),
    ),
  );
  // Reveals ended with the head; generation, which the test has behind it, will have ended a few blocks later.
  const head = chain.devnet.head().number;
  const reveals = { earliest_reveal_block: 0, latest_reveal_block: head };
  const schedule = { ...reveals, generation_deadline_block: head + GENERATION_BLOCKS } as never;
  return startCompetition({
    ...{ stage: 'downloading', prompts, submissions, schedule },
    ...(rules === undefined ? {} : { rules }),
  });
}

/** Jumps over what is left of the generation of a competition that has just been made. */
async function afterGeneration(): Promise<void> {
  const { number } = chain.devnet.jump({ blocks: GENERATION_BLOCKS + 1 });
  await chain.chain.waitForBlock(number as BlockNumber, { timeoutMs: 50_000 });
}

const submittedOf = async (competition: TestCompetition, side: Hotkey) =>
  (await competition.read(stateFiles.submitted, { round: 0, side })) ?? {};
const codesOf = async (competition: TestCompetition, side: Hotkey) => {
  const files = await submittedOf(competition, side);
  return PROMPTS.map(promptOf).map(({ stem }) => files[stem]?.error?.code ?? (files[stem]?.png ? 'usable' : 'none'));
};

describe('downloading', () => {
  it('stores file and picture of every prompt before it names them, and moves to the duels', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: blue });
    await using competition = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(competition);
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [cdn] });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect((await competition.subjects())[0]).toBe(
      `Round 0: duels; Update submitted for round 0, miner ${shortName(A)}`,
    );
    const files = await submittedOf(competition, A);
    // A text prompt's stem is a slug and eight digits of its digest.
    expect(Object.keys(files).toSorted()).toEqual([LAMP.stem, 'chair'].toSorted());
    expect(LAMP.stem).toMatch(/^a-red-lamp-[0-9a-f]{8}$/);
    for (const [stem, bytes] of [
      [CHAIR.stem, red],
      [LAMP.stem, blue],
    ] as const) {
      const entry = files[stem];
      expect(entry).toMatchObject({ size: bytes.length, attempts: 1, glb_sha256: sha256Of(bytes) });
      const glb = new Uint8Array(await (await fetch(entry?.glb ?? '')).arrayBuffer());
      expect(sha256Of(glb)).toBe(sha256Of(bytes));
      const png = await fetch(entry?.png ?? '');
      expect(sha256Of(new Uint8Array(await png.arrayBuffer()))).toBe(entry?.png_sha256);
    }
    expect(await readdir(service.downloadDir)).toEqual([]);
  });

  it('says in a code what is wrong with a file: missing, not a GLB, too large, blank, with a private host', async () => {
    const cut = red.slice(0, 500);
    const invisible = smallGlb({ invisible: true });
    await using first = await cdnWith({ [nameOf(LAMP)]: cut });
    await using second = await cdnWith({ [nameOf(CHAIR)]: new Uint8Array(40_000), [nameOf(LAMP)]: invisible });
    const C = await hotkeyOf('//C');
    await using competition = await downloadingOf(
      [
        [A, first],
        [B, second],
        [C, 'http://169.254.169.254/latest'],
      ],
      (rules) => ({ ...rules, limits: { ...rules.limits, max_glb_bytes: 30_000 } }),
    );
    await using store = await serveObjects(competition);
    const cdns = [first, second];
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(await codesOf(competition, A)).toEqual(['http_404', 'not_glb']);
    expect(await codesOf(competition, B)).toEqual(['too_large', 'degenerate']);
    expect(await codesOf(competition, C)).toEqual(['blocked_address', 'blocked_address']);
    const entry = (await submittedOf(competition, B))[LAMP.stem];
    expect(entry).toMatchObject({ glb: null, png: null, glb_sha256: sha256Of(invisible) });
  });

  it('tries a server that stumbles once more and counts both tries, and takes a 404 for final', async () => {
    const stumbles = (time: number) => (time === 1 ? 503 : red);
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: stumbles });
    await using competition = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(competition);
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [cdn] });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(cdn.asked.toSorted()).toEqual([CHAIR, CHAIR, LAMP].map(nameOf).toSorted());
    const files = await submittedOf(competition, A);
    expect([files[CHAIR.stem]?.attempts, files[LAMP.stem]?.attempts]).toEqual([2, 1]);
  });
});

describe('downloading, when our side breaks', () => {
  it('fault 22: names no object before it is stored: charges no miner while the store fails, tells the operator, and finishes when it is back', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: blue });
    await using competition = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(competition);
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [cdn] });
    const objects = objectsOf(competition);
    await rename(objects, `${objects}.away`);
    await writeFile(objects, 'not a folder');
    await service.until('a failure', () => service.said.lines.some(({ times }) => times === 1));
    expect([await submittedOf(competition, A), await competition.stage()]).toEqual([{}, 'downloading']);
    await rename(objects, `${objects}.broken`);
    await rename(`${objects}.away`, objects);
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(await codesOf(competition, A)).toEqual(['usable', 'usable']);
  });

  it('charges no miner for a dead renderer; the next process finishes with its own', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: blue });
    await using competition = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(competition);
    const dead = await openRenderer({ processes: 1 });
    await dead.close();
    {
      const options = { competition, chain: chain.chain, renderer: dead, store, cdns: [cdn] };
      await using service = await startProcess(options);
      await service.until('failures', () => service.said.lines.filter(({ times }) => times === 1).length === 2);
      expect(await submittedOf(competition, A)).toEqual({});
    }
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [cdn] });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(await codesOf(competition, A)).toEqual(['usable', 'usable']);
  });

  it('counts a time-out only once another host was reached', async () => {
    await using silent = await cdnWith({ [nameOf(CHAIR)]: 'hang', [nameOf(LAMP)]: 'hang' });
    await using competition = await downloadingOf([[A, silent]], SHORT);
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer, store, cdns: [silent] };
    await using service = await startProcess(options);
    // The prompts' host of this test does not exist, so that nobody can vouch for our network.
    await service.until('doubt', () => service.said.lines.filter(({ times }) => times === 2).length > 0);
    expect([await submittedOf(competition, A), await competition.stage()]).toEqual([{}, 'downloading']);

    await using other = await cdnWith({});
    service.ports.network.observe(other.url, { ok: false, code: 'http_404' } as never);
    await service.until('the duels', async () => {
      service.ports.network.observe(other.url, { ok: false, code: 'http_404' } as never);
      return (await competition.stage()) === 'duels';
    });
    expect(await codesOf(competition, A)).toEqual(['timeout', 'timeout']);
  });

  it('asks a prompt’s host whether our network works, where no other miner can tell', async () => {
    await using silent = await cdnWith({ [nameOf(CHAIR)]: 'hang', [nameOf(LAMP)]: 'hang' });
    await using pictures = await cdnWith({ 'chair.png': new Uint8Array(10) });
    const prompts = [`${pictures.url}/chair.png`, 'text: a red lamp'];
    await using competition = await downloadingOf([[A, silent]], SHORT, prompts);
    await using store = await serveObjects(competition);
    const cdns = [silent, pictures];
    const options = { competition, chain: chain.chain, renderer, store, cdns };
    await using service = await startProcess(options);
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(await codesOf(competition, A)).toEqual(['timeout', 'timeout']);
    expect(pictures.asked).toContain('chair.png');
  });

  it('draws a file for as long as the round’s rules say', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: red });
    await using competition = await downloadingOf([[A, cdn]], withLimits({ render_seconds: 0.001 }));
    await using store = await serveObjects(competition);
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [cdn] });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    const entries = Object.values(await submittedOf(competition, A));
    expect(entries.map(({ error, glb_sha256 }) => [error?.code, glb_sha256])).toEqual([
      ['timeout', sha256Of(red)],
      ['timeout', sha256Of(red)],
    ]);
  });

  it('goes on without a miner that an operator excluded', async () => {
    await using silent = await cdnWith({ [nameOf(CHAIR)]: 'hang', [nameOf(LAMP)]: 'hang' });
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: blue });
    await using competition = await downloadingOf([
      [A, silent],
      [B, cdn],
    ]);
    await using store = await serveObjects(competition);
    const cdns = [silent, cdn];
    const options = { competition, chain: chain.chain, renderer, store, cdns };
    await using service = await startProcess(options);
    await service.tick();
    await until('requests', () => silent.waiting === 2);
    await competition.amend({ action: 'exclude_hotkey', hotkey: A });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect([await submittedOf(competition, A), await codesOf(competition, B)]).toEqual([{}, ['usable', 'usable']]);
    await service.tick();
    await until('requests called off', () => silent.waiting === 0);
  });

  it('downloads after a crash only what is not published', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: 'hang' });
    await using competition = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer, store, cdns: [cdn] };
    {
      await using first = await startProcess({ ...options, publishIntervalMs: 100 });
      const chair = async () => Object.keys(await submittedOf(competition, A)).length === 1;
      await first.until('the chair', chair);
    }
    expect(await competition.stage()).toBe('downloading');
    cdn.shelf = { [nameOf(LAMP)]: blue };
    await using second = await startProcess(options);
    await second.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(await codesOf(competition, A)).toEqual(['usable', 'usable']);
    expect(cdn.asked.filter((name) => name === nameOf(CHAIR))).toHaveLength(1);
  });

  it('fault 21: stores nothing twice after a crash between the store and the commit', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: blue });
    await using competition = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer, store, cdns: [cdn] };
    const objects = async () => (await readdir(objectsOf(competition), { recursive: true })).toSorted();
    {
      await using first = await startProcess(options);
      await first.tick();
      await until('both files', () => first.ports.files.settled().length === 2, 60_000);
    }
    expect([await submittedOf(competition, A), await competition.stage()]).toEqual([{}, 'downloading']);
    const stored = await objects();
    expect(stored.filter((name) => /\.(glb|png)$/.test(name))).toHaveLength(4);
    await using second = await startProcess(options);
    await second.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(await codesOf(competition, A)).toEqual(['usable', 'usable']);
    expect(await objects()).toEqual(stored);
  });

  it('loses no finished download while the repository is out of reach', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: blue });
    await using competition = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(competition);
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [cdn] });
    await service.tick();
    await until('both files', () => service.ports.files.settled().length === 2, 60_000);
    await rename(competition.remote, `${competition.remote}.away`);
    await expect(service.tick()).rejects.toMatchObject({ fault: { code: 'unreachable' } });
    await rename(`${competition.remote}.away`, competition.remote);
    await service.tick();
    expect([await competition.stage(), cdn.asked.length]).toEqual(['duels', 2]);
  });
});

describe('downloading, paused', () => {
  it('calls off what runs, keeps what is finished, and goes on after the resume', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: 'hang' });
    await using competition = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer, store, cdns: [cdn] };
    await using service = await startProcess(options);
    await service.tick();
    await until('the chair', () => service.ports.files.settled().length === 1, 60_000);
    await competition.amend({ action: 'pause', stage: 'downloading' });
    await service.tick();
    expect(await competition.stage()).toBe('paused');
    expect(cdn.waiting).toBe(1);
    await service.tick();
    await until('nothing under way', () => cdn.waiting === 0);
    await service.tick();
    expect(cdn.asked).toHaveLength(2);

    cdn.shelf = { [nameOf(LAMP)]: blue };
    await competition.amend({ action: 'resume', stage: 'downloading' });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(await codesOf(competition, A)).toEqual(['usable', 'usable']);
    expect(cdn.asked.toSorted()).toEqual([LAMP, LAMP, CHAIR].map(nameOf).toSorted());
  });
});

describe('downloading, when prompts are texts alone', () => {
  const texts = ['text: a red lamp', 'text: a blue lamp'];
  const [one, two] = texts.map(promptOf) as [ReturnType<typeof promptOf>, ReturnType<typeof promptOf>];

  it('is not held up by a single miner that lets us wait: the state repository vouches for our network', async () => {
    await using silent = await cdnWith({ [nameOf(one)]: 'hang', [nameOf(two)]: 'hang' });
    await using competition = await downloadingOf([[A, silent]], SHORT, texts);
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer, store, cdns: [silent] };
    await using service = await startProcess(options);
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    const entries = Object.values(await submittedOf(competition, A));
    expect(entries.map(({ error }) => error?.code)).toEqual(['timeout', 'timeout']);
  });
});

describe('downloading, after rounds that were not seen', () => {
  it('takes no file of an earlier round for one of this round', async () => {
    await using cdn = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: red });
    await using before = await downloadingOf([[A, cdn]]);
    await using store = await serveObjects(before);
    const options = { competition: before, chain: chain.chain, renderer, store, cdns: [cdn] };
    await using service = await startProcess(options);
    await service.tick();
    await until('both files', () => service.ports.files.settled().length === 2, 60_000);
    cdn.shelf = { [nameOf(CHAIR)]: blue, [nameOf(LAMP)]: blue };
    await using now = await startCompetition({
      ...{ stage: 'downloading', round: 1, prompts: PROMPTS },
      submissions: submissionOf(A, 500, { cdn_url: cdn.url }),
    });
    const ledger = await now.ledger('submission-collector');
    await until(
      'the duels',
      async () => {
        await tick({ ...service.ports, ledger });
        return (await now.stage()) === 'duels';
      },
      60_000,
    );
    const files = (await now.read(stateFiles.submitted, { round: 1, side: A })) ?? {};
    expect(Object.values(files).map(({ glb_sha256 }) => glb_sha256)).toEqual([sha256Of(blue), sha256Of(blue)]);
  });
});

describe('downloading, with more files than can be drawn', () => {
  it('holds no more of them on the disk than there are slots', async () => {
    const prompts = Array.from({ length: 30 }, (_, n) => `text: lamp ${n}`);
    await using cdn = await cdnWith(Object.fromEntries(prompts.map((line) => [nameOf(promptOf(line)), red])));
    await using competition = await downloadingOf([[A, cdn]], undefined, prompts);
    await using store = await serveObjects(competition);
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [cdn] });
    await service.tick();
    let most = 0;
    await until(
      'all files',
      async () => {
        most = Math.max(most, (await readdir(service.downloadDir)).length);
        return service.ports.files.settled().length === prompts.length;
      },
      60_000,
    );
    expect(most).toBeLessThanOrEqual(10);
  });
});

describe('copies', () => {
  it('are flagged on everyone who submitted them', async () => {
    await using one = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: red });
    await using two = await cdnWith({ [nameOf(CHAIR)]: padded(red), [nameOf(LAMP)]: blue });
    await using competition = await downloadingOf([
      [A, one],
      [B, two],
    ]);
    await using store = await serveObjects(competition);
    await afterGeneration();
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [one, two] });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    const [ofA, ofB] = [await submittedOf(competition, A), await submittedOf(competition, B)];
    expect([ofA[CHAIR.stem]?.duplicates, ofB[CHAIR.stem]?.duplicates]).toEqual([[shortName(B)], [shortName(A)]]);
    expect([ofA[LAMP.stem]?.duplicates, ofB[LAMP.stem]?.duplicates]).toEqual([undefined, undefined]);
    expect(await codesOf(competition, B)).toEqual(['usable', 'usable']);
  });

  it('belong to whom a manifest proves them, committed on chain while miners generated', async () => {
    const manifest = Buffer.from(JSON.stringify({ [CHAIR.stem]: sha256Of(red) }));
    await using one = await cdnWith({ [nameOf(CHAIR)]: red, [nameOf(LAMP)]: red, 'manifest.json': manifest });
    await using two = await cdnWith({ [nameOf(CHAIR)]: padded(red), [nameOf(LAMP)]: blue });
    await using competition = await downloadingOf([
      [A, one],
      [B, two],
    ]);
    await using store = await serveObjects(competition);
    const bytes = Buffer.from(JSON.stringify({ manifest: sha256Of(manifest) }));
    await chain.chain.setCommitment({ netuid: NETUID, wallet: await walletOf('//A'), bytes });
    await afterGeneration();
    await using service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [one, two] });
    await service.until('the duels', async () => (await competition.stage()) === 'duels');
    expect(await codesOf(competition, A)).toEqual(['usable', 'usable']);
    expect(await codesOf(competition, B)).toEqual([`duplicate_of:${shortName(A)}`, 'usable']);
    expect((await submittedOf(competition, B))[CHAIR.stem]).toMatchObject({ png: null, duplicates: [shortName(A)] });
  });
});
