/**
 * Whether this machine has Vulkan at all. If it has none, Dawn prints "Couldn't load Vulkan …" or "Found no
 * drivers!", bypassing Node's streams, although another adapter is found later. So Dawn is not asked then,
 * and the reason is reported instead.
 */

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { loadVulkan } from './swiftshader.node.js';

/**
 * Why there is no Vulkan; undefined if there is or may be, and on systems that do not use Vulkan.
 */
export async function missingVulkan(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const fault = await loadVulkan();
  if (fault) return `there is no Vulkan loader (${fault})`;
  return isLikely(process.env, { list: entriesOf, home: process.env.HOME ?? '' })
    ? undefined
    : failureElsewhere();
}

/**
 * Whether Dawn will probably find an adapter without warnings: one of the places in the loader's
 * documentation describes a driver, and the driver computes on the CPU or has a device.
 */
export function isLikely(
  environment: NodeJS.ProcessEnv,
  { list, home }: { readonly list: (folder: string) => readonly string[]; readonly home: string },
): boolean {
  const paths = (name: string, usual = '') => (environment[name] || usual).split(delimiter).filter(Boolean);
  const folders = [
    ...paths('XDG_CONFIG_HOME', join(home, '.config')),
    ...paths('XDG_CONFIG_DIRS', '/etc/xdg'),
    '/etc',
    '/usr/local/etc',
    ...paths('XDG_DATA_HOME', join(home, '.local/share')),
    ...paths('XDG_DATA_DIRS', '/usr/local/share:/usr/share'),
  ];
  const chosen = paths('VK_DRIVER_FILES', environment.VK_ICD_FILENAMES);
  const manifests =
    chosen.length > 0
      ? chosen.filter((path) => list(dirname(path)).includes(basename(path)))
      : folders
          .flatMap((folder) => list(join(folder, 'vulkan', 'icd.d')))
          .filter((name) => name.endsWith('.json'));
  return (
    manifests.some((path) => /lvp_|swiftshader/.test(basename(path))) ||
    (manifests.length > 0 &&
      (list('/dev/dri').length > 0 || list('/dev').some((name) => GPU_DEVICE.test(name))))
  );
}

/** Device files of NVIDIA's driver, of WSL, and of ARM's driver. */
const GPU_DEVICE = /^(nvidia\d|dxg$|mali)/;

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Loaders may look in other places. So another process, whose messages are read here, looks for an adapter.
 * If it finds one, or cannot be started, Dawn is asked in this process too.
 */
async function failureElsewhere(): Promise<string | undefined> {
  const dawn = pathToFileURL(createRequire(import.meta.url).resolve('webgpu')).href;
  const code = `import(${JSON.stringify(dawn)}).then(async ({ create }) => {
    const instance = create([]);
    process.exit((await instance.requestAdapter()) ? 0 : 3);
  })`;
  try {
    await promisify(execFile)(process.execPath, ['-e', code], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      timeout: 20_000,
    });
    return undefined;
  } catch (error) {
    const { code: status, stderr = '' } = error as { code?: unknown; stderr?: string };
    const [, reason] = /^(?:Warning|Error): (.*)/m.exec(stderr) ?? [];
    return status === 3
      ? `the system has no Vulkan driver (${reason ?? 'none offers a suitable device'})`
      : undefined;
  }
}
