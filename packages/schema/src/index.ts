/** allowed_signers: whose keys may sign for which service. */
export * from './allowed-signers.js';
/** How files may change, and what is wrong with a change. */
export {
  append,
  type Change,
  type ChangeContext,
  type ChangeFault,
  manual,
  once,
  report,
  type Severity,
} from './change.js';
/** Texts to values and back. */
export { type Codec, csv, json, lines, MAX_ROWS } from './codec.js';
/** What is asked of every competition. */
export {
  type ChangedFile,
  CONFIG_PATH,
  type Competition,
  namedCompetition,
  OPERATOR,
  type ReadStateFile,
  type Standing,
} from './competition.js';
/** Why an environment configures nothing. */
export { type BadVariable, ConfigError } from './config/config-error.js';
/** Variables of the environment by schema, and the texts that they may hold. */
export { type Environment, IntText, ListText, NumberText, readEnvironment, readFields } from './config/environment.js';
/** Values that never show themselves. */
export { Secret, SecretText } from './config/secret.js';
/** A number with its noun. */
export { counted } from './counted.js';
/** What differs between two values of a state file, in words. */
export { changedFields, describeValueChange } from './describe-change.js';
/** The delay before another try. */
export { type Backoff, backoffMs } from './failures/backoff.js';
/** The base of every coded error. */
export { FaultError, isFault } from './failures/fault-error.js';
/** Why a text is not a valid state file. */
export { FormatError, type FormatFault } from './format-error.js';
/** JSON as every state file is read, refusing what two readers could read differently. */
export { parseJson } from './json-text.js';
/** The grammar of commit messages: whole messages with trailers. */
export { type CommitMessage, formatCommitMessage, parseCommitMessage } from './messages/commit-message.js';
/** The grammar of commit messages: the forms of lines. */
export { type AnyLine, type LineForms, lineGrammar } from './messages/line-grammar.js';
/** Names and numbers that every format shares: hotkeys, sides, commits, hashes, blocks. */
export * from './names.js';
/** Which network a repository is of. */
export { GENESIS_HASHES, type NetworkFacts, networkFacts, networkOf, networkText } from './network.js';
/** Paths with parameters. */
export type { PathTemplate, PathValues } from './path-template.js';
/** The generated reference of all formats. */
export { formatReference } from './reference/format-reference.js';
/** Whether two parsed values say the same. */
export { sameValue } from './same-value.js';
/** What an entry of a table is, and where a path belongs in one. */
export {
  type AnyStateFile,
  defineStateFile,
  knownPathIn,
  type ParamsOf,
  type PathEntry,
  type StateFile,
  type StateFileTable,
  type ValueOf,
} from './state-file.js';
/** Texts with parameters. */
export { type ParamValues, type TextParam, type TextParamTable, textTemplate } from './text-template.js';
