/**
 * What `residualbind train` does: `node examples/train.mjs probes.tsv run '{"epochs": 10, "filters": 32}'`.
 */
import { data, nn, ResidualBind, requestGpu } from 'residualbind-webgpu';
import { fitInFolder, readProbes } from 'residualbind-webgpu/files';

const [table, folder, settings = '{}'] = process.argv.slice(2);
const { epochs = 300, ...sizes } = JSON.parse(settings);
const probes = await readProbes(table); // set A trains and validates, set B tests
const length = data.inputLength(probes); // 41, or the longest probe
const { train, valid, test, ...about } = data.prepareExperiment(probes, { length, head: 'regression' });

const gpu = await requestGpu();
const model = await ResidualBind.create(gpu, { preset: 'paper', length, ...sizes });
const facts = data.trainingFacts(about, { path: table, sha256: probes.sha256 });
const onEpoch = ({ loss, validation }) => console.log(`loss ${loss}, validation r ${validation}`);
await fitInFolder(model, train, valid, { folder, facts, earlier: 'resume', epochs, onEpoch });
console.log(nn.agreement(await model.predict({ codes: test.codes }), test.scores));
model.dispose();
gpu.dispose();
