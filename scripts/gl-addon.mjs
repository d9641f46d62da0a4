// What rendering needs of the machine: headless-gl's addon, built for this Node, and the Vulkan loader next to it.
// Auditing, status and submit do without, so nothing here ends the set-up: it says why rendering is off.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * The folder above `include/node` with the headers of the running Node, or undefined. Those next to the executable serve
 * when they are this Node's: Debian's libnode-dev may be another's. Else npm's package of this very Node has them.
 *
 * @param {string} prefix - where the executable's installation lies
 * @param {string} cache - a folder for what is fetched
 * @param {NodeJS.ProcessEnv} env - npm's
 */
export function nodeHeaders(prefix, cache, env) {
  if (abiOfHeaders(prefix) === process.versions.modules) return prefix;
  const fetched = path.join(cache, `node-headers-${process.version}`);
  if (abiOfHeaders(fetched) === process.versions.modules) return fetched;
  const name = `node-${process.platform}-${process.arch}@${process.versions.node}`;
  mkdirSync(fetched, { recursive: true });
  const pack = ['pack', '--silent', '--pack-destination', fetched, name];
  const archive = spawnSync('npm', pack, { env, encoding: 'utf8' }).stdout?.trim().split('\n').at(-1);
  if (!archive) return undefined;
  const file = path.join(fetched, archive);
  spawnSync('tar', ['-xzf', file, '--strip-components=1', '-C', fetched, 'package/include']);
  rmSync(file, { force: true });
  return abiOfHeaders(fetched) === process.versions.modules ? fetched : undefined;
}

/** The ABI version that the headers of a Node are for, or undefined where there are none. */
function abiOfHeaders(prefix) {
  const file = path.join(prefix, 'include/node/node_version.h');
  if (!existsSync(file)) return undefined;
  return /^#define NODE_MODULE_VERSION (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
}

/**
 * ANGLE looks for the Vulkan loader only next to gl's addon, and every build of gl removes the link: makes it again.
 *
 * @param {string} renderPackage - the folder of the package that depends on gl
 * @returns {string | undefined} why nothing can be rendered here, or undefined
 */
export function linkVulkanLoader(renderPackage) {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`;
  const gl = path.join(renderPackage, 'node_modules/gl');
  const addon = path.join(gl, 'build/Release/webgl.node');
  if (!existsSync(addon)) {
    return (
      'headless-gl was not built. It needs g++, make, python3 and the headers of this Node: ' +
      "Node's own archives and images bring them, and so do nvm and fnm. Then delete node_modules and try again"
    );
  }
  const link = path.join(path.dirname(realpathSync(addon)), 'libvulkan.so.1');
  if (existsSync(link)) return undefined;
  const cache = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
  const library = cache
    .split('\n')
    .find((line) => line.trim().startsWith('libvulkan.so.1 '))
    ?.split(' => ')[1];
  if (library === undefined) return 'the Vulkan loader libvulkan.so.1 is not installed (Debian: libvulkan1)';
  rmSync(link, { force: true });
  symlinkSync(library, link);
  console.error(`set-up: linked ${library} next to gl's addon`);
  return undefined;
}
