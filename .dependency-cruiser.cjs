/**
 * The floors of the house: what lies on one imports only from the floors below, without cycles, and Node stays
 * in the files that carry it in their names. `npm run lint` checks it.
 */

/** Lowest first; folders on one floor do not know each other. */
const FLOORS = [['device'], ['kernels'], ['tensor'], ['nn', 'data'], ['gia'], ['report'], ['cli']];

const below = (floor) => FLOORS.slice(0, floor).flat();

const floorRules = FLOORS.flatMap((folders, floor) =>
  folders.map((folder) => ({
    name: `${folder}-imports-only-from-below`,
    comment: `src/${folder} may import ${[folder, ...below(floor)].map((name) => `src/${name}`).join(', ')}`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: [folder, ...below(floor)].map((name) => `^src/${name}/`) },
  })),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'no-cycles',
      comment: 'modules that need each other, even by type, are one module or hide a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'node-only-where-it-says-so',
      comment: 'Node modules are for *.node.ts and the command line; everything else runs in a browser',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.node\\.ts$', '^src/cli/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'node-files-only-on-demand',
      comment: 'a browser bundle must not contain *.node.ts: import() them where they are needed',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.node\\.ts$', '^src/cli/'] },
      to: { path: '\\.node\\.ts$', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'dawn-only-in-device',
      comment: 'the npm package webgpu is Dawn for Node; all else uses the standard interface',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/device/.+\\.node\\.ts$' },
      to: { path: '(^|/)node_modules/webgpu/' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-packages',
      comment:
        'what src imports stands under dependencies or optional peers, not only on this machine; the build bundles the charts',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/report/charts/vega\\.ts$' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm-peer'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count too: a floor that knows the types of a higher one is not below it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
