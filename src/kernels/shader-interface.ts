/**
 * What a launch of a shader must name, derived from the shader itself: its operands, its parameters, its tile
 * constants and its workgroup memory. A misspelt or missing name is a compile error.
 */

import type { BufferRange } from '../device/recording.js';
import type { Control } from './control.js';
import type { shaders } from './shaders.generated.js';
import type { Learners } from './training/learners.js';

type Shaders = typeof shaders;

export type ShaderName = keyof Shaders;

/**
 * A tensor as kernels see it: where its data lie, and how many elements separate one model's part from the
 * next (0: all models share it).
 */
export interface Operand {
  readonly range: BufferRange;
  readonly pitch: number;
  /** How its numbers are stored; f32 or integers where absent. */
  readonly dtype?: 'f32' | 'f16' | 'u8' | 'u32';
}

type Binding<N extends ShaderName> = Shaders[N]['bindings'][number];
type NameOf<B> = B extends { readonly name: infer Name extends string } ? Name : never;

/** Bindings that some variants leave out. */
type Optional<N extends ShaderName> = NameOf<Extract<Binding<N>, { readonly when: string }>>;
type Uniform<N extends ShaderName> = Exclude<
  NameOf<Extract<Binding<N>, { readonly kind: 'uniform' }>>,
  'params'
>;
type OperandName<N extends ShaderName> = Exclude<NameOf<Binding<N>>, 'params'>;
type Bound<N extends ShaderName, Name extends string> =
  Name extends Uniform<N> ? (Name extends 'learners' ? Learners : Control) : Operand;

/** What is bound, by name. A binding that a variant leaves out may be undefined. */
export type OperandsOf<N extends ShaderName> = {
  readonly [Name in Exclude<OperandName<N>, Optional<N>>]: Bound<N, Name>;
} & { readonly [Name in Optional<N>]?: Bound<N, Name> | undefined };

type ParamsBinding<N extends ShaderName> = Extract<Binding<N>, { readonly name: 'params' }>;
type Field<N extends ShaderName> =
  ParamsBinding<N> extends { readonly layout: { readonly fields: readonly (infer F)[] } } ? NameOf<F> : never;

/** Fields of `Params`, but for each operand's pitch, which the operand brings. */
export type ParamsOf<N extends ShaderName> = {
  readonly [Name in Exclude<Field<N>, `${OperandName<N>}_pitch`>]: number;
};

/** Values of tile constants. */
export type TileOf<N extends ShaderName> = {
  readonly [Name in keyof Shaders[N]['tile']]: Shaders[N]['tile'][Name] extends 'list'
    ? readonly number[]
    : number;
};

/** Workgroup memory that may hold f16. */
export type HalvesOf<N extends ShaderName> = Shaders[N]['halves'][number];
