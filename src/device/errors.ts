/** Typed errors of the whole house: each says what was wrong, where, and what to do about it. */

/** Base of every error this package throws on purpose. */
export class ResidualBindError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No WebGPU adapter matches; the message lists what was tried and what to install. */
export class AdapterNotFoundError extends ResidualBindError {}

/** The device was lost (driver reset, adapter removed, or disposed while in use). */
export class DeviceLostError extends ResidualBindError {}

/** A WebGPU validation or internal error, latched and thrown at the next synchronisation. */
export class GpuError extends ResidualBindError {}

/** A buffer does not fit the adapter's limits or the pool's memory limit. */
export class OutOfMemoryError extends ResidualBindError {}

/** A WGSL module did not compile; the message names kernel, line and source text. */
export class ShaderError extends ResidualBindError {}

/** A tensor, buffer, plan or GPU was used after `dispose()`. */
export class DisposedError extends ResidualBindError {}

/** Shapes or dtypes that do not fit the operation. */
export class ShapeError extends ResidualBindError {}

/** A sequence with a letter outside ACGU/T/N, or longer than the model's input; names the record. */
export class InvalidSequenceError extends ResidualBindError {}

/** A file that does not follow its format; names file and line. */
export class FormatError extends ResidualBindError {}

/** A value that must be finite is NaN or infinite. */
export class NotFiniteError extends ResidualBindError {}

/** The caller's AbortSignal ended a long task; whatever was already saved stays valid. */
export class CancelledError extends ResidualBindError {}
