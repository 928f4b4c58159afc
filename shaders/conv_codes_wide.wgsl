// First convolution directly from base codes; the same contract as conv_codes.wgsl, for kernels of many taps.
// It loops over the groups of taps, so that neither its text nor the time to compile it grows with the taps.
//
// A thread owns COLS outputs, LANES apart, of RUN consecutive positions of a record, and takes the outputs one
// after the other. Of a group it reads the codes under RUN positions once. Sums are those of conv_codes.wgsl,
// bit for bit. Grid: as there.
// Codes under one group: RUN + 3.
const NEAR = 11u; // tile

//! include "conv_codes_interface"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let index = group.y * groups.x + group.x;
  let outputs = params.outputs;
  let first_output = index % params.output_groups * LANES * COLS + local;
  let run = index / params.output_groups % params.runs;
  let record = index / (params.output_groups * params.runs);
  if (first_output >= outputs || record >= params.records) {
    return;
  }
  let length = params.length;
  let start = run * RUN;
  let codes_start = group.z * params.codes_pitch + record * length;
  for (var c = 0u; c < COLS; c++) {
    let output = first_output + c * LANES;
    if (output < outputs) {
      var from_table = group.z * params.tables_pitch + output;
      var code: array<u32, NEAR>; // scalars
      var sum: array<f32, RUN>; // scalars
      // In a loop, Dawn does not set a variable without a value to zero again.
      for (var r = 0u; r < RUN; r++) { // unroll
        sum[r] = 0.0;
      }
      for (var tap = 0u; tap < params.taps; tap += TAPS_PER_GROUP) {
        for (var j = 0u; j < NEAR; j++) { // unroll
          // Positions before the sequence wrap around to large numbers and fail the test, like those after it.
          let position = start + tap + j - params.taps / 2u;
          code[j] = select(4u, codes[codes_start + min(position, length - 1u)], position < length);
        }
        for (var r = 0u; r < RUN; r++) { // unroll
          let word = ((code[r + 3u] * 5u + code[r + 2u]) * 5u + code[r + 1u]) * 5u + code[r];
          sum[r] += tables[from_table + word * outputs];
        }
        from_table += WORDS * outputs;
      }
      let to_y = group.z * params.y_pitch + (record * length + start) * outputs + output;
      for (var r = 0u; r < RUN; r++) { // unroll
        if (start + r < length) {
          y[to_y + r * outputs] = finished(sum[r]);
        }
      }
    }
  }
}
