import {
  allowedSigners,
  defineStateFile,
  json,
  type LineForms,
  lineGrammar,
  lines,
  manual,
  OPERATOR,
  once,
  type Standing,
  textTemplate,
} from '@tiltyard/schema';
import { z } from 'zod';
import type { AuditedCompetition } from '../../src/index.js';
import { changeRule } from '../../src/rules/changes.js';
import { SHARED_RULES } from '../../src/rules/rule-names.js';
import { SHARED_CHECKS } from '../../src/rules/shared-rules.js';

/** A competition of nobody's: a host asks one question and writes the answer down, once. It has no stages and no rounds. */
const WRITERS = ['host', OPERATOR];

const files = {
  config: defineStateFile(
    {},
    {
      path: 'config.json',
      codec: json(z.object({ competition: z.literal('quiz'), question: z.string() })),
      writers: [OPERATOR],
      change: manual({ frozen: true }),
      says: 'What is asked.',
    },
  ),
  allowedSigners: defineStateFile(
    {},
    {
      path: 'allowed_signers',
      codec: lines(allowedSigners(WRITERS)),
      writers: [OPERATOR],
      change: manual(),
      says: 'Whose keys count.',
    },
  ),
  answer: defineStateFile(
    {},
    {
      path: 'answer.json',
      codec: json(z.object({ answer: z.string() })),
      writers: ['host'],
      change: once(),
      says: 'The answer.',
    },
  ),
};

type Line = { readonly kind: 'start' } | { readonly kind: 'answer' };

const FORMS: LineForms<Line, string, keyof typeof files> = {
  start: { text: textTemplate('Ask a question', {}), owners: [OPERATOR], files: ['config', 'allowedSigners'] },
  answer: { text: textTemplate('Answer it', {}), owners: ['host'], files: ['answer'] },
};
const grammar = lineGrammar<Line, string, keyof typeof files>(FORMS);

const standing: Standing = {
  owners: ({ file }) => file.writers,
  context: ({ params }) => ({ params }),
  derivedFrom: () => [],
};

export const QUIZ: AuditedCompetition = {
  name: 'quiz',
  files,
  writers: WRITERS,
  required: [files.config],
  operatorFolders: [],
  lines: {
    parse: grammar.parse,
    owners: (line) => grammar.owners(line as Line),
    announce: () => [],
    covers: (line, { name }) => grammar.files(line as Line).some((file) => file === name),
  },
  beginning: standing,
  standing: async () => standing,
  ruleNames: { ...SHARED_RULES, A1: { name: 'answered-once', says: 'The question is answered once.' } },
  rules: [...SHARED_CHECKS, changeRule('A1', ['answer'])],
  mainFile: 'config',
  folders: /^$/,
  large: new Set(),
  readOnce: new Set(),
  operatorSigned: [],
  certainlyValid: {},
  standingIn: () => standing,
  bearsMarks: (tree) => tree.at('config.json') !== undefined,
  promises: (line) => grammar.files(line as Line).filter((name) => name !== 'allowedSigners'),
  eras: {},
  otherFile: () => undefined,
  readAs: () => ({ dialect: 'as a quiz', warnings: [] }),
  openRecord: () => ({
    digest() {},
    letGo() {},
    begin() {},
    end() {},
    close: () => ({ verdicts: [], byRound: new Map() }),
  }),
};
