/**
 * Where Dawn is asked in this process, and where another process asks it first because it would print
 * warnings.
 */

import { expect, it } from 'vitest';
import { isLikely, missingVulkan } from '../src/device/adapter/vulkan.node.js';

const LVP = '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json';
const INTEL = '/usr/share/vulkan/icd.d/intel_icd.json';
const NVIDIA = '/etc/vulkan/icd.d/nvidia_icd.json';

it.each([
  { case: 'nothing is installed', files: [], likely: false },
  { case: 'lavapipe is', files: [LVP], likely: true },
  { case: 'a driver without its GPU', files: [INTEL], likely: false },
  { case: 'a driver and a GPU', files: [INTEL, '/dev/dri/renderD128'], likely: true },
  { case: "NVIDIA's driver and its device", files: [NVIDIA, '/dev/nvidia0'], likely: true },
  { case: 'a GPU without a driver', files: ['/dev/dri/renderD128'], likely: false },
  { case: 'a note beside drivers', files: ['/usr/share/vulkan/icd.d/lvp_readme.txt'], likely: false },
  { case: "in the user's own folder", files: ['/home/u/.local/share/vulkan/icd.d/lvp.json'], likely: false },
  {
    case: "lavapipe in the user's own folder",
    files: ['/home/u/.config/vulkan/icd.d/lvp_icd.json'],
    likely: true,
  },
  { case: 'another driver is chosen', files: [LVP, INTEL], env: { VK_DRIVER_FILES: INTEL }, likely: false },
  { case: 'a chosen file is missing', files: [LVP], env: { VK_ICD_FILENAMES: '/x.json' }, likely: false },
  {
    case: 'one of two chosen is there',
    files: [LVP],
    env: { VK_DRIVER_FILES: `/x.json:${LVP}` },
    likely: true,
  },
  {
    case: 'data are elsewhere',
    files: ['/opt/vulkan/icd.d/lvp_icd.json'],
    env: { XDG_DATA_DIRS: '/opt' },
    likely: true,
  },
])('$case: likely is $likely', ({ files, env = {}, likely }) => {
  const list = (folder: string) =>
    files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
  expect(isLikely(env, { list, home: '/home/u' })).toBe(likely);
});

it.runIf(process.platform === 'linux')('says why there is no Vulkan', async () => {
  const before = process.env.VK_DRIVER_FILES;
  process.env.VK_DRIVER_FILES = '/nonexistent.json';
  try {
    expect(await missingVulkan()).toMatch(/there is no Vulkan loader|the system has no Vulkan driver \(.+\)/);
  } finally {
    if (before === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = before;
  }
});
