import type { Beacon, Chain, FinalizedHead, RevealedText } from '@tiltyard/chain';
import {
  parseSubmissionText,
  type Refusal,
  type RevealedFields,
  roundName,
  selectSubmissions,
  sharedShortNames,
} from '@tiltyard/rules/gen3d';
import { BLOCK_SECONDS, type Hotkey } from '@tiltyard/schema';
import { type Submission, stateFiles } from '@tiltyard/schema/gen3d';
import type { RoundView } from '@tiltyard/service-kit/gen3d';

/** What the chain holds of a miner's submission for a round, and what the collector would make of it. */
export interface OnChain {
  readonly hotkey: Hotkey;
  readonly round: number;
  readonly window: { readonly earliest: number; readonly latest: number };
  /** The finalized block that all of this was read at. */
  readonly block: number;
  readonly registration: { readonly uid: number; readonly atBlock: number } | null;
  /** A submission that is still locked; `opensAtBlock` is expected by the chain's clock. */
  readonly locked: {
    readonly committedAtBlock: number;
    readonly revealRound: number;
    readonly opensAtBlock: number;
  } | null;
  /** What has been opened, oldest first. */
  readonly revealed: readonly { readonly block: number; readonly inWindow: boolean; readonly text: string }[];
  /** The entry that submissions.json would get, or has. */
  readonly submission: Submission | null;
  /** Why there would be none although something was revealed. */
  readonly refusal: Refusal | null;
  /** Whether submissions.json names the hotkey; null before it is published. */
  readonly published: boolean | null;
  /** The answer: it takes part, or will once it opens. */
  readonly takesPart: boolean;
  /** Why, in a sentence. */
  readonly why: string;
}

/** Reads what a miner has on chain, and judges it by the collector's own rules. @throws ChainError, LedgerError. */
export async function readOnChain(chain: Chain, netuid: number, hotkey: Hotkey, view: RoundView): Promise<OnChain> {
  const { round, schedule, config, snapshot } = view;
  const { earliest_reveal_block: earliest, latest_reveal_block: latest } = schedule;
  const head = await chain.finalizedHead();
  const { byHotkey } = await chain.metagraph(netuid, head.hash);
  const commitment = await chain.commitmentOf(netuid, hotkey, head.hash);
  const beacon = await chain.beacon(head.hash);
  const { texts: revealed } = await chain.revealedCommitments(netuid, head.hash);
  const texts = revealed.get(hotkey) ?? [];
  const neuron = byHotkey.get(hotkey);
  const timelocked = commitment?.fields.find((field) => field.kind === 'timelocked');
  // A hotkey with the same short name decides with it whether it takes part.
  const rivals = [...revealed.keys()].filter((other) => sharedShortNames([hotkey, other]).length > 0);
  const { submissions, refused } = selectSubmissions({
    reveals: new Map([hotkey, ...rivals].map((key) => [key, (revealed.get(key) ?? []).flatMap(fieldsOf)])),
    schedule,
    registeredAt: (key) => byHotkey.get(key)?.registeredAtBlock,
    roundName: roundName(config, round),
  });
  const published = await snapshot.read(stateFiles.submissions, { round });
  const facts = {
    hotkey,
    round,
    window: { earliest, latest },
    block: head.number,
    registration: neuron === undefined ? null : { uid: neuron.uid, atBlock: neuron.registeredAtBlock },
    locked:
      commitment === null || timelocked === undefined
        ? null
        : {
            committedAtBlock: commitment.block,
            revealRound: timelocked.revealRound,
            opensAtBlock: openingBlock(timelocked.revealRound, beacon, head),
          },
    revealed: texts.map(({ text, block }) => ({ block, inWindow: block >= earliest && block <= latest, text })),
    submission: published?.[hotkey] ?? submissions.find((one) => one.hotkey === hotkey)?.submission ?? null,
    refusal: refused.find((one) => one.hotkey === hotkey) ?? null,
    published: published === undefined ? null : hotkey in published,
  };
  return { ...facts, ...verdict(facts) };
}

function fieldsOf({ text, block }: RevealedText): readonly RevealedFields[] {
  const parsed = parseSubmissionText(text);
  return parsed.ok ? [{ block, ...parsed.fields }] : [];
}

/** The block after the one by whose time a beacon round is out. */
function openingBlock(round: number, { genesisSeconds, periodSeconds }: Beacon, head: FinalizedHead): number {
  const outAtMs = (genesisSeconds + (round - 1) * periodSeconds) * 1000;
  return head.number + Math.max(0, Math.ceil((outAtMs - head.timestampMs) / (BLOCK_SECONDS * 1000))) + 1;
}

function verdict(facts: Omit<OnChain, 'takesPart' | 'why'>): Pick<OnChain, 'takesPart' | 'why'> {
  const { round, window, registration, locked, submission, refusal, published } = facts;
  const no = (why: string) => ({ takesPart: false, why });
  if (published === true) return { takesPart: true, why: `it is in round ${round}'s submissions.json` };
  if (published === false) return no(`round ${round}'s submissions.json is published without it`);
  if (registration === null) return no('the hotkey is not registered in the subnet');
  if (locked !== null && locked.opensAtBlock <= window.latest) {
    return { takesPart: true, why: `it opens at about block ${locked.opensAtBlock}, within the window` };
  }
  if (submission !== null) return { takesPart: true, why: `it was revealed at block ${submission.revealed_at_block}` };
  if (refusal !== null) return no(tellRefusal(refusal));
  if (locked !== null) return no(`it opens at about block ${locked.opensAtBlock}, after the window's end`);
  return no('nothing of this hotkey is on chain for this round');
}

function tellRefusal(refusal: Refusal): string {
  switch (refusal.code) {
    case 'not_registered':
      return 'the hotkey is not registered in the subnet';
    case 'revealed_before_registration':
      return `what was revealed is older than the hotkey's registration at block ${refusal.registeredAt}`;
    case 'missing_field':
      return `what was revealed lacks ${refusal.fields.join(', ')}`;
    case 'invalid_field':
      return `${refusal.field} of what was revealed ${refusal.detail}`;
    case 'short_name_taken':
      return `${refusal.by}, registered before it, has the same first ten characters and takes part`;
  }
}
