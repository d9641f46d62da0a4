import type { Config } from '@tiltyard/schema/gen3d';
import type { Legacy, LegacyReading } from '../../legacy.js';
import { namesOurFields } from '../commit-view.js';
import { positionIn } from '../tree.js';
import { eraPath } from './era-files.js';
import { EraOrder, tellsRound } from './era-order.js';
import { otherContentOf } from './other-contents.js';
import { parseJoinedLine, parseOtherLine } from './other-lines.js';
import { ServiceIdentities } from './service-identities.js';

/** The formats of the reference implementation's repositories, in all the competitions that it ran. */
export const GEN3D_LEGACY: Legacy = {
  isOurs: (config) => namesOurFields(config as Config),
  path: eraPath,
  contentOf: otherContentOf,
  open: openReading,
};

function openReading(): LegacyReading {
  const eras = new EraOrder();
  const identities = new ServiceIdentities();
  return {
    stray: (file, tree, commit) => eras.take(file, { commit, currentRound: positionIn(tree)?.current_round }),
    deleted(changes, tree) {
      const deleted = new Map(changes.flatMap(({ path, known, newBlob }) => (newBlob === null ? [[path, known]] : [])));
      for (const round of new Set([...deleted.values()].flatMap(({ params }) => params.round ?? []))) {
        const left = [...tree.ofRound(round)].filter((path) => !deleted.has(path));
        if (!left.some((path) => tellsRound(tree.at(path)?.known.name))) eras.forget(round);
      }
    },
    // A line counts while it is its era's time only: from then on it is nobody's.
    lines(line) {
      if (line.announcement !== undefined) return [line];
      const other = parseOtherLine(line.text);
      if (other !== undefined) return eras.isOver(other.format.era) ? [line] : [{ ...line, other }];
      return eras.isOver('splats') ? [line] : (parseJoinedLine(line.text) ?? [line]);
    },
    // The later competition's judge writes the audits, whose verdicts they are.
    alsoOwners(changes) {
      const isJudges = changes.some(
        ({ known, after }) =>
          known.name === 'generationAudits' &&
          after?.content.format?.era === 'scripts' &&
          after.content.stray === undefined,
      );
      return ({ kind }) => (isJudges && kind === 'generation_audits' ? ['judge-service'] : []);
    },
    oddAuthor: (at) => identities.take(at),
  };
}
