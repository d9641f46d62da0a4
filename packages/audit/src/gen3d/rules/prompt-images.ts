import { promptOf } from '@tiltyard/schema/gen3d';
import { contentRule, type Rule, several } from '../rule.js';
import { stemsOf, valueIn } from '../tree.js';

/** The pictures of a round's prompts, and that judges were shown them. */
export const PROMPT_IMAGE_RULES: readonly Rule[] = [
  contentRule({ id: 'R8', severity: 'error', only: 'ours' }, 'prompts', (prompts, file) => {
    const { round } = file.params;
    const images = valueIn(file.tree, 'promptImages', { round });
    const due = stemsOf(prompts.filter((line) => promptOf(line).kind === 'image'));
    if (images === undefined) {
      // Versions of before kept no pictures, and named no time to draw in.
      const isDue = valueIn(file.tree, 'rules', { round })?.limits.render_seconds !== undefined;
      if (isDue) file.fault('the pictures of the prompts are not on record');
      return;
    }
    file.looked();
    const known = new Set(Object.keys(images));
    const missing = due.filter((stem) => !known.delete(stem));
    if (missing.length > 0)
      file.fault(several([`no picture of ${missing[0]} is on record`, ...missing.slice(1)], 'prompt'));
    const [other] = known;
    if (other !== undefined) file.fault(`a picture of ${other} is on record, which is no image prompt of the round`);
  }),
  contentRule({ id: 'R8', severity: 'error', only: 'ours' }, 'matchReport', (report, file) => {
    const images = valueIn(file.tree, 'promptImages', { round: file.params.round });
    if (images === undefined) return;
    const wrong = report.duels.flatMap(({ name, detail, evidence }) => {
      if (detail === undefined) return []; // nobody was asked
      file.looked();
      const [seen, due] = [evidence?.prompt ?? 'no picture', images[name]?.sha256 ?? 'no picture'];
      return seen === due ? [] : [`${name}: the judges saw ${seen} of the prompt, and ${due} is on record`];
    });
    if (wrong.length > 0) file.fault(several(wrong, 'duel'));
  }),
];
