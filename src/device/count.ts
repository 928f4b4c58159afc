/** Numbers of things in sentences: messages of every floor use it, so it stands on the lowest. */

/** `1 letter`, `2 letters`, `4,096 letters`; a plural other than with s is given. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
