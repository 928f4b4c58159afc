// Index of a thread in a one-dimensional problem that is spread over a two-dimensional grid of workgroups
// (one grid dimension holds only 65,535 workgroups).
fn flat_index(group: vec3u, groups: vec3u, local: u32, size: u32) -> u32 {
  return (group.y * groups.x + group.x) * size + local;
}

// Threads in the whole grid: the stride of a thread that takes several elements.
fn flat_stride(groups: vec3u, size: u32) -> u32 {
  return groups.x * groups.y * size;
}
