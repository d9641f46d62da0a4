/** The line that announces a changed file. */

/** What its check of a file's change looks at. */
export type { AmendedContext } from './amended-context.js';
export { type AnnouncedFile, announceChanges } from './announce-changes.js';
/** The grammar of commit messages: lines. */
export { type Announcement, announcements, isAnnouncedBy } from './announcements.js';
/** Where a miner's files lie. */
export { cdnFileUrl } from './cdn-file-url.js';
/** The choices of rules.json that this version can carry out. */
export * from './choices.js';
/** The competition as a value. */
export { gen3d, standingAt } from './competition.js';
/** The formats themselves. */
export * from './files/index.js';
/** FORMAT.md of its repositories. */
export { formatPage } from './format-page.js';
/** The stage that a competition is held in, and the pauses that an operator orders. */
export { heldStageFaults, stageHeld } from './held-stage.js';
/** Proof of who had a file first: a miner's manifest, and what it commits on chain. */
export { Manifest, ManifestCommitment } from './manifest.js';
/** Names that its formats share: prompts' stems, rounds, services. */
export * from './names.js';
/** What its paths may hold. */
export { type AnyPathParams, PATH_PARAMS, type PathOf, type PathParams } from './paths.js';
/** Lines of prompts.txt and their stems. */
export { type Prompt, PromptLine, parsePrompt, promptOf, stemOf } from './prompt.js';
/** The table: every state file, and where a path belongs. */
export {
  type Gen3dFile,
  type KnownPath,
  knownPath,
  STATE_FILES,
  type StateFileName,
  stateFile,
  stateFiles,
} from './registry.js';
/** The stages, their owners and the legal edges between them. */
export * from './stage-machine.js';
