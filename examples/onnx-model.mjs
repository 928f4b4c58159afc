/** An ONNX model as importance analysis asks it: a plain function of base codes. */
import ort from 'onnxruntime-node';

/**
 * @param path model with one input, one-hot float32 [n, length, 4] (A, C, G, U), and one output [n, outputs]
 * @param options `channelsFirst` where its input is [n, 4, length]
 * @returns what `gia.importance`, `gia.mutagenesis` and the experiments take as a model
 */
export async function openOnnx(path, { length, channelsFirst = false }) {
  const session = await ort.InferenceSession.create(path);
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const [positionStride, letterStride] = channelsFirst ? [1, length] : [4, 1];
  const shape = channelsFirst ? [4, length] : [length, 4];

  async function predict(codes) {
    const x = new Float32Array(4 * codes.length);
    codes.forEach((code, i) => {
      const position = i % length;
      // Code 4 is no letter: its row stays zero.
      if (code < 4) x[4 * (i - position) + position * positionStride + code * letterStride] = 1;
    });
    const results = await session.run({
      [input]: new ort.Tensor('float32', x, [codes.length / length, ...shape]),
    });
    return results[output].data;
  }

  const { length: outputs } = await predict(new Uint8Array(length));
  return { predict, length, outputs, batch: 256 };
}
