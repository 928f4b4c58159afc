/**
 * Student's t distribution: two-sided p values, with a relative error below 1e-11 even in the far tail, and
 * quantiles. It is our own, since small libraries fail there (they return 0 or NaN for |t| > 8, or are off by
 * 1e-7) and accurate ones install 200 packages. `test/student-t.test.ts` compares it with values of 25
 * digits.
 */

/**
 * The probability of a |T| of at least |t|: the regularised incomplete beta function I_x(n/2, 1/2) at x =
 * n/(n + t²) (NIST Digital Library of Mathematical Functions, 8.17). It underflows to 0 below 5e-324.
 *
 * @param n degrees of freedom, above 0
 */
export function twoSidedTail(t: number, n: number): number {
  if (Number.isNaN(t)) return t;
  const a = n / 2;
  const root = Math.abs(t) / Math.sqrt(n);
  const x = 1 / (1 + root * root);
  const rest = 1 / (1 + 1 / (root * root));
  // x^a (1 - x)^(1/2) / B(a, 1/2), the logarithm of x by a form that does not overflow.
  const log = root < 1e8 ? Math.log1p(root * root) : 2 * Math.log(root);
  const front = (Math.exp(-a * log) * gammaRatio(a) * Math.sqrt(rest)) / SQRT_PI;
  return x < (a + 1) / (a + 2.5)
    ? (front / a) * betaFraction(x, a, 0.5)
    : 1 - 2 * front * betaFraction(rest, 0.5, a);
}

/**
 * The t below which a share `level` of the distribution lies, by bisection and Newton's steps on the
 * logarithm of the tail.
 *
 * @param level 0 to 1; ±Infinity at the ends
 * @param n degrees of freedom, above 0
 */
export function tQuantile(level: number, n: number): number {
  if (level > 0.5) return -tQuantile(1 - level, n);
  if (level === 0.5 || Number.isNaN(level)) return level - 0.5;
  if (level === 0) return Number.NEGATIVE_INFINITY;
  const wanted = Math.log(2 * level);
  let [low, high] = [0, 1];
  while (Math.log(twoSidedTail(high, n)) > wanted) [low, high] = [high, 2 * high];
  let t = high;
  for (let step = 0; step < 200; step++) {
    const tail = twoSidedTail(t, n);
    const excess = Math.log(tail) - wanted;
    if (excess > 0) low = t;
    else high = t;
    const newton = t + (excess * tail) / (2 * density(t, n));
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= Number.EPSILON * t) break;
    t = next;
  }
  return -t;
}

const SQRT_PI = Math.sqrt(Math.PI);

const density = (t: number, n: number): number =>
  (Math.exp(-((n + 1) / 2) * Math.log1p((t * t) / n)) * gammaRatio(n / 2)) / (SQRT_PI * Math.sqrt(n));

/** Γ(a + 1/2) / Γ(a): Stirling's series at 20 or more, and the recurrence of Γ below. */
function gammaRatio(a: number): number {
  let factor = 1;
  for (; a < 20; a++) factor *= a / (a + 0.5);
  const s = 1 / (a * a);
  const series = -1 / 8 + s * (1 / 192 + s * (-1 / 640 + s * (17 / 14336 - (s * 31) / 18432)));
  return factor * Math.sqrt(a) * Math.exp(series / a);
}

/**
 * The continued fraction of I_x(a, b) behind its front factor (DLMF 8.17.22), by Lentz's method. Fast for x <
 * (a + 1)/(a + b + 2).
 */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / (1 + term * d);
      c = 1 + term / c;
      change = c * d;
      value *= change;
    }
    if (Math.abs(change - 1) < Number.EPSILON) break;
  }
  return value;
}
