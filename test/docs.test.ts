import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { RULES } from '../packages/audit/src/gen3d/rule-names.js';

const root = path.resolve(fileURLToPath(import.meta.url), '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const folders = (parent: string) => readdirSync(path.join(root, parent)).sort();

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...folders('docs')
    .filter((name) => name.endsWith('.md'))
    .map(inDocs),
];

function inDocs(name: string): string {
  return `docs/${name}`;
}

/** Everything below a place's src. */
const sourcesOf = (place: string) =>
  readdirSync(path.join(root, place, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(`${place}/src/${file}`));

const serviceSources = [...folders('services').map((name) => `services/${name}`), 'packages/service-kit'].flatMap(
  sourcesOf,
);

/** Sources of everything that runs in production: the services, and the packages that they may depend on. */
const sources = [
  ...serviceSources,
  ...folders('packages')
    .filter((name) => !['cli', 'dev-env', 'devnet', 'service-kit'].includes(name))
    .flatMap((name) => sourcesOf(`packages/${name}`)),
];

/** A variable and, where its schema says so in place, its default. */
interface Variable {
  readonly name: string;
  readonly default: string | undefined;
}

/** Variables as the sources declare or read them: schemas called …VARIABLES, `env.NAME`, and everything TILTYARD_…. */
function declaredVariables(text: string): readonly Variable[] {
  const blocks = [...text.matchAll(/const \w*VARIABLES\b[^=]*= \{(.*?)\}(?: as const)?;/gs)].map(
    (match) => match[1] ?? '',
  );
  const keys = blocks.flatMap((block) =>
    [...block.matchAll(/^ {2}([A-Z][A-Z0-9_]+):(.*?)(?=^ {2}[A-Z]|$(?![\s\S]))/gms)].map(
      ([, name = '', schema = '']) => ({
        name,
        default: /\.(?:default|prefault)\(\s*'?(.*?)'?\s*\)/.exec(schema)?.[1]?.replaceAll('_', ''),
      }),
    ),
  );
  const names = [
    ...blocks.flatMap((block) => [...block.matchAll(/'([A-Z][A-Z0-9_]+)'/g)]),
    ...text.matchAll(/\b(?:env|environment|ambient)\.([A-Z][A-Z0-9_]+)/g),
    ...text.matchAll(/\b(TILTYARD_[A-Z_]*[A-Z])\b/g),
  ].map((match) => ({ name: match[1] ?? '', default: undefined }));
  return [...keys, ...names];
}

/** Rows of the tables of variables: name and what its default column holds. */
function documentedVariables(): ReadonlyMap<string, string> {
  const rows = [...read('docs/operating.md').matchAll(/^\| `([A-Z][A-Z0-9_]+)`[^|]*\|([^|]*)\|/gm)];
  return new Map(rows.map((row) => [row[1] ?? '', (row[2] ?? '').trim()]));
}

/** The system's, our own for our own processes, and what the choice of a driver sets anyway. */
const NOT_FOR_OPERATORS = new Set([
  'PATH',
  'HOME',
  'LD_LIBRARY_PATH',
  'DEBUG',
  'TILTYARD_POD',
  'LP_NATIVE_VECTOR_WIDTH',
]);

describe('docs/operating.md', () => {
  const declared = sources.flatMap(declaredVariables).filter(({ name }) => !NOT_FOR_OPERATORS.has(name));
  const documented = documentedVariables();

  it('describes every variable that a service reads', () => {
    expect(declared.length).toBeGreaterThan(50);
    const missing = declared.map(({ name }) => name).filter((name) => !documented.has(name));
    expect([...new Set(missing)]).toEqual([]);
  });

  it('describes no variable that nothing reads', () => {
    const words = new Set(sources.flatMap((text) => text.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []));
    expect([...documented.keys()].filter((name) => !words.has(name))).toEqual([]);
  });

  it.each(declared.filter((variable) => variable.default !== undefined))('tells the default of $name', (variable) => {
    expect(documented.get(variable.name)?.replaceAll('`', '')).toContain(variable.default);
  });

  it('explains every notice', () => {
    // Every text on a line that sets a title; the placeholders of a template stand as N in the document.
    const titles = serviceSources.flatMap((text) =>
      [...text.matchAll(/\btitle\s*[:=](?!=)(.*)$/gm)].flatMap((line) =>
        [...(line[1] ?? '').matchAll(/(['"`])([A-Z].*?)\1/g)].map((match) =>
          (match[2] ?? '').replaceAll(/\$\{\w+\}/g, 'N'),
        ),
      ),
    );
    expect(titles.length).toBeGreaterThan(5);
    expect(titles.filter((title) => !read('docs/operating.md').includes(title))).toEqual([]);
  });
});

describe('docs/operating.md, on what a service says of itself', () => {
  const text = read('docs/operating.md');
  /** What stands in backquotes in the first column of the table that begins with this. */
  const firstColumn = (title: string) => {
    const rows = (text.split(`\n| ${title} `)[1]?.split('\n\n')[0] ?? '').split('\n').slice(2);
    return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''));
  };

  it('lists the kinds of what is stuck, and no others', () => {
    const kinds = [...read('packages/service-kit/src/stuck.ts').matchAll(/^ {2}(\w+): '(?:fault|by_rule)',$/gm)];
    expect(kinds.length).toBeGreaterThan(10);
    expect(firstColumn('kind of `tiltyard_stuck`').sort()).toEqual(kinds.map((match) => match[1]).sort());
  });

  it('lists the exit statuses', () => {
    const declared = [...read('packages/service-kit/src/config/command-line.ts').matchAll(/const EXIT_\w+ = (\d+);/g)];
    expect(declared).toHaveLength(2);
    for (const [, status] of declared) expect(text).toMatch(new RegExp(`^\\| ${status} `, 'm'));
  });
});

describe('docs/mining.md', () => {
  const text = read('docs/mining.md');
  const codes = (file: string, union: string) => {
    const block = new RegExp(`export type ${union} =(.*?);\n\n`, 's').exec(read(file))?.[1] ?? '';
    return [...block.matchAll(/code: '([a-z_]+)'|^ {2}\| '([a-z_]+)'/gm)].map((match) => match[1] ?? match[2] ?? '');
  };

  it.each([
    ['downloads', codes('packages/store/src/download/download-failure.ts', 'DownloadCode')],
    ['checks of a GLB', codes('packages/render/src/glb-fault.ts', 'GlbFault')],
  ])('lists every code of %s', (_what, known) => {
    expect(known.length).toBeGreaterThan(8);
    expect(known.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });

  it('lists every fault of a container that is the miner’s', () => {
    const judged =
      /export function isMinersFault.*?return true;/s.exec(read('packages/pods/src/pod-error.ts'))?.[0] ?? '';
    const known = [...judged.matchAll(/case '([a-z_]+)'/g)].map((match) => match[1] ?? '');
    expect(known.length).toBeGreaterThan(3);
    expect(known.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});

describe('docs/benchmarks.md', () => {
  const benches = folders('packages').filter((name) => existsSync(path.join(root, 'packages', name, 'bench/bench.ts')));

  it('names every benchmark', () => {
    const text = read('docs/benchmarks.md');
    expect(benches.filter((name) => !text.includes(`\n| \`${name}\` `))).toEqual([]);
  });

  it.each(benches)('%s can be compiled on its own', (name) => {
    expect(existsSync(path.join(root, 'packages', name, 'bench/tsconfig.json'))).toBe(true);
  });
});

describe('docs/auditing.md', () => {
  it('lists exactly the rules that the auditor has, by their ids and names, in its order', () => {
    const rows = [
      ...read('docs/auditing.md').matchAll(/^\| ([A-Z]\d+[a-z]?) +\| ([\w-]+) +\| \w+ +\| (.*?)(?: \\\*)? *\|$/gm),
    ];
    expect(rows.map(([, id, name, says]) => ({ id, name, says }))).toEqual(
      Object.entries(RULES).map(([id, rule]) => ({ id, ...rule })),
    );
  });
});

describe('README.md', () => {
  it('names every package and service', () => {
    const text = read('README.md');
    const places = [...folders('packages'), ...folders('services')];
    expect(places.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

const anchors = (file: string) => [...read(file).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ''));

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  it('links to what is there', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !/^https?:/.test(link));
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? document : path.join(path.dirname(document), file);
      if (!existsSync(path.join(root, target))) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('runs scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = [...text.matchAll(/npm (?:run (?:--silent )?([a-z]+)|(test))\b/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('comments', () => {
  const files = execFileSync('git', ['ls-files', 'packages', 'services', 'scripts', 'test', 'test-support', 'docker'], {
    cwd: root,
    encoding: 'utf8',
  });
  const lines = files
    .split('\n')
    .filter((file) => /\.(?:ts|mjs|js|yaml|example|Dockerfile)$/.test(file) && existsSync(path.join(root, file)))
    .flatMap((file) =>
      read(file)
        .split('\n')
        .map((text, at) => ({ at: `${file}:${at + 1}`, text })),
    );

  it('cite by @see what a reader can open: a page of ours, an address, an RFC, a page of the manual', () => {
    const cited = lines.flatMap(({ at, text }) => {
      const target = /(?:\*|\.) @see (.*?)(?: \*\/)?$/.exec(text)?.[1];
      return target === undefined ? [] : [{ at, target }];
    });
    expect(cited.length).toBeGreaterThan(80);
    const known = /^(?:[\w/-]+\.md#[\w-]+|https:\/\/[^\s,]+|RFC \d+|\w+\(\d\))/;
    expect(cited.filter(({ target }) => !known.test(target))).toEqual([]);
    const addresses = cited.flatMap(({ target }) => target.match(/https?:[^\s,]*/g) ?? []);
    expect(addresses.filter((address) => !URL.canParse(address))).toEqual([]);
  });

  it('name pages and headings of ours that are there', () => {
    const named = lines.flatMap(({ at, text }) =>
      [...text.matchAll(/(?<![\w./{}-])([a-z][\w/-]*\.md)(?:#([\w-]+))?/g)].map(([, file = '', anchor]) => {
        return { at, file, anchor };
      }),
    );
    expect(named.length).toBeGreaterThan(80);
    const isThere = (file: string, anchor: string | undefined) =>
      existsSync(path.join(root, file)) && (anchor === undefined || anchors(file).includes(anchor));
    expect(named.filter(({ file, anchor }) => !isThere(file, anchor))).toEqual([]);
  });
});

/** Command lines in the documents' code blocks: `tiltyard COMMAND [SUBCOMMAND] …`. */
const commandLines = DOCUMENTS.flatMap((document) =>
  [...read(document).matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap((block) => (block[1] ?? '').replaceAll(/\\\n/g, ' ').split('\n'))
    .flatMap((line) => /^(?:npx )?tiltyard (.+)$/.exec(line.trim())?.[1] ?? []),
);

describe('the tiltyard command', () => {
  const help = new Map<string, string>();
  const helpOf = (words: readonly string[]) => {
    const key = words.join(' ');
    const known =
      help.get(key) ??
      execFileSync(process.execPath, [path.join(root, 'packages/cli/bin/tiltyard.js'), ...words, '--help'], {
        encoding: 'utf8',
      });
    help.set(key, known);
    return known;
  };

  it.each([...new Set(commandLines)])('knows: %s', (line) => {
    const words = line.split('#')[0]?.trim().split(/\s+/) ?? [];
    const [command = '', second = ''] = words;
    const overview = helpOf([command]);
    const isSubcommand = new RegExp(`^ {2}${second}\\b`, 'm').test(/^Commands:\n(.*)/ms.exec(overview)?.[1] ?? '');
    const page = isSubcommand ? helpOf([command, second]) : overview;
    expect(page).toContain(`Usage: tiltyard ${command}`);
    const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
    expect(options.filter((option) => !new RegExp(`${option}\\b`).test(page))).toEqual([]);
  });
});
