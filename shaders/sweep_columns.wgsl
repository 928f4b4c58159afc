// The first convolution of a sweep, for columns that patterns share: one vector per background and row of the
// plan's list, from the tables of code_tables.wgsl (bias included). A row names a position, one pattern of
// its class, and which letters it adds up: all of them, or those left or right of the slot's cut. Vectors of
// the right part have no bias.
//
//   rows [COLUMN_ROWS] u32 (kind << 30 | position << 20 | pattern), overlays [patterns, length] and sequences
//   [backgrounds, length] u8 four to a word, tables [E, GROUPS, 625, channels], bias [E, channels] -> columns
//   [E, block, shared, channels], rectified, and edge_rows vectors, not rectified, from row edge_first of
//   edges [E, block, edge_stride, channels]
//
// A workgroup takes one vector: x over rows, y over the block's backgrounds, z = model.
//! include "control"
//! include "rectified"

const LANES = 32u;
const GROUPS = 3u; // tile
const TAPS_PER_GROUP = 4u; // fixed
// All groups, or none where there are too many to write out: then their words pass through workgroup memory.
const WRITTEN = 3u; // tile
const SHARED = 1u; // tile
const EDGES = 1u; // tile
const LEFT = 1u;
const RIGHT = 2u;
const NOTHING = 4u;

// Results that were computed in f16 may be stored in f16.
alias Column = f32; // stores columns
alias Edge = f32; // stores edges

struct Params {
  shared_rows: u32,
  edge_rows: u32,
  edge_first: u32,
  edge_stride: u32,
  cut: u32, // positions cut .. slot_last are the slot's right part
  slot_last: u32,
  length: u32,
  taps: u32,
  channels: u32,
  backgrounds: u32,
  tables_pitch: u32,
  bias_pitch: u32,
  columns_pitch: u32,
  edges_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> overlays: array<u32>;
@group(0) @binding(4) var<storage, read> sequences: array<u32>;
@group(0) @binding(5) var<storage, read> tables: array<f32>;
@group(0) @binding(6) var<storage, read> bias: array<f32>;
@group(0) @binding(7) var<storage, read_write> columns: array<Column>; // when SHARED == 1u
@group(0) @binding(8) var<storage, read_write> edges: array<Edge>; // when EDGES == 1u

var<workgroup> wide_word: array<u32, GROUPS>; // when WRITTEN == 0u

fn code_at(position: u32, pattern: u32, background: u32, kind: u32) -> u32 {
  let in_right = position >= params.cut && position <= params.slot_last;
  if (position >= params.length || (kind == RIGHT && !in_right) || (kind == LEFT && in_right)) {
    return NOTHING;
  }
  let written = pattern * params.length + position;
  let code = (overlays[written / 4u] >> (written % 4u * 8u)) & 0xffu;
  let kept = background * params.length + position;
  return select(code, (sequences[kept / 4u] >> (kept % 4u * 8u)) & 0xffu, code == NOTHING);
}

// Where the tables hold group g of taps, the first of all over position `at`: the vector of their word of codes.
fn entry_of(g: u32, at: u32, pattern: u32, background: u32, kind: u32) -> u32 {
  var digits = 0u;
  var place = 1u;
  for (var t = 0u; t < TAPS_PER_GROUP; t++) {
    digits += place * code_at(at + g * TAPS_PER_GROUP + t, pattern, background, kind);
    place *= 5u;
  }
  return (g * 625u + digits) * params.channels;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  for (var row = group.x; row < params.shared_rows + params.edge_rows; row += groups.x) {
    let packed = rows[row];
    let kind = packed >> 30u;
    let position = (packed >> 20u) & 0x3ffu;
    let pattern = packed & 0xfffffu;
    let background = min(control.background + group.y, params.backgrounds - 1u);
    // Left of the sequence it wraps around to a large number, which is beyond the end too.
    let at = position - params.taps / 2u;
    let from_table = group.z * params.tables_pitch;
    var word: array<u32, WRITTEN>; // scalars
    for (var g = 0u; g < WRITTEN; g++) { // unroll
      word[g] = from_table + entry_of(g, at, pattern, background, kind);
    }
    if (WRITTEN == 0u) { // when
      workgroupBarrier();
      for (var g = local; g < GROUPS; g += LANES) {
        wide_word[g] = from_table + entry_of(g, at, pattern, background, kind);
      }
      workgroupBarrier();
    }
    for (var c = local; c < params.channels; c += LANES) {
      var sum = 0.0;
      for (var g = 0u; g < WRITTEN; g++) { // unroll
        sum += tables[word[g] + c];
      }
      if (WRITTEN == 0u) { // when
        for (var g = 0u; g < GROUPS; g++) {
          sum += tables[wide_word[g] + c];
        }
      }
      if (kind == RIGHT) {
        sum -= bias[group.z * params.bias_pitch + c];
      }
      if (SHARED == 1u) { // when
        if (row < params.shared_rows) {
          let to = (group.y * params.shared_rows + row) * params.channels + c;
          columns[group.z * params.columns_pitch + to] = Column(rectified(sum));
        }
      }
      if (EDGES == 1u) { // when
        if (row >= params.shared_rows) {
          let to = (group.y * params.edge_stride + params.edge_first + row - params.shared_rows) * params.channels + c;
          edges[group.z * params.edges_pitch + to] = Edge(sum);
        }
      }
    }
  }
}
