// First convolution directly from base codes, without multiplications: y[row, o] is the sum, over groups of
// four taps, of the table entry for the word of codes under them. The tables, with the bias, come from
// code_tables.wgsl.
//
//   codes [E or 1, rows] u32, 0-3 = ACGU, 4 = all-zero column; rows = batch * length
//   tables [E, GROUPS, 625, outputs], y [E, rows, outputs]
//
// A thread owns COLS outputs, LANES apart, of RUN consecutive positions of a record. It reads the codes under
// all its taps once, and all its outputs share the words. Grid: flat over (record, run, block of outputs),
// z = model.
const GROUPS = 3u; // tile
// Codes under the taps: RUN + 4 GROUPS - 1; words that start at one of them: RUN + 4 (GROUPS - 1).
const WINDOW = 19u; // tile
const STARTS = 16u; // tile

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
  var code: array<u32, WINDOW>; // scalars
  var word: array<u32, STARTS>; // scalars
  for (var j = 0u; j < WINDOW; j++) { // unroll
    // Positions before the sequence wrap around to large numbers and fail the test, like those after it.
    let position = start + j - params.taps / 2u;
    code[j] = select(4u, codes[codes_start + min(position, length - 1u)], position < length);
  }
  for (var j = 0u; j < STARTS; j++) { // unroll
    word[j] = (((code[j + 3u] * 5u + code[j + 2u]) * 5u + code[j + 1u]) * 5u + code[j]) * outputs;
  }
  for (var c = 0u; c < COLS; c++) {
    let output = first_output + c * LANES;
    if (output < outputs) {
      let from_table = group.z * params.tables_pitch + output;
      var to_y = group.z * params.y_pitch + (record * length + start) * outputs + output;
      for (var r = 0u; r < RUN; r++) { // unroll
        if (start + r < length) {
          var sum = 0.0;
          for (var g = 0u; g < GROUPS; g++) { // unroll
            sum += tables[from_table + g * WORDS * outputs + word[g * TAPS_PER_GROUP + r]];
          }
          y[to_y] = finished(sum);
        }
        to_y += outputs;
      }
    }
  }
}
