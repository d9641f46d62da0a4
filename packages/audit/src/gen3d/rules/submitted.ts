import { duplicateErrorCode, findDuplicates, projectAmendments, revealOrder } from '@tiltyard/rules/gen3d';
import { counted, type Hotkey, LEADER, type Sha256, sameValue, shortName } from '@tiltyard/schema';
import { type GenerationResult, type Generations, isUsable, type Rules, type Stem } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../../replay/commit-view.js';
import type { Tree } from '../../replay/tree.js';
import { isOwnWork, stateBefore } from '../commit-view.js';
import { rulesAt } from '../round/round-view.js';
import { contentRule, naming, type Rule } from '../rule.js';
import { fileOf, stemsOf, valueIn } from '../tree.js';

const COPY = duplicateErrorCode('' as Hotkey);

/** What the collector wrote of each file, and whether it is whole when the matches begin. */
export const SUBMITTED_RULES: readonly Rule[] = [
  contentRule({ id: 'R13', severity: 'error', only: 'ours' }, 'submitted', (files, file) => {
    const { round, side } = file.params;
    const rules = rulesAt(file.tree, round);
    const prompts = valueIn(file.tree, 'prompts', { round });
    const submissions = valueIn(file.tree, 'submissions', { round });
    if (rules === undefined || prompts === undefined || !isOwnWork(file.at, round)) return;
    if (submissions !== undefined && (side === LEADER || submissions[side as Hotkey] === undefined)) {
      file.fault(`${shortName(side)} did not submit`);
    }
    const stems = new Set(stemsOf(prompts));
    const faults = new Faults();
    for (const [stem, result] of entriesOf(files)) {
      if (sameValue(file.before?.[stem], result)) continue;
      file.looked();
      if (!stems.has(stem)) faults.add('of no prompt of the round', stem);
      for (const detail of entryFaults(result, rules)) faults.add(detail, stem);
    }
    for (const stem of namedTwice(files)) faults.add('an address that another content has', stem);
    for (const detail of faults.told()) file.fault(detail);
  }),
  {
    id: 'R13',
    severity: 'error',
    only: 'ours',
    check(at, tell) {
      const before = stateBefore(at);
      if (before?.stage !== 'downloading' || valueIn(at.tree, 'state', {})?.stage !== 'duels') return;
      const { current_round: round } = before;
      if (!isOwnWork(at, round)) return;
      tell.looked();
      for (const { hotkey, detail } of [
        ...missing(at, round),
        ...earlyEnds(at.tree, round),
        ...flagFaults(at.tree, round),
      ]) {
        tell.fault({ path: `rounds/${round}/${hotkey}/submitted.json`, round, detail });
      }
    },
  },
];

/** What is wrong with one entry. Nothing is compared or timed where files are only fetched. */
function* entryFaults(result: GenerationResult, { limits }: Rules): Generator<string> {
  const { glb, png, generation_time, distance, size, glb_sha256, png_sha256, error } = result;
  if (generation_time !== 0) yield 'a generation time, which only a re-run has';
  if (distance !== 0) yield 'a distance, which only a re-run has';
  if (isUsable(result)) {
    if (error !== undefined) yield 'usable, with an error';
    if (glb_sha256 === undefined || png_sha256 === undefined) yield 'usable, without a sha256';
    if (size > limits.max_glb_bytes) yield `larger than ${limits.max_glb_bytes} bytes`;
  } else if (error === undefined) yield 'not usable, without a reason';
  else if ((glb !== null || png !== null) && !error.code.startsWith(COPY)) yield 'a file and an error';
}

/** Prompts whose file or picture has the address of another content: objects are named by what they hold. */
function namedTwice(files: Generations): readonly Stem[] {
  const contents = new Map<string, Sha256>();
  return entriesOf(files).flatMap(([stem, { glb, png, glb_sha256, png_sha256 }]) => {
    const named = [
      [glb, glb_sha256],
      [png, png_sha256],
    ] as const;
    const isOther = named.some(([url, sha256]) => {
      if (url === null || sha256 === undefined) return false;
      const known = contents.get(url) ?? sha256;
      contents.set(url, known);
      return known !== sha256;
    });
    return isOther ? [stem] : [];
  });
}

interface FileFault {
  readonly hotkey: Hotkey;
  readonly detail: string;
}

/** Miners that go into the matches without an entry for every prompt. Excluded ones are not waited for. */
function missing({ tree }: CommitView, round: number): readonly FileFault[] {
  const prompts = valueIn(tree, 'prompts', { round });
  const { excluded } = projectAmendments(valueIn(tree, 'amendments', { round }) ?? []);
  if (prompts === undefined) return [];
  return submittersOf(tree, round).flatMap((hotkey) => {
    const file = fileOf(tree, 'submitted', { round, side: hotkey });
    if (excluded.has(hotkey) || file?.content.problem !== undefined) return [];
    const files = (file?.content.value ?? {}) as Generations;
    const open = stemsOf(prompts).filter((stem) => !Object.hasOwn(files, stem));
    if (open.length === 0) return [];
    const detail = `the matches begin without ${open.length} of ${prompts.length} files of ${shortName(hotkey)}${naming(open)}`;
    return [{ hotkey, detail }];
  });
}

/** Entries tell milliseconds, and a miner has some hundreds of them. */
const ROUNDED_SECONDS = 1;

