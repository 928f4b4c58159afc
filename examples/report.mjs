/** What `residualbind report` does: `node examples/report.mjs run probes.tsv report 1000`. */
import { data, gia, requestGpu } from 'residualbind-webgpu';
import { readModel, readProbes, uploadModels, writeFiles } from 'residualbind-webgpu/files';
import { askModel, modelReport, reportFacts, unitOf } from 'residualbind-webgpu/report';

const [path, table, folder, count = 1000] = process.argv.slice(2);
const file = await readModel(path);
const probes = data.evaluationSet(await readProbes(table), file);
const gpu = await requestGpu();
const model = await uploadModels(gpu, [file]);
const backgrounds = gia.backgroundsOf([file], { count: Number(count) });
const answers = await askModel(model, { backgrounds, probes });
const facts = reportFacts({ model: file, backgrounds, ...answers, adapter: gpu.adapter });
const { page, files } = await modelReport({ ...answers, name: path, unit: unitOf(file), facts });
await writeFiles(folder, [...files, { path: 'report.html', contents: page }]);
model.dispose();
gpu.dispose();
