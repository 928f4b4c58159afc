/** Facts in a model's file are checked like options; each error names the file and the field. */

import { describe, expect, it } from 'vitest';
import { fieldOf } from '../src/device/check.js';
import { FormatError } from '../src/device/errors.js';
import { checkFacts } from '../src/nn/files/model-facts.js';

const fitted = { kind: 'log', min: 0, cap: null, mean: 1, std: 2, n: 100 };
const normalisation = { scope: 'train', fitted: { train: fitted, valid: fitted, test: fitted } };
const profile = [0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0];
const facts = { preset: 'paper', seed: 3, normalisation, profile, data: { path: 'p.tsv', sha256: 'ab' } };
const size = { length: 2, channels: 4, head: 'regression', outputs: 1 } as const;
const file = (name: string) => fieldOf('run/model.safetensors', name);
const of = (change: object) => () => checkFacts({ ...facts, ...change }, file, size);

/** The facts with one transform changed. */
const inTest = (change: object) => ({
  normalisation: { ...normalisation, fitted: { ...normalisation.fitted, test: { ...fitted, ...change } } },
});

describe('facts of a model', () => {
  it('pass when they are right, and may be missing', () => {
    expect(of({})()).toEqual(facts);
    expect(checkFacts({}, file, size)).toEqual({});
    const classes = { ...facts, normalisation: null };
    const further = { ...facts, note: 'ours' };
    expect(checkFacts(further, file, size)).toEqual(further);
    const folded = { ...facts, structure: { contexts: 'phime', source: 'folded', energies: 'x' } };
    expect(checkFacts(folded, file, { ...size, channels: 9 })).toEqual(folded);
    expect(checkFacts(classes, file, { ...size, head: 'classification' })).toEqual(classes);
  });

  it.each([
    [{ tasks: ['a', 'b'] }, 'tasks names 2 tasks, but the head has 1 output'],
    [
      { structure: { contexts: 'pu', source: 'file' } },
      'structure.contexts is pu, which takes 6 channels, but the network has 4',
    ],
    [{ structure: { contexts: 'mfe', source: 'file' } }, 'structure.contexts must be one of "pu", "phime"'],
    [{ structure: { contexts: 'pu', source: 'web' } }, 'structure.source must be one of "folded", "file"'],
    [{ preset: 'papers' }, 'preset must be one of "paper", "keras", "deepbind", "pwm", not "papers"'],
    [{ seed: -1 }, 'seed must be a whole number from 0 to 4294967295, not -1'],
    [{ seed: '3' }, 'seed must be'],
    [{ normalisation: 'log' }, 'normalisation must be an object, not "log"'],
    [{ normalisation: null }, 'normalisation is null for classification only'],
    [{ normalisation: { ...normalisation, scope: 'TRAIN' } }, 'normalisation.scope must be one of'],
    [{ normalisation: { scope: 'train' } }, 'normalisation.fitted is missing; it must be an object'],
    [
      inTest({ kind: 'LOG' }),
      'normalisation.fitted.test.kind must be one of "log", "clip", "none", not "LOG"',
    ],
    [inTest({ min: null }), 'normalisation.fitted.test.min must be a finite number, not null'],
    [inTest({ mean: '1' }), 'normalisation.fitted.test.mean must be a finite number, not "1"'],
    [inTest({ std: 0 }), 'normalisation.fitted.test.std must be a finite number, above 0, not 0'],
    [inTest({ std: -2 }), 'normalisation.fitted.test.std must be'],
    [inTest({ n: 0.5 }), 'normalisation.fitted.test.n must be a positive integer, not 0.5'],
    [inTest({ cap: 3 }), 'normalisation.fitted.test.cap does not go with its kind, "log"'],
    [inTest({ kind: 'clip' }), 'normalisation.fitted.test.cap does not go with its kind, "clip"'],
    [{ profile: profile.slice(1) }, 'profile must have 8 items, not 7'],
    [{ profile: [...profile.slice(1), Number.NaN] }, 'profile[7] must be a finite number'],
    [{ profile: [-0.25, 0.75, 0.25, 0.25, 0, 0, 0, 0] }, 'profile[0] must be a finite number, 0 or more'],
    [{ profile: [0.5, 0.25, 0.25, 0.25, 0, 0, 0, 0] }, 'profile: the frequencies of position 0 sum to 1.25'],
    [{ profile: 'AAAA' }, 'profile must be a list'],
    [{ data: { path: 3, sha256: 'ab' } }, 'data.path must be a text, not 3'],
    [{ data: null }, 'data must be an object, not null'],
  ])('are refused: %j', (change, message) => {
    expect(of(change)).toThrow(FormatError);
    expect(of(change)).toThrow(`run/model.safetensors: ${message}`);
  });
});
