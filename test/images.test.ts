import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = path.resolve(fileURLToPath(import.meta.url), '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const services = readdirSync(path.join(root, 'services')).sort();
const dockerfile = (service: string) => read(`docker/${service}.Dockerfile`);

/** Whether a service draws pictures. */
function renders(service: string): boolean {
  const { dependencies } = JSON.parse(read(`services/${service}/package.json`)) as { dependencies: object };
  return '@tiltyard/render' in dependencies;
}

/** The entry of a service in compose.yaml: its lines, as far as they are indented below its name. */
function composeEntry(service: string): string {
  return new RegExp(`^ {2}${service}:\n((?: {4}.*\n|\n)+)`, 'm').exec(read('docker/compose.yaml'))?.[1] ?? '';
}

/** The variables that an example of an env file names, commented out or not. */
function variablesOf(name: string): readonly string[] {
  return [...read(`docker/${name}.env.example`).matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1] ?? '');
}

describe('the images', () => {
  it('are one for each service, and one for auditors', () => {
    const files = readdirSync(path.join(root, 'docker')).filter((name) => name.endsWith('.Dockerfile'));
    expect(files.sort()).toEqual(['auditor', ...services].sort().map((name) => `${name}.Dockerfile`));
  });

  it('are built with the package manager of the set-up', () => {
    const pnpm = /const PNPM = '(pnpm@[\d.]+)'/.exec(read('scripts/setup.mjs'))?.[1];
    expect(pnpm).toBeDefined();
    for (const name of ['auditor', ...services]) expect(dockerfile(name)).toContain(`"npx --yes ${pnpm}"`);
  });
});

describe.each(services)('the image of %s', (service) => {
  const text = dockerfile(service);

  it('copies what exists and what the build context lets through', () => {
    const copies = [...text.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' ').slice(0, -1),
    );
    expect(copies.length).toBeGreaterThan(0);
    expect(copies.filter((source) => !existsSync(path.join(root, source)))).toEqual([]);
    const passed = read('.dockerignore').split('\n');
    expect(copies.filter((source) => !passed.includes(`!${source}`))).toEqual([]);
  });

  it('builds, installs and runs this service', () => {
    const manifest = JSON.parse(read(`services/${service}/package.json`)) as {
      name: string;
      exports: { './main': string };
    };
    expect(text).toContain(`--filter "${manifest.name}..."`);
    expect(text).toContain(`--filter "${manifest.name}" deploy --prod `);
    expect(text).toContain(`tsc -b services/${service} `);
    expect(text).toContain(`CMD ["node", "${path.posix.normalize(manifest.exports['./main'])}"]`);
  });

  it('holds what rendering needs exactly when the service renders', () => {
    const setup = read('scripts/setup.mjs');
    const list = /const DEBIAN_PACKAGES = \[\n\s*\.\.\.\[(.*?)\]/s.exec(setup)?.[1] ?? '';
    const packages = [...list.matchAll(/'([\w-]+)'/g)].map((match) => match[1] ?? '');
    expect(packages.length).toBeGreaterThan(3);
    const installed = packages.filter((name) => text.includes(` ${name}`));
    expect(installed).toEqual(renders(service) ? packages : []);
    expect(text.includes('/build/Release/libvulkan.so.1')).toBe(renders(service));
    expect(text.includes('npm_config_build_from_source=true')).toBe(renders(service));
  });

  it('can be read by the user that it runs as, whatever the checkout’s permissions', () => {
    expect(text).toMatch(/ \\\n && chmod -R a\+rX \/deployed\n/);
  });

  it('runs without privileges, says which commit it is and whether it is well', () => {
    expect(text).toMatch(/^USER node$/m);
    expect(text).toMatch(/^ARG TILTYARD_COMMIT/m);
    expect(text).toContain('TILTYARD_COMMIT=$TILTYARD_COMMIT');
    expect(text).toContain('/healthz');
  });

  it('has an entry in compose.yaml that uses it', () => {
    const entry = composeEntry(service);
    expect(entry).toContain(`dockerfile: docker/${service}.Dockerfile`);
    expect(entry).toContain(`volumes: ["${service}:/data"`);
  });
});

describe('compose.yaml', () => {
  const text = read('docker/compose.yaml');

  it('mounts only volumes and secrets that it declares', () => {
    const [, declared = ''] = text.split(/^volumes:\n/m);
    const [volumes = '', secrets = ''] = declared.split(/^secrets:\n/m);
    const names = (block: string) => [...block.matchAll(/^ {2}([\w-]+):/gm)].map((match) => match[1] ?? '');
    const usedVolumes = [...text.matchAll(/"([a-z-]+):\/\w+/g)].map((match) => match[1] ?? '');
    const usedSecrets = [...text.matchAll(/^ {4}secrets: \[(.*)\]$/gm)].flatMap((match) =>
      (match[1] ?? '').split(', '),
    );
    expect([...new Set(usedVolumes)].sort()).toEqual(names(volumes).sort());
    expect([...new Set(usedSecrets)].sort()).toEqual(names(secrets).sort());
    const mounted = [...text.matchAll(/\/run\/secrets\/([\w-]+)/g)].map((match) => match[1] ?? '');
    expect(mounted.filter((name) => !names(secrets).includes(name))).toEqual([]);
  });

  it('gives a container the shared file, which holds no secret, and the file of its own name', () => {
    const secret = /KEY|TOKEN|PASSWORD|SECRET|WEBHOOK|CREDENTIAL/;
    expect(variablesOf('tiltyard').filter((name) => secret.test(name))).toEqual([]);
    for (const service of services)
      expect(composeEntry(service)).toContain(`env_file: [tiltyard.env, ${service}.env]\n`);
    // The server of objects is given none.
    expect(text.match(/env_file/g)).toHaveLength(services.length);
    const example = (name: string) => variablesOf(name).filter((variable) => secret.test(variable));
    expect(services.filter((service) => example(service).includes('JUDGE_API_KEY'))).toEqual(['judge-service']);
    expect(services.filter((service) => example(service).includes('STORE_S3_SECRET_ACCESS_KEY'))).toEqual(
      services.filter((service) => !['round-manager', 'weight-setter'].includes(service)),
    );
  });

  it('and its examples configure by variables that docs/operating.md describes', () => {
    const documented = read('docs/operating.md');
    const named = [
      ...['tiltyard', ...services].flatMap(variablesOf),
      ...[...text.matchAll(/^ {6}([A-Z][A-Z0-9_]+):/gm)].map((match) => match[1] ?? ''),
    ];
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('the workflows', () => {
  const files = ['.github/workflows/ci.yml', 'competition-state/.github/workflows/build.yml'];

  it.each(files)('%s runs strangers’ actions by commit, not by a tag that can be moved', (file) => {
    const used = [...read(file).matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map((match) => match[1] ?? '');
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });
});
