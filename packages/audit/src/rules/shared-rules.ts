import { AUTHORSHIP_RULES } from './authorship.js';
import { DELETION_RULE } from './changes.js';
import { FORMAT_RULES } from './formats.js';
import { LINEAGE_RULES } from './lineage.js';
import type { Rule } from './rule.js';
import { SIGNATURE_RULES } from './signatures.js';
import { STAGE_RULES } from './stages.js';
import { SURROUNDING_RULES } from './surroundings.js';

/** What checks the rules that follow from any table. */
export const SHARED_CHECKS: readonly Rule[] = [
  ...LINEAGE_RULES,
  DELETION_RULE,
  ...FORMAT_RULES,
  ...STAGE_RULES,
  ...AUTHORSHIP_RULES,
  ...SIGNATURE_RULES,
  ...SURROUNDING_RULES,
];