/** Miners that are out of time by their entries, and whose entries name less time than the rules give. */
function earlyEnds(tree: Tree, round: number): readonly FileFault[] {
  const { miner_seconds: inAll, miner_draw_seconds: ofDrawing } = valueIn(tree, 'rules', { round })?.limits ?? {};
  const { excluded } = projectAmendments(valueIn(tree, 'amendments', { round }) ?? []);
  // Before, the environment said how much that was.
  if (inAll === undefined || ofDrawing === undefined) return [];
  return submittersOf(tree, round).flatMap((hotkey) => {
    const results = Object.values(valueIn(tree, 'submitted', { round, side: hotkey }) ?? {});
    const cut = results.filter(({ error }) => error?.code === 'out_of_time').length;
    const sum = (field: 'download_seconds' | 'draw_seconds') =>
      results.reduce((total, result) => total + (result[field] ?? 0), 0);
    const [drawing, downloading] = [sum('draw_seconds'), sum('download_seconds')];
    const isSpent = drawing + downloading >= inAll - ROUNDED_SECONDS || drawing >= ofDrawing - ROUNDED_SECONDS;
    if (cut === 0 || isSpent || excluded.has(hotkey)) return [];
    const took = `took ${Math.round(drawing + downloading)} s, ${Math.round(drawing)} s of them to draw`;
    return [
      { hotkey, detail: `out of time for ${counted(cut, 'file')} of ${shortName(hotkey)}, where its files ${took}` },
    ];
  });
}

/** Flags of copies that do not follow from the files, or are not there. Whose a copied file is, the chain alone says. */
function flagFaults(tree: Tree, round: number): readonly FileFault[] {
  const hotkeys = submittersOf(tree, round);
  if (hotkeys.some((hotkey) => fileOf(tree, 'submitted', { round, side: hotkey })?.content.problem !== undefined)) {
    return [];
  }
  const files = new Map(hotkeys.map((hotkey) => [hotkey, valueIn(tree, 'submitted', { round, side: hotkey }) ?? {}]));
  const copies = copiesIn(files);
  // Collectors of before did not look at pictures; what one of today flags in such a round is no fault all the same.
  const byPicture = valueIn(tree, 'rules', { round })?.limits.render_seconds !== undefined;
  return [...files].flatMap(([hotkey, results]) => {
    const faults = new Faults();
    for (const [stem, result] of entriesOf(results)) {
      const others = copies.get(stem)?.get(hotkey) ?? [];
      const flags = result.duplicates ?? [];
      const isDue = (other: Hotkey) => byPicture || files.get(other)?.[stem]?.glb_sha256 === result.glb_sha256;
      if (others.some((other) => isDue(other) && !flags.includes(shortName(other)))) {
        faults.add("others' too, and not flagged", stem);
      }
      if (flags.some((flag) => !others.some((other) => shortName(other) === flag))) {
        faults.add("flagged as others', who submitted something else", stem);
      }
      const detail = ownerFault(hotkey, others, (other) => copyCode(files.get(other)?.[stem]));
      if (detail !== undefined) faults.add(detail, stem);
    }
    return faults.told().map((detail) => ({ hotkey, detail: `${shortName(hotkey)}: ${detail}` }));
  });
}

/** Where one of those who submitted a file is its owner, the others' entries say so, and its own does not. */
function ownerFault(
  hotkey: Hotkey,
  others: readonly Hotkey[],
  codeOf: (hotkey: Hotkey) => string | undefined,
): string | undefined {
  const code = codeOf(hotkey);
  if (code !== undefined) {
    const owner = others.find((other) => duplicateErrorCode(other) === code);
    if (owner === undefined) return `said to be ${code.slice(COPY.length)}'s, who did not submit them`;
    return codeOf(owner) === undefined ? undefined : "said to be another copy's";
  }
  const named = others.map(codeOf).find((other) => other !== undefined);
  if (named === undefined || named === duplicateErrorCode(hotkey)) return undefined;
  return `${named.slice(COPY.length)}'s by the entries of others`;
}

function copyCode(result: GenerationResult | undefined): string | undefined {
  return result?.error?.code.startsWith(COPY) === true ? result.error.code : undefined;
}

/** Stem → submitter → who else submitted the same file. */
function copiesIn(files: ReadonlyMap<Hotkey, Generations>): ReadonlyMap<Stem, ReadonlyMap<Hotkey, readonly Hotkey[]>> {
  const copies = new Map<Stem, Map<Hotkey, readonly Hotkey[]>>();
  for (const { stem, hotkeys } of findDuplicates(files)) {
    const ofStem = copies.get(stem) ?? new Map<Hotkey, readonly Hotkey[]>();
    copies.set(stem, ofStem);
    for (const hotkey of hotkeys) {
      const others = hotkeys.filter((other) => other !== hotkey);
      ofStem.set(hotkey, others);
    }
  }
  return copies;
}

function submittersOf(tree: Tree, round: number): readonly Hotkey[] {
  return revealOrder(valueIn(tree, 'submissions', { round }) ?? {});
}

function entriesOf(files: Generations): readonly (readonly [Stem, GenerationResult])[] {
  return Object.entries(files) as [Stem, GenerationResult][];
}

/** Faults of many files, told once for each kind. */
class Faults {
  readonly #stems = new Map<string, Stem[]>();

  add(detail: string, stem: Stem): void {
    const known = this.#stems.get(detail);
    if (known === undefined) this.#stems.set(detail, [stem]);
    else known.push(stem);
  }

  told(): readonly string[] {
    return [...this.#stems].map(
      ([detail, stems]) =>
        `${counted(stems.length, 'file')}: ${detail} (${stems.length === 1 ? '' : 'such as '}${stems[0]})`,
    );
  }
}
