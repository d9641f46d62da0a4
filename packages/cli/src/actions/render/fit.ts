import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Bounds, fitGlb, GLB_LIMITS_DEFAULTS } from '@tiltyard/render';
import { CliError } from '../../cli-error.js';
import { readInput, writeOutput } from '../../files.js';
import type { Outcome } from '../../outcome.js';
import type { Terminal } from '../../terminal/terminal.js';
import { refused } from './refused.js';

/** Writes a GLB centred and scaled into the unit cube. Exit status 1 when it is refused for another reason. */
export async function fit(input: string, output: string, terminal: Terminal): Promise<Outcome> {
  if (await isSameFile(input, output, terminal)) {
    throw new CliError({ code: 'usage', detail: `fit does not overwrite its input: give another file than ${input}.` });
  }
  const original = await readInput(input, GLB_LIMITS_DEFAULTS.max_glb_bytes, terminal);
  const result = await fitGlb(original);
  if (!result.ok) return refused(input, result);
  const { glb, bounds } = result;
  await writeOutput(output, glb, terminal);
  return {
    facts: { file: input, written: output, bytes: glb.length, bounds },
    text: `wrote ${output}: ${input} spanned ${spans(bounds)} and now fits the unit cube`,
  };
}

/** Whether both names lead to one file, by links as well. */
async function isSameFile(input: string, output: string, { cwd }: Terminal): Promise<boolean> {
  const [one, other] = await Promise.all(
    [input, output].map((file) => stat(path.resolve(cwd, file)).catch(() => undefined)),
  );
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

function spans({ min, max }: Bounds): string {
  return ['x', 'y', 'z'].map((axis, i) => `${axis} ${min[i]?.toFixed(3)}..${max[i]?.toFixed(3)}`).join(', ');
}
