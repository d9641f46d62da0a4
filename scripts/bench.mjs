// Runs the benchmarks: `npm run bench`, or `npm run bench -- render ledger --json FILE` for some of them.
//
// A benchmark is packages/NAME/bench/bench.ts, whose `bench()` gives rows of {name, value, unit}. They run one after
// another, since all cores belong to whichever is measured, and each in a process of its own, since some measure memory.
// The table goes to standard output, progress to standard error.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.resolve(fileURLToPath(import.meta.url), '../..');
const known = readdirSync(path.join(root, 'packages')).filter((name) =>
  existsSync(path.join(root, 'packages', name, 'bench/bench.ts')),
);
const { names, jsonFile } = readArguments();
build(names);

const machine = describeMachine();
console.log(machine.line);
const results = [];
for (const name of names) {
  console.error(`bench: ${name} …`);
  try {
    const rows = await measure(name);
    results.push({ name, rows });
    console.log(`\n${table(name, rows)}`);
  } catch (error) {
    results.push({ name, rows: [], error: error.message });
    console.error(`bench: ${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
if (jsonFile !== undefined) {
  mkdirSync(path.dirname(jsonFile), { recursive: true });
  writeFileSync(jsonFile, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  console.error(`bench: wrote ${jsonFile}`);
}

function readArguments() {
  const usage = `usage: npm run bench -- [${known.join('|')}]… [--json FILE]`;
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    if (values.help === true) {
      console.log(usage);
      process.exit(0);
    }
    const unknown = positionals.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new Error(`no benchmark is called ${unknown.join(', ')}`);
    return {
      names: positionals.length > 0 ? [...new Set(positionals)] : known,
      jsonFile: values.json === undefined ? undefined : path.resolve(values.json),
    };
  } catch (error) {
    console.error(`bench: ${error.message}\n${usage}`);
    process.exit(64);
  }
}

/** Benchmarks are not part of the products' build: they are compiled on demand, next to what they measure. */
function build(wanted) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const projects = wanted.map((name) => path.join('packages', name, 'bench'));
  const done = spawnSync(process.execPath, [tsc, '-b', ...projects], { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) process.exit(1);
}

/** Runs one benchmark. What it prints goes to standard error; its rows come back as a message. */
async function measure(name) {
  const entry = pathToFileURL(path.join(root, 'packages', name, 'dist/bench/bench.js')).href;
  // It does not outlive this process: it would go on using cores, and spoil the next measurement.
  const program = `const end = () => process.exit(1);
process.once('disconnect', end);
const { bench } = await import(${JSON.stringify(entry)});
process.send(await bench(), () => process.off('disconnect', end).disconnect());`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  let rows;
  child.once('message', (message) => {
    rows = message;
  });
  const [status, signal] = await once(child, 'exit');
  if (status !== 0 || rows === undefined) throw new Error(`it ended with ${signal ?? `status ${status}`}`);
  return rows;
}

function describeMachine() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = git('rev-parse', '--short=12', 'HEAD') || 'unknown';
  const facts = {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    commit: git('status', '--porcelain') === '' ? commit : `${commit} with changes`,
    // Anything well above zero before we start says that the figures are a busy machine's.
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
  const { cpu, cores, memoryGiB, system, node } = facts;
  const line =
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}, commit ${facts.commit}, ` +
    `load ${facts.loadBefore} at ${facts.at}`;
  return { line, ...facts };
}

function table(name, rows) {
  const lines = rows.map((row) => [row.name, figures(row.value), row.unit]);
  const width = (column) => Math.max(...lines.map((line) => line[column].length));
  const [nameWidth, valueWidth] = [width(0), width(1)];
  const body = lines.map(([row, value, unit]) => `  ${row.padEnd(nameWidth)}  ${value.padStart(valueWidth)} ${unit}`);
  return [name, ...body].join('\n');
}

/** Three significant figures, without an exponent: no measurement here is better than that. */
function figures(value) {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 6));
}
