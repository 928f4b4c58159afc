/** What `residualbind gia all` does: `node examples/gia-all.mjs run analysis 1000`. */
import { gia, requestGpu } from 'residualbind-webgpu';
import { runAll } from 'residualbind-webgpu/experiments';
import { readModel, uploadModels, writeFiles } from 'residualbind-webgpu/files';

const [path, folder, count = 1000] = process.argv.slice(2);
const file = await readModel(path); // checked, and still on the host
const gpu = await requestGpu();
const model = await uploadModels(gpu, [file]);
const backgrounds = gia.backgroundsOf([file], { count: Number(count) });
const { kmer: motif, position } = await gia.topKmer(model, backgrounds);
console.log(`the top 6-mer at ${position} is ${motif}`);
await runAll(model, { motif, backgrounds }, (result) => writeFiles(folder, gia.experimentFiles(result)));
model.dispose();
gpu.dispose();
