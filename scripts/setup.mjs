#!/usr/bin/env node
// Sets everything up from a fresh clone, then runs what `--then` names with the rest of the arguments.
// Plain JavaScript on purpose: it runs before anything is installed. Idempotent, and quick when there is nothing to do.
// All it says goes to standard error, so that a program's `--json` stays alone on standard output.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkVulkanLoader, nodeHeaders } from './gl-addon.mjs';
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
  dev: ['packages/cli/bin/tiltyard.js', 'dev'],
  test: ['node_modules/vitest/vitest.mjs', 'run'],
  bench: ['scripts/bench.mjs'],
  check: ['scripts/check.mjs'],
};
const NEEDS_RENDERING = ['demo', 'dev', 'test', 'bench'];

const started = process.hrtime.bigint();
const [flag, program, ...rest] = process.argv.slice(2);
if (flag !== undefined && (flag !== '--then' || PROGRAMS[program] === undefined)) {
  fail(`usage: node scripts/setup.mjs [--then ${Object.keys(PROGRAMS).join('|')} [ARGUMENTS]]`, 2);
}

checkNode();
installDebianPackages(program === 'test' ? [...DEBIAN_PACKAGES, ...DEBIAN_PACKAGES_FOR_TESTS] : DEBIAN_PACKAGES);
installDependencies();
build();
const renderingIsOff = linkVulkanLoader(path.join(root, 'packages/render'));
if (renderingIsOff !== undefined) {
  const text = `rendering is off: ${renderingIsOff}.`;
  if (NEEDS_RENDERING.includes(program)) fail(text);
  say(text, 'Auditing, status and submit work without it.');
}

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
    if (process.platform === 'linux')
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
  const wanted = `${process.version} ${dependencyDigest()}`;
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed === wanted) return;
  const [builtBy = ''] = installed.split(' ');
  if (builtBy.startsWith('v') && builtBy !== process.version) {
    say(`this tree was built by Node ${builtBy}; it is built again for ${process.version}`);
    rmSync(path.join(root, 'node_modules'), { recursive: true, force: true });
  }
  say('installing npm packages with', PNPM);
  const env = { ...process.env, ...writableHome() };
  // gl's addon is compiled. Without headers, its install tries to download a finished one.
  const headers = nodeHeaders(path.resolve(realpathSync(process.execPath), '../..'), path.join(root, '.tiltyard'), env);
  if (headers !== undefined) {
    env.npm_config_nodedir = headers;
    env.npm_config_build_from_source = 'true';
  }
  // npm warns of the two settings above, which are gl's build's and not its own.
  run('npx', ['--yes', '--loglevel=error', PNPM, 'install', '--frozen-lockfile'], { env });
  writeFileSync(stamp, wanted);
}

/** Where HOME cannot be written to, npm and pnpm keep their caches in the checkout; settings are still HOME's. */
function writableHome() {
  const home = os.homedir();
  try {
    accessSync(home, constants.W_OK);
    return {};
  } catch {
    const inside = path.join(root, '.tiltyard/home');
    mkdirSync(inside, { recursive: true });
    say(`${home} cannot be written to: caches go to ${inside}`);
    const userconfig = process.env.npm_config_userconfig ?? path.join(home, '.npmrc');
    return { HOME: inside, npm_config_cache: path.join(inside, '.npm'), npm_config_userconfig: userconfig };
  }
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
