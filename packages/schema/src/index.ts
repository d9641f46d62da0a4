/** The line that announces a changed file. */
export { announceChanges, type ChangedFile } from './announce-changes.js';
/** The grammar of commit messages: lines. */
export {
  type Announcement,
  announcedFiles,
  announcementOwners,
  formatAnnouncement,
  isAnnouncedBy,
  parseAnnouncement,
} from './announcements.js';
/** Where a miner's files lie. */
export { cdnFileUrl } from './cdn-file-url.js';
/** How files may change, and what is wrong with a change. */
export {
  append,
  type Change,
  type ChangeContext,
  type ChangeFault,
  report,
  type Severity,
} from './change.js';
/** The choices of rules.json that this version can carry out. */
export * from './choices.js';
/** Texts to values and back. */
export { type Codec, csv, json, MAX_ROWS } from './codec.js';
/** The grammar of commit messages: whole messages with trailers. */
export { type CommitMessage, formatCommitMessage, parseCommitMessage } from './commit-message.js';
/** A number with its noun. */
export { counted } from './counted.js';
/** What differs between two values of a state file, in words. */
export { changedFields, describeValueChange } from './describe-change.js';
/** The formats themselves. */
export * from './files/index.js';
/** Why a text is not a valid state file. */
export { FormatError, type FormatFault } from './format-error.js';
/** The generated reference of all formats. */
export { formatReference } from './format-reference.js';
/** JSON as every state file is read, refusing what two readers could read differently. */
export { parseJson } from './json-text.js';
/** Proof of who had a file first: a miner's manifest, and what it commits on chain. */
export { Manifest, ManifestCommitment } from './manifest.js';
/** Names and numbers that every format shares: hotkeys, sides, commits, hashes, stems, blocks, services. */
export * from './names.js';
/** Which network a repository is of. */
export { GENESIS_HASHES, type NetworkFacts, networkFacts, networkOf, networkText } from './network.js';
/** Paths with parameters. */
export type { AnyPathParams, PathParams, PathTemplate } from './path-template.js';
/** Lines of prompts.txt and their stems. */
export { type Prompt, PromptLine, parsePrompt, promptOf, stemOf } from './prompt.js';
/** The registry: every state file, and where a path belongs. */
export { type KnownPath, knownPath, matchReportPath, STATE_FILES, type StateFileName, stateFiles } from './registry.js';
/** Whether two parsed values say the same. */
export { sameValue } from './same-value.js';
/** The stages, their owners and the legal edges between them. */
export * from './stage-machine.js';
/** What an entry of the registry is. */
export { type ParamsOf, type StateFile, stateFile, type ValueOf } from './state-file.js';
