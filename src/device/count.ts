/** Numbers of things in sentences. It is on the lowest floor, because messages of every floor use it. */

/** `1 letter`, `2 letters`, `4,096 letters`. Give the plural if it does not end in s. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
