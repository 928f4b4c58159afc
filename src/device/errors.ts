/**
 * The typed errors of this package. Each says what was wrong, where, and what to do about it. Programs
 * distinguish them by `code`, which is the same in every release and in minified bundles.
 */

/** Base class of every error that this package throws deliberately. */
export abstract class ResidualBindError extends Error {
  /** Stable name of the kind of error, for example `ERR_FORMAT`. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No WebGPU adapter matches; the message lists what was tried and what to install. */
export class AdapterNotFoundError extends ResidualBindError {
  readonly code: string = 'ERR_ADAPTER_NOT_FOUND';
}

/** The device was lost (driver reset, adapter removed, or disposed while in use). */
export class DeviceLostError extends ResidualBindError {
  readonly code: string = 'ERR_DEVICE_LOST';
}

/** A WebGPU validation or internal error, latched and thrown at the next synchronisation. */
export class GpuError extends ResidualBindError {
  readonly code: string = 'ERR_GPU';
}

/** A buffer, or a grid of workgroups, does not fit the adapter's limits or the pool's memory limit. */
export class OutOfMemoryError extends ResidualBindError {
  readonly code: string = 'ERR_OUT_OF_MEMORY';
}

/**
 * The GPU cannot compute in the requested precision, or got a known product wrong. The message says what it
 * lacks.
 */
export class PrecisionError extends ResidualBindError {
  readonly code: string = 'ERR_PRECISION';
}

/** A WGSL module did not compile; the message names kernel, line and source text. */
export class ShaderError extends ResidualBindError {
  readonly code: string = 'ERR_SHADER';
}

/** A tensor, buffer, plan or GPU was used after `dispose()`. */
export class DisposedError extends ResidualBindError {
  readonly code: string = 'ERR_DISPOSED';
}

/** An argument of a function that is of the wrong type or out of range; the message names it. */
export class ArgumentError extends ResidualBindError {
  readonly code: string = 'ERR_ARGUMENT';

  /** @param argument its name, for example `epochs` */
  constructor(
    readonly argument: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Shapes or dtypes that do not fit the operation. */
export class ShapeError extends ResidualBindError {
  readonly code: string = 'ERR_SHAPE';
}

/**
 * Something lies where no probe has a letter, or takes more letters than probes have. The message names the
 * positions that have letters.
 */
export class PaddingError extends ShapeError {
  override readonly code: string = 'ERR_PADDING';
}

/** A sequence with a letter outside ACGU/T/N, or longer than the model's input; names the record. */
export class InvalidSequenceError extends ResidualBindError {
  readonly code: string = 'ERR_INVALID_SEQUENCE';
}

/** A file that does not follow its format; names file and line. */
export class FormatError extends ResidualBindError {
  readonly code: string = 'ERR_FORMAT';
}

/** A file or folder that cannot be read or written; names it. */
export class FileError extends ResidualBindError {
  readonly code: string = 'ERR_FILE';
}

/** A file that belongs to other work, such as an earlier run or a checkpoint with other options; names it. */
export class ConflictError extends ResidualBindError {
  readonly code: string = 'ERR_CONFLICT';
}

/** Well-formed data from which the result cannot be computed, for example scores that are all equal. */
export class DataError extends ResidualBindError {
  readonly code: string = 'ERR_DATA';
}

/**
 * Something this package does not do, for example in-silico mutagenesis of a model with structure channels.
 */
export class UnsupportedError extends ResidualBindError {
  readonly code: string = 'ERR_UNSUPPORTED';
}

/** A needed optional npm package is not installed; the message says how to install it. */
export class MissingPackageError extends ResidualBindError {
  readonly code: string = 'ERR_MISSING_PACKAGE';
}

/** A value that must be finite is NaN or infinite. */
export class NotFiniteError extends ResidualBindError {
  readonly code: string = 'ERR_NOT_FINITE';
}

/** The caller's AbortSignal ended a long task. Everything saved before stays valid. */
export class CancelledError extends ResidualBindError {
  readonly code: string = 'ERR_CANCELLED';
}
