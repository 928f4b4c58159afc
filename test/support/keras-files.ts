/** HDF5 files of weights as Keras writes them, from a written description of the layout. */
import type { File, Group } from 'h5wasm/node';

/** A layer and its weights, such as `conv1d/kernel:0`. */
export interface Layer {
  readonly name: string;
  readonly weights: readonly { readonly name: string; readonly shape: number[]; readonly data: number[] }[];
}

export interface Writing {
  /** Group of the weights; that of a whole model is `model_weights`. Default: the root. */
  readonly group?: string;
  /** TensorFlow from 2.6 on writes a group for weights of the model itself. */
  readonly top?: boolean;
  /** Splits the list of layers, as Keras does where it is long. */
  readonly split?: boolean;
  /** The JSON of a whole model. */
  readonly config?: object;
  /** Anything else, for files that are damaged. */
  readonly finish?: (root: File) => void;
}

/** Texts as h5py 3 writes lists of bytes: of variable length. */
const texts = (group: Group, name: string, values: readonly string[]): void =>
  values.length === 0
    ? group.create_attribute(name, new Float64Array(0), [0], '<d')
    : group.create_attribute(name, [...values], [values.length], 'S');

/**
 * Writes a file: root attributes `layer_names`, `backend` and `keras_version`, a group for each layer with
 * the attribute `weight_names`, and below it a dataset of each of these names.
 */
export async function writeKeras(
  path: string,
  layers: readonly Layer[],
  { group, top = false, split = false, config, finish }: Writing = {},
): Promise<void> {
  const { File: Hdf5File, ready } = await import('h5wasm/node');
  await ready;
  const file = new Hdf5File(path, 'w');
  const root = group === undefined ? file : file.create_group(group);
  const names = layers.map(({ name }) => name);
  if (split) {
    texts(root, 'layer_names0', names.slice(0, 5));
    texts(root, 'layer_names1', names.slice(5));
  } else texts(root, 'layer_names', names);
  root.create_attribute('backend', 'tensorflow');
  root.create_attribute('keras_version', '2.4.0');
  for (const { name, weights } of layers.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = root.create_group(name);
    texts(
      own,
      'weight_names',
      weights.map((weight) => weight.name),
    );
    for (const { name: full, shape, data } of weights) {
      const [inner, last] = full.split('/') as [string, string];
      const holder = own.keys().includes(inner) ? (own.get(inner) as Group) : own.create_group(inner);
      holder.create_dataset({ name: last, data: Float32Array.from(data), shape, dtype: '<f' });
    }
  }
  if (top) texts(root.create_group('top_level_model_weights'), 'weight_names', []);
  if (config) file.create_attribute('model_config', JSON.stringify(config));
  finish?.(file);
  file.close();
}

/** The same weights as `.weights.h5` of Keras 3: `/layers/conv1d_1/vars/0`, …, counted for each kind. */
export async function writeKeras3(path: string, layers: readonly Layer[]): Promise<void> {
  const { File: Hdf5File, ready } = await import('h5wasm/node');
  await ready;
  const file = new Hdf5File(path, 'w');
  const container = file.create_group('layers');
  for (const { name, weights } of layers) {
    const vars = container.create_group(name).create_group('vars');
    weights.forEach(({ shape, data }, i) => {
      vars.create_dataset({ name: String(i), data: Float32Array.from(data), shape, dtype: '<f' });
    });
  }
  file.close();
}

/** Takes our own attributes out of a file that this program wrote; what is left is what Keras writes. */
export async function withoutFacts(path: string): Promise<void> {
  const { File: Hdf5File, ready } = await import('h5wasm/node');
  await ready;
  const file = new Hdf5File(path, 'a');
  for (const name of Object.keys(file.attrs)) if (/^residualbind/.test(name)) file.delete_attribute(name);
  file.close();
}
