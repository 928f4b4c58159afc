/**
 * Parses the output of both programs: Dawn's shader dumps, and the driver's statistics and machine code. It
 * works on text only.
 */

/**
 * The shaders in a Dawn dump whose WGSL starts with `// candidate N`: N, SPIR-V assembly, entry point and
 * buffers.
 */
export function readDump(text) {
  const shaders = [];
  for (const chunk of text.split('// Dumped WGSL:\n').slice(1)) {
    const candidate = /^\/\/ candidate (\d+)$/m.exec(chunk)?.[1];
    const [, spirv] = chunk.split('/* Dumped SPIRV disassembly */');
    if (candidate === undefined || spirv === undefined) continue;
    const lines = spirv.split('\n');
    const end = lines.findLastIndex((line) => line.includes('OpFunctionEnd'));
    const assembly = lines
      .slice(0, end + 1)
      // Assemblers before 2024 do not know this extension. It only matters if threads diverge around subgroup
      // operations, and here no kernel does this.
      .filter((line) => !/MaximallyReconvergesKHR|SPV_KHR_maximal_reconvergence/.test(line))
      .join('\n');
    const entryPoint = /OpEntryPoint GLCompute %\S+ "([^"]+)"/.exec(assembly)?.[1];
    if (entryPoint === undefined) throw new Error(`the dump of candidate ${candidate} has no entry point`);
    shaders.push({
      candidate: Number(candidate),
      assembly: `${assembly}\n`,
      entryPoint,
      buffers: buffersOf(assembly),
    });
  }
  return shaders;
}

/** `set:binding:u` of uniforms, `set:binding:s` of storage buffers. */
function buffersOf(assembly) {
  const decorations = (name) =>
    new Map(
      [...assembly.matchAll(new RegExp(`OpDecorate (%\\S+) ${name} (\\d+)`, 'g'))].map(([, id, n]) => [
        id,
        n,
      ]),
    );
  const sets = decorations('DescriptorSet');
  const bindings = decorations('Binding');
  return [...assembly.matchAll(/(%\S+) = OpVariable \S+ (Uniform|StorageBuffer)\b/g)].map(
    ([, id, storage]) => `${sets.get(id)}:${bindings.get(id)}:${storage === 'Uniform' ? 'u' : 's'}`,
  );
}

const MULTIPLY_ADD = /\bv_(?:dual_)?(?:fma|fmac|fmamk|fmaak|mad|mac)_f32/g;
const READ = /\b(?:ds_(?:load|read)|(?:buffer|global|flat)_load)_\w+/g;
/** Instructions that give the value of one lane to all others. */
const SHUFFLE = /\b(?:v_readlane|ds_b?permute|ds_swizzle|v_permlane)\w*/g;

const count = (text, pattern) => (text.match(pattern) ?? []).length;

/** Waves of the program's size. From RDNA on, RADV counts a wave of 64 lanes as two of 32. */
const wholeWaves = (reported, lanes, chip) =>
  chip.startsWith('navi') ? Math.floor((reported * 32) / lanes) : reported;

/** One row of the table from what `pipeline-statistics` printed. */
export function readStatistics(text, chip) {
  const [head, ...rest] = text.split('\n\n');
  const values = new Map(head.split('\n').map((line) => line.split('\t')));
  const code = rest.join('\n\n');
  const number = (name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`the driver does not report "${name}"`);
    return Number(value);
  };
  const multiplyAdds = count(code, MULTIPLY_ADD);
  const reads = count(code, READ);
  return {
    lanes: number('Subgroup size'),
    registers: number('VGPRs'),
    spilled: number('Spilled VGPRs') + number('Spilled SGPRs'),
    waves: wholeWaves(number('Subgroups per SIMD'), number('Subgroup size'), chip),
    workgroupMemory: number('LDS size'),
    multiplyAdds,
    reads,
    shuffles: count(code, SHUFFLE),
    ratio: multiplyAdds / reads,
  };
}

/** For kernels whose threads hold more results each, and so wait less often for memory. */
const FEWER_WAVES = { product: 3, sweep: 2 };

/** Limits for hardware variants. @returns a message for each limit that is broken */
export function brokenBounds({ kernel, spilled, waves, ratio }, chip) {
  const broken = [];
  const least = FEWER_WAVES[kernel] ?? 4;
  if (spilled > 0) broken.push(`${spilled} spilled registers`);
  if (chip.startsWith('navi') && waves < least) broken.push(`${waves} waves per SIMD, fewer than ${least}`);
  if (!(ratio >= 4)) broken.push(`${ratio.toFixed(1)} multiply-adds per read, fewer than 4`);
  return broken;
}
