import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RenderDevice } from '../interfaces.js';
import { RenderError } from '../render-error.js';

/** A Vulkan driver, and the environment that makes ANGLE use exactly that one. */
export interface ChosenDevice {
  readonly name: 'lavapipe' | 'nvidia' | 'custom';
  readonly icdFile: string;
  /** The driver's own version as far as its files tell, as in "Mesa 22.3.6 (LLVM 15.0.6)". */
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where the Vulkan loader looks for drivers. */
const ICD_FOLDERS = ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d'];

/** Mesa's lavapipe crashes now and then at vector widths 128 and 512 on some processors; 256 is stable everywhere. */
const LAVAPIPE_VECTOR_WIDTH = '256';

/**
 * Chooses the Vulkan driver that renders, so that it is never the loader's accident.
 *
 * A `VK_ICD_FILENAMES` or `VK_DRIVER_FILES` in `env` decides when `device` is `auto`.
 *
 * @throws RenderError `context_unavailable` when the wanted driver is not installed
 */
export function chooseDevice(device: RenderDevice, env: Readonly<Record<string, string | undefined>>): ChosenDevice {
  if (typeof device === 'object') return custom(device.icdFile);
  const preset = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  if (device === 'auto' && preset) return custom(preset.split(':')[0] ?? preset);

  const nvidia = findIcd(/^nvidia_icd.*\.json$/);
  if (device === 'nvidia' || (device === 'auto' && nvidia && existsSync('/dev/nvidiactl'))) {
    if (!nvidia) throw missing("NVIDIA's Vulkan driver (nvidia_icd.json)", "install the driver's graphics part");
    return { name: 'nvidia', icdFile: nvidia, version: nvidiaVersion(), env: vulkanEnv(nvidia) };
  }
  const lavapipe = findIcd(/^lvp_icd.*\.json$/);
  if (!lavapipe) {
    throw missing("Mesa's lavapipe (lvp_icd.*.json)", 'run "apt-get install mesa-vulkan-drivers libvulkan1"');
  }
  return ofLavapipe(lavapipe);
}

function custom(icdFile: string): ChosenDevice {
  if (!existsSync(icdFile)) throw missing(icdFile, 'name a driver file that exists');
  if (/^lvp_icd/.test(path.basename(icdFile))) return ofLavapipe(icdFile);
  return { name: 'custom', icdFile, version: path.basename(icdFile), env: vulkanEnv(icdFile) };
}

function ofLavapipe(icdFile: string): ChosenDevice {
  const env = { ...vulkanEnv(icdFile), LP_NATIVE_VECTOR_WIDTH: LAVAPIPE_VECTOR_WIDTH };
  return { name: 'lavapipe', icdFile, version: mesaVersion(icdFile), env };
}

function vulkanEnv(icdFile: string): Record<string, string> {
  // Newer loaders read the second name, older ones only the first.
  return { ANGLE_DEFAULT_PLATFORM: 'vulkan', VK_ICD_FILENAMES: icdFile, VK_DRIVER_FILES: icdFile };
}

function findIcd(name: RegExp): string | undefined {
  for (const folder of ICD_FOLDERS) {
    if (!existsSync(folder)) continue;
    // The one of this machine's architecture where several are installed, else the first.
    const files = readdirSync(folder)
      .filter((file) => name.test(file))
      .sort();
    const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    const file = files.find((candidate) => candidate.includes(arch)) ?? files[0];
    if (file) return path.join(folder, file);
  }
  return undefined;
}

/** The version that the driver's library carries in its text: pixels depend on it, and no call reports it. */
function mesaVersion(icdFile: string): string {
  try {
    const icd = JSON.parse(readFileSync(icdFile, 'utf8')) as { ICD?: { library_path?: unknown } };
    const library = String(icd.ICD?.library_path ?? '');
    const folders = [
      path.dirname(icdFile),
      '/usr/lib/x86_64-linux-gnu',
      '/usr/lib/aarch64-linux-gnu',
      '/usr/lib64',
      '/usr/lib',
    ];
    const file = path.isAbsolute(library)
      ? library
      : folders.map((folder) => path.join(folder, library)).find(existsSync);
    const found =
      file && /Mesa \d+\.\d+\.\d+[\w.~+-]*(?: \([\w .~+-]+\))?/.exec(readFileSync(file).toString('latin1'))?.[0];
    return found || 'Mesa of unknown version';
  } catch {
    return 'Mesa of unknown version';
  }
}

function nvidiaVersion(): string {
  try {
    const line = readFileSync('/proc/driver/nvidia/version', 'utf8');
    return `NVIDIA ${/\s(\d+\.\d+(?:\.\d+)?)\s/.exec(line)?.[1] ?? 'of unknown version'}`;
  } catch {
    return 'NVIDIA of unknown version';
  }
}

function missing(what: string, advice: string): RenderError {
  return new RenderError({ code: 'context_unavailable', detail: `${what} is not installed: ${advice}` });
}
