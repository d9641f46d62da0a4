import { LIGHTINGS } from '@tiltyard/schema/gen3d';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { InitOptions } from '../actions/init/init.js';
import { type Context, commandWith, type GlobalOptions, report } from '../command.js';
import { chainOption } from '../options/chain-option.js';
import { collect, parseBlock, parseNetuid } from '../options/option-values.js';

const LEADER = '--leader-hotkey 5E7eSe… --repo org/base --commit 4f0c…40 digits --image registry/base@sha256:…';

/** `tiltyard init`: a competition's first commit. */
export function initCommand(context: Context): Command {
  const command = commandWith('init', 'Start a competition: the first commit of its public state repository.', [
    [
      `init --out ./look --config config.json --prompts prompts.txt ${LEADER} --network finney`,
      'write the files to a folder to look at; nothing is published',
    ],
    [
      `init --remote git@github.com:org/state.git --config config.json --prompts prompts.txt ${LEADER} --network finney --signing-key ~/.ssh/operator --signer judge-service=judge.pub`,
      'publish them, signed, to an empty repository',
    ],
    [
      `init --remote /srv/state.git --name chairs --netuid 17 --first-date 2026-12-01 --last-date 2027-12-01 --judge-model zai-org/GLM-4.1V-9B-Thinking --prompts prompts.txt ${LEADER} --block 4501230 --time 2026-11-20T08:00:00Z`,
      'from the template, without asking a chain',
    ],
  ]);
  return withLeader(withCompetition(command))
    .addOption(chainOption("schedule round 0 by this chain's clock, and name the chain in config.json"))
    .option('--block <number>', 'without asking a chain: a block …', parseBlock)
    .option('--time <time>', '… and its time, as 2026-11-20T08:00:00Z')
    .option('--signing-key <file>', 'an SSH key to sign the commit with; FILE.pub goes to allowed_signers')
    .option('--signer <service=file.pub>', 'whose key signs for a service; may be repeated', collect)
    .addOption(new Option('--lighting <name>', 'how files are lit').choices(LIGHTINGS).default('studio@1'))
    .option('--renderer <text>', "what renders, for rules.json (default: this machine's renderer)")
    .action(async (_options: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & InitOptions>();
      const { init } = await import('../actions/init/init.js');
      report(context, options, await init(options, context.terminal));
    });
}

function withCompetition(command: Command): Command {
  return command
    .option('--remote <url|dir>', 'an empty repository')
    .option('--branch <name>', 'its branch', 'main')
    .option('--out <dir>', 'dry run: write the files to this folder instead')
    .option('--config <file>', 'config.json (default: the template, with the options below)')
    .option('--name <name>', "the competition's title: letters, digits, blanks, . _ -; rounds are named by its slug")
    .option('--description <text>', 'what it is about')
    .option('--netuid <number>', 'its subnet', parseNetuid)
    .option('--first-date <date>', 'the first day of a round, YYYY-MM-DD')
    .option('--last-date <date>', 'the last one')
    .option('--judge-model <name>', 'the model that judges, as its endpoint names it')
    .requiredOption('--prompts <file>', 'the prompt pool: an image URL or "text: …" a line');
}

function withLeader(command: Command): Command {
  return command
    .requiredOption('--leader-hotkey <ss58>', 'who defends in round 0')
    .requiredOption('--repo <owner/name>', "the base leader's repository")
    .requiredOption('--commit <hash>', 'its commit')
    .requiredOption('--image <reference>', 'its container image')
    .option('--leader-weight <share>', 'what the base leader is paid, 0 to 1 (the rest is burnt)', parseShare, 0);
}

function parseShare(text: string): number {
  const share = Number(text);
  if (!/^(?:\d+|\d*\.\d+)$/.test(text) || share > 1) throw new InvalidArgumentError('It is not a number from 0 to 1.');
  return share;
}
