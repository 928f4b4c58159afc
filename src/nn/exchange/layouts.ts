/** How programs order the axes of weights. */

/** [out, in, taps] as [taps, in, out] and back, and [out, in] as [in, out]; vectors as they are. */
export function reversed(
  shape: readonly number[],
  data: Float32Array,
): { readonly shape: readonly number[]; readonly data: Float32Array } {
  if (shape.length < 2 || shape.length > 3) return { shape: [...shape], data };
  const [first, middle, last] = [shape[0]!, shape.length === 3 ? shape[1]! : 1, shape.at(-1)!];
  const turned = new Float32Array(data.length);
  for (let i = 0; i < first; i++)
    for (let j = 0; j < middle; j++)
      for (let k = 0; k < last; k++)
        turned[(k * middle + j) * first + i] = data[(i * middle + j) * last + k]!;
  return { shape: shape.toReversed(), data: turned };
}

/** Rows [channels, positions] of a dense layer in the order [positions, channels]. */
export function positionMajor(
  rows: Float32Array,
  positions: number,
  channels: number,
  units: number,
): Float32Array {
  const turned = new Float32Array(rows.length);
  for (let channel = 0; channel < channels; channel++)
    for (let position = 0; position < positions; position++) {
      const from = (channel * positions + position) * units;
      turned.set(rows.subarray(from, from + units), (position * channels + channel) * units);
    }
  return turned;
}

/** Rows [positions, channels] of a dense layer in the order [channels, positions]. */
export const channelMajor = (
  rows: Float32Array,
  positions: number,
  channels: number,
  units: number,
): Float32Array => positionMajor(rows, channels, positions, units);
