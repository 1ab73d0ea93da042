/** Whether a class derives from another one, also through others. */
export function derives(one: abstract new (payload: never) => object, base: abstract new (payload: never) => object): boolean {
  return one.prototype instanceof base;
}
