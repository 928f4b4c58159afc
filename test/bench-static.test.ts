/** The parsing behind `npm run bench:static`: a Dawn dump, and a driver's statistics with machine code. */

import { describe, expect, it } from 'vitest';
import { brokenBounds, readDump, readStatistics } from '../bench/static/dump.mjs';

const dump = (candidate: string) => `Warning: something
// Dumped WGSL:
${candidate}
const ROWS = 4u;

/* Dumped SPIRV disassembly */
; SPIR-V
               OpExtension "SPV_KHR_maximal_reconvergence"
               OpEntryPoint GLCompute %9 "dawn_entry_point" %1 %5
               OpExecutionMode %9 LocalSize 8 8 1
               OpExecutionMode %9 MaximallyReconvergesKHR
               OpDecorate %1 DescriptorSet 0
               OpDecorate %1 Binding 0
               OpDecorate %5 DescriptorSet 0
               OpDecorate %5 Binding 3
          %1 = OpVariable %_ptr_Uniform__struct_3 Uniform
          %5 = OpVariable %_ptr_StorageBuffer__struct_6 StorageBuffer
          %7 = OpVariable %_ptr_Workgroup__arr Workgroup %8
               OpFunctionEnd
Warning: printed afterwards
`;

describe('readDump', () => {
  it('finds the shaders of candidates, their entry points and buffers', () => {
    const [first, second, ...rest] = readDump(
      dump('// candidate 0') + dump('// not ours') + dump('// candidate 12'),
    );
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      candidate: 0,
      entryPoint: 'dawn_entry_point',
      buffers: ['0:0:u', '0:3:s'],
    });
    expect(second!.candidate).toBe(12);
    expect(first!.assembly).toMatch(/^; SPIR-V\n[\s\S]*OpFunctionEnd\n$/m);
    expect(first!.assembly).not.toMatch(/reconverg/i);
  });

  it('says which dump is not a compute shader', () => {
    const broken = dump('// candidate 3').replace('GLCompute', 'Fragment');
    expect(() => readDump(broken)).toThrow('candidate 3');
  });
});

const statistics = `Subgroup size\t64
VGPRs\t84
Spilled SGPRs\t1
Spilled VGPRs\t2
LDS size\t9728
Subgroups per SIMD\t18

BB0:
\ts_load_b128 s[8:11], s[2:3], null
\tbuffer_load_b128 v[8:11], v9, s[28:31], 0 offen
\tds_load_b128 v[44:47], v42
\tds_store_b128 v2, v[4:7]
\tv_readlane_b32 s0, v1, 3

BB1:
\tv_fmac_f32_e32 v31, v48, v62
\tv_fma_f32 v31, v48, v62, v3
\tv_dual_fmac_f32 v1, v2, v3 :: v_dual_fmac_f32 v4, v5, v6
\tv_mul_f32_e32 v1, v2, v3
`;

describe('readStatistics', () => {
  it('takes the driver at its word and counts instructions', () => {
    expect(readStatistics(statistics, 'vega10')).toEqual({
      lanes: 64,
      registers: 84,
      spilled: 3,
      waves: 18,
      workgroupMemory: 9728,
      multiplyAdds: 4,
      reads: 2,
      shuffles: 1,
      ratio: 2,
    });
  });

  it('counts waves of 64 lanes once, where the driver counts them twice', () => {
    expect(readStatistics(statistics, 'navi31').waves).toBe(9);
    expect(readStatistics(statistics.replace('\t64', '\t32'), 'navi31').waves).toBe(18);
  });

  it('says what a driver leaves out', () => {
    expect(() => readStatistics(statistics.replace('VGPRs\t84\n', ''), 'navi31')).toThrow('"VGPRs"');
  });
});

describe('brokenBounds', () => {
  const good = { ...readStatistics(statistics, 'navi31'), spilled: 0, waves: 4, ratio: 4 };

  it('are none within the bounds', () => {
    expect(brokenBounds(good, 'navi21')).toEqual([]);
    expect(brokenBounds({ ...good, waves: 2 }, 'vega10')).toEqual([]);
  });

  it.each([
    [{ spilled: 1 }, 'spilled'],
    [{ waves: 3 }, 'waves'],
    [{ ratio: 3.9 }, 'multiply-adds'],
    [{ ratio: Number.NaN }, 'multiply-adds'],
  ])('%o breaks one', (bad, word) => {
    const broken = brokenBounds({ ...good, ...bad }, 'navi21');
    expect(broken).toHaveLength(1);
    expect(broken[0]).toContain(word);
  });
});
