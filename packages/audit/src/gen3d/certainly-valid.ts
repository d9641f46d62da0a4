import type { StateFileName } from '@tiltyard/schema/gen3d';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const HOTKEY = /^[1-9A-HJ-NP-Za-km-z]{46,48}$/;
const STEM = /^[A-Za-z0-9_][\w.-]{0,199}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const FAULT_CODE = /^[a-z0-9_]+(:[A-Za-z0-9_.-]+)?$/;
const WINNERS: readonly unknown[] = ['left', 'right', 'draw', 'skipped'];

/**
 * Quick looks at the files that make up nearly all of a history. True means that the schema accepts the value as it is;
 * false that the schema has to be asked. The schemas stay the only authority: these only spare them the usual case, and
 * a property test holds them to it.
 */
export const CERTAINLY_VALID: Readonly<Partial<Record<StateFileName, Check>>> = {
  matchReport: isMatchReport,
  submitted: isGenerations,
  generated: isGenerations,
};

function isMatchReport(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { left, right, score, margin, duels, judge, confidence, amendment } = value;
  if (judge !== undefined && !isJudge(judge)) return false;
  return (
    (left === 'leader' || matches(left, HOTKEY)) &&
    matches(right, HOTKEY) &&
    Number.isSafeInteger(score) &&
    isBetween(margin, -1, 1) &&
    // Rare: the schema knows.
    confidence === undefined &&
    amendment === undefined &&
    Array.isArray(duels) &&
    duels.length <= 10_000 &&
    duels.every(isDuel)
  );
}

function isJudge(judge: unknown): boolean {
  return (
    isFields(judge) &&
    isText(judge.strategy, 100) &&
    Array.isArray(judge.models) &&
    judge.models.every((model) => isText(model, 200))
  );
}

function isDuel(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { name, prompt, left_glb, left_png, right_glb, right_png, winner, issues, evidence } = value;
  return (
    isStem(name) &&
    isText(prompt, 2048) &&
    isNullOrText(left_glb, 0) &&
    isNullOrText(left_png, 0) &&
    isNullOrText(right_glb, 0) &&
    isNullOrText(right_png, 0) &&
    WINNERS.includes(winner) &&
    isText(issues, 20_000) &&
    (evidence === undefined || isEvidence(evidence))
  );
}

function isEvidence(value: unknown): boolean {
  if (!isFields(value)) return false;
  return Object.keys(value).every((key) => key.length <= 100 && (value[key] === null || matches(value[key], SHA256)));
}

function isGenerations(value: unknown): boolean {
  if (!isFields(value)) return false;
  for (const stem of Object.keys(value)) if (!isStem(stem) || !isGeneration(value[stem])) return false;
  return true;
}

function isGeneration(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { glb, png, generation_time, size, attempts, distance, glb_sha256, png_sha256, views, error } = value;
  const { draw_seconds } = value;
  return (
    isNullOrText(glb, 1) &&
    isNullOrText(png, 1) &&
    isBetween(generation_time, 0, Number.MAX_VALUE) &&
    isCount(size) &&
    isCount(attempts) &&
    isBetween(distance, -1e-3, 2.001) &&
    (glb_sha256 === undefined || matches(glb_sha256, SHA256)) &&
    (png_sha256 === undefined || matches(png_sha256, SHA256)) &&
    (views === undefined || (views !== null && isNullOrText(views, 1))) &&
    (error === undefined || isFault(error)) &&
    (draw_seconds === undefined || isBetween(draw_seconds, 0, Number.MAX_VALUE)) &&
    // Rare: the schema knows.
    value.duplicates === undefined &&
    value.download_seconds === undefined
  );
}

function isFault(value: unknown): boolean {
  return isFields(value) && isText(value.code, 100) && matches(value.code, FAULT_CODE) && isText(value.message, 2000);
}

/** An object out of JSON, without the one key that copying it would lose. */
function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, '__proto__');
}

function isStem(value: unknown): boolean {
  return matches(value, STEM) && !((value as string) in {});
}

function isNullOrText(value: unknown, leastCharacters: number): boolean {
  return value === null || (isText(value, 2048) && (value as string).length >= leastCharacters);
}

function isText(value: unknown, mostCharacters: number): boolean {
  return typeof value === 'string' && value.length <= mostCharacters;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
