#!/usr/bin/env node
// Sets everything up from a fresh clone, then runs what `--then` names with the rest of the arguments.
// Plain JavaScript on purpose: it runs before anything is installed. Idempotent, and quick when there is nothing to do.
// All it says goes to standard error, so that a program's `--json` stays alone on standard output.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLeftByNpm, runToItsEnd } from './run-to-its-end.mjs';

const root = path.resolve(fileURLToPath(import.meta.url), '../..');
const PNPM = 'pnpm@12.21.0';

/** What rendering needs at run time, what gl is built with, and git. */
const DEBIAN_PACKAGES = [
  ...['mesa-vulkan-drivers', 'libvulkan1', 'libx11-6', 'libxext6', 'libxcb1', 'libdrm2'],
  ...['git', 'openssh-client', 'ca-certificates', 'python3', 'make', 'g++'],
];
/** What only tests need: a browser for the demo's page, and fault injection. */
const DEBIAN_PACKAGES_FOR_TESTS = ['chromium', 'strace'];

const PROGRAMS = {
  demo: ['packages/cli/bin/tiltyard.js', 'demo'],
  test: ['node_modules/vitest/vitest.mjs', 'run'],
  bench: ['scripts/bench.mjs'],
  check: ['scripts/check.mjs'],
};

const started = process.hrtime.bigint();
const [flag, program, ...rest] = process.argv.slice(2);
if (flag !== undefined && (flag !== '--then' || PROGRAMS[program] === undefined)) {
  fail(`usage: node scripts/setup.mjs [--then ${Object.keys(PROGRAMS).join('|')} [ARGUMENTS]]`, 2);
}

checkNode();
installDebianPackages(program === 'test' ? [...DEBIAN_PACKAGES, ...DEBIAN_PACKAGES_FOR_TESTS] : DEBIAN_PACKAGES);
installDependencies();
linkVulkanLoader();
build();

const setupSeconds = Number(process.hrtime.bigint() - started) / 1e9;
say(`ready after ${setupSeconds.toFixed(1)} s`);
if (program !== undefined) {
  if (isLeftByNpm()) fail('interrupted', 143);
  const [script, ...args] = PROGRAMS[program];
  const env = { ...process.env, TILTYARD_SETUP_SECONDS: setupSeconds.toFixed(3) };
  process.exitCode = await runToItsEnd([path.join(root, script), ...args, ...rest], { cwd: root, env });
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node 20.19 or newer is needed; this is ${process.version}.`);
}

function installDebianPackages(wanted) {
  if (spawnSync('dpkg-query', ['--version']).status !== 0) {
    say('this is not a Debian system: install the equivalents of', wanted.join(' '), 'yourself.');
    return;
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted], {
    encoding: 'utf8',
  });
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length === 0) return;
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0) {
    fail(
      `Debian packages are missing. Run this, then try again:\n\n    sudo apt-get update && sudo apt-get ${install.join(' ')}\n`,
    );
  }
  say('installing Debian packages:', missing.join(' '));
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '--quiet=2'], { env });
  run('apt-get', [...install, '--quiet=2'], { env });
}

function installDependencies() {
  const stamp = path.join(root, 'node_modules', '.tiltyard-installed');
  const wanted = dependencyDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing npm packages with', PNPM);
  const env = { ...process.env };
  // gl's addon is compiled against Node's headers. Where they lie beside this Node, nothing needs to be downloaded.
  const prefix = path.resolve(realpathSync(process.execPath), '../..');
  if (existsSync(path.join(prefix, 'include/node/node_api.h'))) {
    env.npm_config_nodedir = prefix;
    env.npm_config_build_from_source = 'true';
  } else say("Node's headers are not beside this Node: building gl will download them.");
  // npm warns of the two settings above, which are gl's build's and not its own.
  run('npx', ['--yes', '--loglevel=error', PNPM, 'install', '--frozen-lockfile'], { env });
  writeFileSync(stamp, wanted);
}

/** A digest of all that decides what an install gives: the lockfile, the manifests and this Node. */
function dependencyDigest() {
  const hash = createHash('sha256').update(process.version);
  const manifests = ['packages', 'services'].flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((name) => path.join(folder, name, 'package.json')),
  );
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests.sort()]) {
    const full = path.join(root, file);
    if (existsSync(full)) hash.update(file).update(readFileSync(full));
  }
  return hash.digest('hex');
}

/** ANGLE looks for the Vulkan loader only beside gl's addon; every rebuild of gl removes the link. */
function linkVulkanLoader() {
  const gl = realpathSync(path.join(root, 'packages/render/node_modules/gl'));
  const folder = path.join(gl, 'build/Release');
  if (!existsSync(path.join(folder, 'webgl.node'))) {
    rmSync(path.join(root, 'node_modules/.tiltyard-installed'), { force: true });
    fail(
      `gl was not built (no ${path.join(folder, 'webgl.node')}). Run the command again and read what gl's install says.`,
    );
  }
  const link = path.join(folder, 'libvulkan.so.1');
  if (existsSync(link)) return;
  const cache = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
  const library = /libvulkan\.so\.1 .*=> (.+)/.exec(cache)?.[1];
  if (library === undefined) fail('libvulkan.so.1 is not installed (Debian: libvulkan1).');
  mkdirSync(folder, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(library, link);
  say(`linked ${library} beside gl's addon`);
}

function build() {
  if (!existsSync(path.join(root, 'packages/cli/dist'))) say('building');
  run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b']);
}

function run(command, args, { env = process.env } = {}) {
  const done = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (done.status !== 0)
    fail(`"${path.basename(command)} ${args.join(' ')}" failed${done.error ? `: ${done.error.message}` : ''}.`);
}

function say(...words) {
  console.error('set-up:', ...words);
}

function fail(message, status = 1) {
  console.error(`set-up: ${message}`);
  process.exit(status);
}
