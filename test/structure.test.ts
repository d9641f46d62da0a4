import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = path.resolve(fileURLToPath(import.meta.url), '../..');

/** The packages in the order of the architecture: each may depend on those before it only. */
const PACKAGES = [
  ...[
    'schema',
    'git',
    'rules',
    'ledger',
    'audit',
    'audit-testing',
    'store',
    'chain',
    'devnet',
    'processes',
    'render',
    'embed',
    'judge',
    'pods',
  ],
  ...['service-kit', 'dev-env', 'cli'],
];
const PURE = ['schema', 'rules'];
/** The competitions that have a folder in packages. */
const COMPETITIONS = ['gen3d'];
/** The packages whose shared part knows none of them. */
const SHARED = [
  ...['schema', 'git', 'rules', 'ledger', 'audit', 'store', 'chain', 'devnet', 'processes', 'judge', 'pods'],
  ...['service-kit', 'dev-env'],
];
/** Where a repository's competition is chosen, which takes knowing them all. */
const CHOOSES = 'packages/schema/src/competitions.ts';

const json = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const folders = (parent: string) => readdirSync(path.join(root, parent)).sort();
const places = [
  ...PACKAGES.map((name) => `packages/${name}`),
  ...folders('services').map((name) => `services/${name}`),
];

function workspaceDependencies(place: string): string[] {
  const manifest = json(`${place}/package.json`);
  return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
    .filter((name) => name.startsWith('@tiltyard/'))
    .map((name) => name.slice('@tiltyard/'.length))
    .sort();
}

/** What an installation of a package brings along, without what it needs for development only, and without what is optional. */
function closure(place: string): readonly string[] {
  const direct = Object.keys(json(`${place}/package.json`).dependencies ?? {});
  const own = direct.filter((name) => name.startsWith('@tiltyard/'));
  return [...direct, ...own.flatMap((name) => closure(name.replace('@tiltyard', 'packages')))];
}

function references(configFile: string): string[] {
  const references: { path: string }[] = json(configFile).references ?? [];
  return references.map((reference) =>
    path.relative(root, path.resolve(root, path.dirname(configFile), reference.path)),
  );
}

function sources(place: string): string[] {
  return readdirSync(path.join(root, place, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(root, place, 'src', file));
}

function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g),
  ].map((match) => match[1] ?? match[2] ?? '');
}

/** The competition whose folder a file lies in. */
function competitionOfFile(file: string): string | undefined {
  return COMPETITIONS.find((name) => path.relative(root, file).split(path.sep).includes(name));
}

/** The competition that an import is of. */
function importedCompetition(from: string): string | undefined {
  return COMPETITIONS.find((name) => from.split('/').includes(name));
}

describe('the structure of the workspace', () => {
  it('lists every package in the architecture’s order', () => {
    expect(folders('packages')).toEqual([...PACKAGES].sort());
  });

  it.each(PACKAGES)('%s depends only on packages above it', (name) => {
    const above = PACKAGES.slice(0, PACKAGES.indexOf(name));
    expect(workspaceDependencies(`packages/${name}`).filter((other) => !above.includes(other))).toEqual([]);
  });

  it.each(folders('services'))('the service %s depends on packages only, and not on dev-env, devnet or cli', (name) => {
    const allowed = PACKAGES.filter((other) => !['devnet', 'dev-env', 'cli'].includes(other));
    expect(workspaceDependencies(`services/${name}`).filter((other) => !allowed.includes(other))).toEqual([]);
  });

  it.each(places)('%s references exactly the projects that its manifest names', (place) => {
    const wanted = workspaceDependencies(place).map((name) => `packages/${name}`);
    expect(references(`${place}/tsconfig.json`).sort()).toEqual(wanted);
  });

  it('builds every project and its tests', () => {
    expect(references('tsconfig.json').sort()).toEqual(places.flatMap((place) => [place, `${place}/test`]).sort());
  });

  it.each(places)(
    '%s is read from its sources by tests: each export that has types names the source of its build',
    (place) => {
      for (const entry of Object.values<string | Record<string, string>>(json(`${place}/package.json`).exports)) {
        if (typeof entry === 'string') continue; // what is started as a process
        const source = entry.default?.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
        expect(Object.keys(entry)).toEqual(['source', 'types', 'default']);
        expect(entry.source).toBe(source);
        expect(existsSync(path.join(root, place, entry.source ?? ''))).toBe(true);
      }
    },
  );

  it.each(PURE)('%s imports nothing but zod, the standard library and what is above it', (name) => {
    const foreign = sources(`packages/${name}`).flatMap((file) =>
      imports(file).filter(
        (from) => !from.startsWith('.') && !/^(zod|node:crypto|@tiltyard\/schema(\/gen3d)?)$/.test(from),
      ),
    );
    expect(foreign).toEqual([]);
  });

  it.each(['services/weight-setter', 'services/round-manager', 'packages/audit', 'packages/cli'])(
    '%s carries no renderer, no object store and no model',
    (place) => {
      const brought = closure(place);
      expect(brought).toContain('simple-git');
      expect(brought.filter((name) => /^(gl|sharp|three|onnxruntime-node|@aws-sdk\/.*)$/.test(name))).toEqual([]);
    },
  );

  it.each(SHARED)('%s is of no one competition', (name) => {
    const own = sources(`packages/${name}`).filter((file) => competitionOfFile(file) === undefined);
    const wrong = own.filter((file) => imports(file).some((from) => importedCompetition(from) !== undefined));
    expect(own.length).toBeGreaterThan(0);
    expect(wrong.map((file) => path.relative(root, file)).filter((file) => file !== CHOOSES)).toEqual([]);
  });

  it('chooses between competitions in one place', () => {
    expect(imports(path.join(root, CHOOSES)).map(importedCompetition)).toContain('gen3d');
  });

  it.each(COMPETITIONS)('%s imports no other competition', (name) => {
    const own = places.flatMap(sources).filter((file) => competitionOfFile(file) === name);
    const foreign = own.filter((file) =>
      imports(file).some((from) => ![undefined, name].includes(importedCompetition(from))),
    );
    expect(own.length).toBeGreaterThan(0);
    expect(foreign).toEqual([]);
  });

  it.each(places)('%s has no folder of more than twenty source files', (place) => {
    const folders = sources(place).map((file) => path.dirname(path.relative(root, file)));
    const crowded = folders.filter((folder) => folders.filter((other) => other === folder).length > 20);
    expect([...new Set(crowded)]).toEqual([]);
  });

  it.each(places)('%s keeps what its tests share in test/support, and data in test/vectors', (place) => {
    const files = readdirSync(path.join(root, place, 'test'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(path.join(root, place, 'test'), path.join(entry.parentPath, entry.name)));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !/^(support|vectors)\/|\.test\.ts$|^tsconfig\.json$/.test(file))).toEqual([]);
  });

  it.each(places)('%s imports only what its manifest names', (place) => {
    const manifest = json(`${place}/package.json`);
    const named = new Set([
      ...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }),
      manifest.name,
    ]);
    const unnamed = sources(place).flatMap((file) =>
      imports(file)
        .filter((from) => !from.startsWith('.') && !from.startsWith('node:'))
        .map((from) =>
          from
            .split('/')
            .slice(0, from.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((from) => !named.has(from)),
    );
    expect(unnamed).toEqual([]);
  });
});
